/** Memory for pieces being put together, of the whole process: however many torrents and viewers. */
export interface PieceBudget {
  share(): PieceShare
}

export interface PieceShare {
  /** Bytes that this torrent may use now; less while others use theirs. */
  readonly bytes: number
  /** Whether it fetches anything: what only gives to others needs no share. */
  use(on: boolean): void
}

/** @param total bytes that all shares come to together */
export function createPieceBudget(total: number): PieceBudget {
  const inUse = new Set<PieceShare>()
  return {
    share() {
      const share: PieceShare = {
        get bytes() {
          return total / (inUse.has(share) ? inUse.size : inUse.size + 1)
        },
        use(on) {
          if (on) inUse.add(share)
          else inUse.delete(share)
        },
      }
      return share
    },
  }
}

/** A film goes on with two pieces: the one that is played and the next. */
const MIN_PIECES = 2
const MAX_PIECES = 256

/** How many pieces may be put together at once. */
export function piecesWithin({ bytes }: Pick<PieceShare, 'bytes'>, pieceLength: number): number {
  return Math.min(MAX_PIECES, Math.max(MIN_PIECES, Math.floor(bytes / pieceLength)))
}
