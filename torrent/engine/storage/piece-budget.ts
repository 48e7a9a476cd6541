/** Even a film of long pieces needs two: the one being played and the next. */
const MIN_PIECES = 2
const MAX_PIECES = 256
/** Pieces up to this length always get their two. */
const USUAL_BYTES = 16 << 20
/** For the longer pieces of all torrents together: two of the longest that are accepted. */
const LARGE_BYTES = 256 << 20

/** What one torrent may use of the memory for pieces. */
export interface PieceShare {
  /** Bytes for pieces of a usual length; less while others use theirs. */
  readonly bytes: number
  /**
   * How many pieces of this length may be in progress at once. For large pieces memory is taken here,
   * until release(); 0 while others have it all.
   */
  pieces(pieceLength: number): number
  /** Whether the torrent fetches pieces: one that only uploads needs no share. */
  use(on: boolean): void
  /** None of its pieces is in progress any more. */
  release(): void
}

/** Memory for the pieces in progress of the whole process, shared by its torrents. */
export class PieceBudget {
  readonly #usual: number
  readonly #large: number
  readonly #inUse = new Set<PieceShare>()
  /** Bytes taken for large pieces. */
  readonly #taken = new Map<PieceShare, number>()
  /** Those who got nothing for their large pieces, and how to tell them. */
  readonly #waiting = new Map<PieceShare, () => void>()

  /**
   * @param usual bytes of all shares together
   * @param large bytes for pieces over 16 MiB, of all torrents together
   */
  constructor(usual: number, large = LARGE_BYTES) {
    this.#usual = usual
    this.#large = large
  }

  /** @param freed called when there may be memory for large pieces that it did not get before */
  share(freed: () => void): PieceShare {
    const [budget, inUse] = [this, this.#inUse]
    const share: PieceShare = {
      get bytes() {
        return budget.#usual / (inUse.has(share) ? inUse.size : inUse.size + 1)
      },
      pieces: (pieceLength) =>
        pieceLength <= USUAL_BYTES
          ? Math.min(MAX_PIECES, Math.max(MIN_PIECES, Math.floor(share.bytes / pieceLength)))
          : this.#largePieces(share, pieceLength, freed),
      use: (on) => void (on ? inUse.add(share) : inUse.delete(share)),
      release: () => this.#release(share),
    }
    return share
  }

  #largePieces(share: PieceShare, pieceLength: number, freed: () => void): number {
    const own = this.#taken.get(share)
    if (own !== undefined) return own / pieceLength
    const taken = [...this.#taken.values()].reduce((sum, bytes) => sum + bytes, 0)
    const count = Math.min(MIN_PIECES, Math.floor((this.#large - taken) / pieceLength))
    if (count > 0) this.#taken.set(share, count * pieceLength)
    if (count > 0) this.#waiting.delete(share)
    else this.#waiting.set(share, freed)
    return count
  }

  #release(share: PieceShare): void {
    this.#waiting.delete(share)
    if (!this.#taken.delete(share)) return
    for (const freed of [...this.#waiting.values()]) freed()
  }
}
