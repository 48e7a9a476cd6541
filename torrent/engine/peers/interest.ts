/** What a peer has and what we have. */
export interface PiecesOfBoth {
  readonly count: number
  theirs(piece: number): boolean
  ours(piece: number): boolean
}

/**
 * Whether a peer has a piece that we lack, and so is told that we are interested (BEP 3). A super-seeder
 * (BEP 16) shows pieces only to who is not interested as long as there is nothing to be had.
 * A torrent has up to 500,000 pieces, and a peer tells of each of them, again and again if it likes: all
 * are looked at only when many have changed, or the one that was the reason has come.
 */
export class Interest {
  readonly #tell: (interested: boolean) => void
  #told = false
  /** A piece that it has and we lack. */
  #reason = 0

  /** @param tell sends the peer that we are interested, or that we are not any more */
  constructor(tell: (interested: boolean) => void) {
    this.#tell = tell
  }

  /** The peer has this piece now, or we have it, or either has it no more. */
  pieceChanged(piece: number, pieces: PiecesOfBoth): void {
    const isReason = pieces.theirs(piece) && !pieces.ours(piece)
    if (isReason && !this.#told) {
      this.#reason = piece
      this.set(true)
    } else if (!isReason && this.#told && piece === this.#reason) this.piecesChanged(pieces)
  }

  /** Any of them may have changed. */
  piecesChanged({ count, theirs, ours }: PiecesOfBoth): void {
    for (let i = 0; i < count; i++) {
      const piece = (this.#reason + i) % count
      if (!theirs(piece) || ours(piece)) continue
      this.#reason = piece
      this.set(true)
      return
    }
    this.set(false)
  }

  /** For as long as the number of pieces is not known. */
  set(interested: boolean): void {
    if (interested === this.#told) return
    this.#told = interested
    this.#tell(interested)
  }
}
