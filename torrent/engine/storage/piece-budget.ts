/** Memory for the pieces in progress of the whole process, shared by its torrents. */
export interface PieceBudget {
  share(): PieceShare
}

export interface PieceShare {
  /** Bytes that this torrent may use now; less while others use theirs. */
  readonly bytes: number
  /** Whether the torrent fetches pieces: one that only uploads needs no share. */
  use(on: boolean): void
}

/** @param total bytes of all shares together */
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

/** Even a film of large pieces needs two: the one being played and the next. */
const MIN_PIECES = 2
const MAX_PIECES = 256

/** How many pieces of this length may be in progress at once. */
export function piecesWithin({ bytes }: Pick<PieceShare, 'bytes'>, pieceLength: number): number {
  return Math.min(MAX_PIECES, Math.max(MIN_PIECES, Math.floor(bytes / pieceLength)))
}
