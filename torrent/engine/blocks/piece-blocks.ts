import { BLOCK, type Block } from './block.ts'

interface Requested {
  from: string[]
  /** When it was asked of each of them. */
  sent: number[]
  due: number
}

export interface PendingBlock {
  readonly index: number
  readonly from: readonly string[]
  /** When it was asked of the first peer, and when it was expected. */
  readonly sentAt: number
  readonly due: number
}

/** Who delivered which block of a bad piece; compared with the good one when it has come. */
export interface Contribution {
  readonly peer: string
  readonly block: Block
}

/** One piece on its way: which of its blocks are here, which are asked of whom. */
export class PieceBlocks {
  readonly piece: number
  readonly size: number
  readonly count: number
  /** Every block is here and the hash is being looked at. */
  checking = false
  /** Requests for blocks that somebody else was asked for too. */
  duplicates = 0
  /** Who delivered each block. */
  readonly #from: (string | undefined)[]
  readonly #everRequestedFrom = new Set<string>()
  readonly #requested = new Map<number, Requested>()
  #missing: number
  #next = 0

  constructor(piece: number, size: number) {
    this.piece = piece
    this.size = size
    this.count = Math.ceil(size / BLOCK)
    this.#from = new Array(this.count)
    this.#missing = this.count
  }

  get isComplete(): boolean {
    return this.#missing === 0
  }

  /** No byte of it is here. */
  get isEmpty(): boolean {
    return this.#missing === this.count
  }

  get isUntouched(): boolean {
    return this.isEmpty && this.#requested.size === 0
  }

  /** So many requests at most are made twice while a viewer waits for this piece. */
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

  /** Whether a block that a peer sent is one of ours, to the byte. */
  fits(block: Block): boolean {
    const index = block.offset / BLOCK
    if (!Number.isInteger(index) || index < 0 || index >= this.count) return false
    return this.block(index).length === block.length
  }

  has(index: number): boolean {
    return this.#from[index] !== undefined
  }

  /** The first block neither here nor asked for, or -1. */
  nextFree(): number {
    while (this.#next < this.count) {
      if (!this.has(this.#next) && !this.#requested.has(this.#next)) return this.#next
      this.#next++
    }
    return -1
  }

  /** The blocks neither here nor asked for, in order. */
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

  wasRequestedFrom(peer: string): boolean {
    return this.#everRequestedFrom.has(peer)
  }

  /** Answers whether it was asked of that peer. */
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
