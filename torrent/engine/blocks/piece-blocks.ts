import { BLOCK, type Block } from './block.ts'

interface Requested {
  /** Peers that were asked for it. */
  from: string[]
  /** When each of them was asked, in the same order. */
  sent: number[]
  due: number
}

/** A block that was requested and has not come. Times in steady milliseconds. */
export interface PendingBlock {
  readonly index: number
  /** Peers that were asked for it. */
  readonly from: readonly string[]
  /** When the first of them was asked, and when the block was expected then. */
  readonly sentAt: number
  readonly due: number
}

/** Who sent which block of a piece whose hash failed. */
export interface Contribution {
  readonly peer: string
  readonly block: Block
}

/** One piece in progress: which of its blocks are here, and which were requested from whom. */
export class PieceBlocks {
  readonly piece: number
  readonly size: number
  readonly count: number
  /** Every block is here and the piece is being hashed. */
  checking = false
  /** Requests for blocks that another peer was asked for as well. */
  duplicates = 0
  /** Who sent each block. */
  readonly #from: (string | undefined)[]
  readonly #everRequestedFrom = new Set<string>()
  readonly #requested = new Map<number, Requested>()
  #missing: number
  /** Every block before this one is here or requested. */
  #next = 0

  constructor(piece: number, size: number) {
    this.piece = piece
    this.size = size
    this.count = Math.ceil(size / BLOCK)
    this.#from = new Array(this.count)
    this.#missing = this.count
  }

  /** Blocks that are not here. */
  get missing(): number {
    return this.#missing
  }

  get isComplete(): boolean {
    return this.#missing === 0
  }

  /** A block is neither here nor requested. */
  get hasFree(): boolean {
    return !this.checking && this.nextFree() >= 0
  }

  get isEmpty(): boolean {
    return this.#missing === this.count
  }

  /** Nothing of it is here, and nothing is requested. */
  get isUntouched(): boolean {
    return this.isEmpty && this.#requested.size === 0
  }

  /** Most requests to duplicate while a viewer waits for this piece. */
  get maxDuplicates(): number {
    return Math.max(8, this.count / 2)
  }

  get hasPending(): boolean {
    return this.#requested.size > 0
  }

  block(index: number): Block {
    const offset = index * BLOCK
    return { piece: this.piece, offset, length: Math.min(BLOCK, this.size - offset) }
  }

  /** Whether offset and length are those of one of its blocks. */
  fits(block: Block): boolean {
    const index = block.offset / BLOCK
    if (!Number.isInteger(index) || index < 0 || index >= this.count) return false
    return this.block(index).length === block.length
  }

  has(index: number): boolean {
    return this.#from[index] !== undefined
  }

  /** The first block that is neither here nor requested, or -1. */
  nextFree(): number {
    while (this.#next < this.count) {
      if (!this.has(this.#next) && !this.#requested.has(this.#next)) return this.#next
      this.#next++
    }
    return -1
  }

  /** The blocks that are neither here nor requested, in order. */
  *freeBlocks(): Iterable<number> {
    for (let index = this.nextFree(); index >= 0 && index < this.count; index++) {
      if (!this.has(index) && !this.#requested.has(index)) yield index
    }
  }

  request(index: number, peer: string, now: number, due: number): void {
    this.#everRequestedFrom.add(peer)
    const requested = this.#requested.get(index)
    if (!requested) {
      this.#requested.set(index, { from: [peer], sent: [now], due })
      return
    }
    this.duplicates++
    requested.from.push(peer)
    requested.sent.push(now)
  }

  /** Whether this peer was ever asked for a block of the piece. */
  wasRequestedFrom(peer: string): boolean {
    return this.#everRequestedFrom.has(peer)
  }

  /** Forgets a request; answers whether there was one. */
  unrequest(index: number, peer: string): boolean {
    const requested = this.#requested.get(index)
    const at = requested?.from.indexOf(peer) ?? -1
    if (!requested || at < 0) return false
    requested.from.splice(at, 1)
    requested.sent.splice(at, 1)
    if (requested.from.length === 0) {
      this.#requested.delete(index)
      this.#next = Math.min(this.#next, index)
    }
    return true
  }

  sentAt(index: number, peer: string): number | undefined {
    const requested = this.#requested.get(index)
    const at = requested?.from.indexOf(peer) ?? -1
    return at < 0 ? undefined : requested?.sent[at]
  }

  requestedFrom(index: number): readonly string[] {
    return this.#requested.get(index)?.from ?? []
  }

  receive(index: number, from: string): void {
    this.#requested.delete(index)
    if (!this.has(index)) this.#missing--
    this.#from[index] = from
  }

  pending(): readonly PendingBlock[] {
    return [...this.#requested].map(([index, a]) => ({
      index,
      from: [...a.from],
      sentAt: a.sent[0] ?? 0,
      due: a.due,
    }))
  }

  contributions(): readonly Contribution[] {
    const all: Contribution[] = []
    this.#from.forEach((peer, index) => {
      if (peer !== undefined) all.push({ peer, block: this.block(index) })
    })
    return all
  }

  pendingFrom(peer: string): readonly number[] {
    const pending: number[] = []
    for (const [index, a] of this.#requested) if (a.from.includes(peer)) pending.push(index)
    return pending
  }
}
