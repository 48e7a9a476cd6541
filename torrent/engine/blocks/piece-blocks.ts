import { BLOCK, type Block } from './block.ts'

interface Asked {
  of: string[]
  /** When it was asked of each of them. */
  sent: number[]
  due: number
}

export interface Owed {
  readonly index: number
  readonly of: readonly string[]
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
  doubled = 0
  /** Who delivered each block. */
  readonly #from: (string | undefined)[]
  readonly #everAsked = new Set<string>()
  readonly #asked = new Map<number, Asked>()
  #missing: number
  #next = 0

  constructor(piece: number, size: number) {
    this.piece = piece
    this.size = size
    this.count = Math.ceil(size / BLOCK)
    this.#from = new Array(this.count)
    this.#missing = this.count
  }

  get full(): boolean {
    return this.#missing === 0
  }

  /** No byte of it is here. */
  get cold(): boolean {
    return this.#missing === this.count
  }

  get untouched(): boolean {
    return this.cold && this.#asked.size === 0
  }

  /** So many requests at most are made twice while a viewer waits for this piece. */
  get mostDoubled(): number {
    return Math.max(8, this.count / 2)
  }

  get anyOwed(): boolean {
    return this.#asked.size > 0
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

  isHere(index: number): boolean {
    return this.#from[index] !== undefined
  }

  /** The first block neither here nor asked for, or -1. */
  nextFree(): number {
    while (this.#next < this.count) {
      if (!this.isHere(this.#next) && !this.#asked.has(this.#next)) return this.#next
      this.#next++
    }
    return -1
  }

  /** The blocks neither here nor asked for, in order. */
  *free(): Iterable<number> {
    for (let index = this.nextFree(); index >= 0 && index < this.count; index++) {
      if (!this.isHere(index) && !this.#asked.has(index)) yield index
    }
  }

  ask(index: number, peer: string, now: number, due: number): void {
    this.#everAsked.add(peer)
    const asked = this.#asked.get(index)
    if (!asked) {
      this.#asked.set(index, { of: [peer], sent: [now], due })
      return
    }
    this.doubled++
    asked.of.push(peer)
    asked.sent.push(now)
  }

  wasAsked(peer: string): boolean {
    return this.#everAsked.has(peer)
  }

  /** Answers whether it was asked of that peer. */
  unask(index: number, peer: string): boolean {
    const asked = this.#asked.get(index)
    const at = asked?.of.indexOf(peer) ?? -1
    if (!asked || at < 0) return false
    asked.of.splice(at, 1)
    asked.sent.splice(at, 1)
    if (asked.of.length === 0) {
      this.#asked.delete(index)
      this.#next = Math.min(this.#next, index)
    }
    return true
  }

  sentAt(index: number, peer: string): number | undefined {
    const asked = this.#asked.get(index)
    const at = asked?.of.indexOf(peer) ?? -1
    return at < 0 ? undefined : asked?.sent[at]
  }

  askedOf(index: number): readonly string[] {
    return this.#asked.get(index)?.of ?? []
  }

  put(index: number, from: string): void {
    this.#asked.delete(index)
    if (!this.isHere(index)) this.#missing--
    this.#from[index] = from
  }

  owed(): readonly Owed[] {
    return [...this.#asked].map(([index, a]) => ({
      index,
      of: [...a.of],
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

  owedBy(peer: string): readonly number[] {
    const owed: number[] = []
    for (const [index, a] of this.#asked) if (a.of.includes(peer)) owed.push(index)
    return owed
  }
}
