import type { Owed, PieceBlocks } from '../blocks/piece-blocks.ts'
import type { Peer, Roster } from '../peers/roster.ts'
import type { Needs } from './needs.ts'
import type { PiecesUnderWay } from './pieces-under-way.ts'

export interface BlockChoice {
  /** The next free block for a peer; those nobody should wait for begin away from the viewers. */
  next(peer: Peer, needs: Needs): { blocks: PieceBlocks; index: number } | undefined
  /** Blocks near a reader that should be here by now and were asked of one peer only. */
  late(needs: Needs, now: number): Iterable<{ blocks: PieceBlocks; owed: Owed }>
  /** What is asked for outside of these pieces. */
  askedOutside(wanted: ReadonlySet<number>): Iterable<{ blocks: PieceBlocks; owed: Owed }>
}

const LATE_FACTOR = 1.5
const LATE_EXTRA_MS = 40

/** Which block comes next, looking at what is wanted, what is under way and who is there. */
export function createBlockChoice(roster: Roster, pieces: PiecesUnderWay): BlockChoice {
  function isLate({ of, sentAt, due }: Owed, now: number): boolean {
    return of.length === 1 && now > sentAt + (due - sentAt) * LATE_FACTOR + LATE_EXTRA_MS
  }

  return {
    next(peer, needs) {
      const { order, urgent } = needs
      const standing = roster.standing(peer)
      const others = standing === 'quick' ? [] : roster.quick()
      const n = order.length
      for (let i = 0; i < n; i++) {
        const at = standing === 'slow' ? n - 1 - i : standing === 'new' ? (urgent + i) % n : i
        const piece = order[at] as number
        if (!pieces.mayAsk(peer, piece)) continue
        if (at < urgent && others.some((p) => pieces.mayAsk(p, piece))) continue
        const blocks = pieces.begin(piece)
        if (blocks.checking) continue
        const index = blocks.nextFree()
        if (index >= 0) return { blocks, index }
      }
      return undefined
    },
    *late(needs, now) {
      for (const piece of needs.order.slice(0, needs.urgent)) {
        const blocks = pieces.get(piece)
        if (!blocks || blocks.checking) continue
        for (const owed of blocks.owed()) if (isLate(owed, now)) yield { blocks, owed }
      }
    },
    *askedOutside(wanted) {
      for (const blocks of pieces.all()) {
        if (wanted.has(blocks.piece)) continue
        for (const owed of blocks.owed()) yield { blocks, owed }
      }
    },
  }
}
