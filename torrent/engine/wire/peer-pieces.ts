import { Bitfield } from '../../../common/bittorrent/bitfield.ts'

/**
 * "Have" messages that are kept while the number of pieces is unknown; further ones are ignored.
 */
const MAX_EARLY_HAVES = 10_000

/**
 * Which pieces a peer has (BEP 3, BEP 6). Until we have the metadata the number of pieces is
 * unknown: what the peer says before is kept, and checked when `setPieceCount` is called.
 */
export class PeerPieces {
  #all = false
  #pieces: Bitfield | undefined
  #unchecked: Buffer | undefined
  #earlyHaves: number[] = []

  has(piece: number): boolean {
    return this.#all || this.#pieces?.has(piece) === true
  }

  /** Every piece of the torrent. */
  get isComplete(): boolean {
    return this.#all || this.#pieces?.complete === true
  }

  /** It has said nothing yet that it has, or that it has nothing. */
  get isEmpty(): boolean {
    if (this.#all || this.#earlyHaves.length > 0) return false
    return this.#pieces ? this.#pieces.count === 0 : !this.#unchecked?.some((byte) => byte !== 0)
  }

  haveAll(): void {
    this.#all = true
  }

  /** Answers whether this is new to us. Numbers outside of the torrent are ignored. */
  have(piece: number): boolean {
    if (this.#all) return false
    if (this.#pieces) return this.#pieces.set(piece)
    if (this.#earlyHaves.length < MAX_EARLY_HAVES) this.#earlyHaves.push(piece)
    return false
  }

  /**
   * Replaces what was known. False when its length is wrong: BEP 3 says to close the connection.
   */
  bitfield(bytes: Buffer): boolean {
    if (!this.#pieces) {
      this.#unchecked = Buffer.from(bytes)
      return true
    }
    if (bytes.length !== this.#pieces.bytes.length) return false
    this.#pieces = new Bitfield(this.#pieces.length, bytes)
    return true
  }

  /**
   * Call when the metadata is known. False when the bitfield that the peer sent has another length.
   */
  setPieceCount(pieceCount: number): boolean {
    if (this.#pieces) return true
    const unchecked = this.#unchecked
    this.#pieces = new Bitfield(pieceCount, unchecked)
    for (const piece of this.#earlyHaves) this.#pieces.set(piece)
    this.#unchecked = undefined
    this.#earlyHaves = []
    return unchecked === undefined || unchecked.length === this.#pieces.bytes.length
  }
}
