import { Bitfield } from '../../../common/bittorrent/bitfield.ts'

/** Pieces a peer may say it has, one by one, before their number is known; more are forgotten. */
const MAX_EARLY_HAVES = 10_000

/** What a peer has; what it says before the number of pieces is known gets its meaning afterwards. */
export class PeerPieces {
  #all = false
  #known: Bitfield | undefined
  #said: Buffer | undefined
  #early: number[] = []

  has(piece: number): boolean {
    return this.#all || this.#known?.has(piece) === true
  }

  haveAll(): void {
    this.#all = true
  }

  /** Answers whether it was news. A piece that does not exist is none. */
  have(piece: number): boolean {
    if (this.#all) return false
    if (this.#known) return this.#known.set(piece)
    if (this.#early.length < MAX_EARLY_HAVES) this.#early.push(piece)
    return false
  }

  /** False when its length is wrong (BEP 3: the connection is to be dropped). */
  bitfield(bytes: Buffer): boolean {
    if (!this.#known) {
      this.#said = Buffer.from(bytes)
      return true
    }
    if (bytes.length !== this.#known.bytes.length) return false
    this.#known = new Bitfield(this.#known.length, bytes)
    return true
  }

  /** The number of pieces is known. False when the peer's bitfield does not fit it. */
  setPieceCount(pieceCount: number): boolean {
    if (this.#known) return true
    const said = this.#said
    this.#known = new Bitfield(pieceCount, said)
    for (const piece of this.#early) this.#known.set(piece)
    this.#said = undefined
    this.#early = []
    return said === undefined || said.length === this.#known.bytes.length
  }
}
