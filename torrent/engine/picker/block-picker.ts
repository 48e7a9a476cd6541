import type { PendingBlock, PieceBlocks } from '../blocks/piece-blocks.ts'
import type { Peer, PeerSet } from '../peers/peer-set.ts'
import type { PiecesInProgress } from './pieces-in-progress.ts'
import type { Priorities } from './priorities.ts'

export interface BlockPicker {
  /** The next free block for a peer; those nobody should wait for begin away from the viewers. */
  next(peer: Peer, priorities: Priorities): { blocks: PieceBlocks; index: number } | undefined
  /** Blocks near a reader that should be here by now and were asked of one peer only. */
  late(
    priorities: Priorities,
    now: number,
  ): Iterable<{ blocks: PieceBlocks; pending: PendingBlock }>
  /** What is asked for outside of these pieces. */
  pendingOutside(
    wanted: ReadonlySet<number>,
  ): Iterable<{ blocks: PieceBlocks; pending: PendingBlock }>
}

const LATE_FACTOR = 1.5
const LATE_EXTRA_MS = 40

/** Which block comes next, looking at what is wanted, what is under way and who is there. */
export function createBlockPicker(peers: PeerSet, pieces: PiecesInProgress): BlockPicker {
  function isLate({ from, sentAt, due }: PendingBlock, now: number): boolean {
    return from.length === 1 && now > sentAt + (due - sentAt) * LATE_FACTOR + LATE_EXTRA_MS
  }

  return {
    next(peer, priorities) {
      const { order, urgent } = priorities
      const speedClass = peers.speedClass(peer)
      const others = speedClass === 'fast' ? [] : peers.fast()
      const n = order.length
      for (let i = 0; i < n; i++) {
        const at = speedClass === 'slow' ? n - 1 - i : speedClass === 'new' ? (urgent + i) % n : i
        const piece = order[at] as number
        if (!pieces.mayRequest(peer, piece)) continue
        if (at < urgent && others.some((p) => pieces.mayRequest(p, piece))) continue
        const blocks = pieces.begin(piece)
        if (blocks.checking) continue
        const index = blocks.nextFree()
        if (index >= 0) return { blocks, index }
      }
      return undefined
    },
    *late(priorities, now) {
      for (const piece of priorities.order.slice(0, priorities.urgent)) {
        const blocks = pieces.get(piece)
        if (!blocks || blocks.checking) continue
        for (const pending of blocks.pending()) if (isLate(pending, now)) yield { blocks, pending }
      }
    },
    *pendingOutside(wanted) {
      for (const blocks of pieces.all()) {
        if (wanted.has(blocks.piece)) continue
        for (const pending of blocks.pending()) yield { blocks, pending }
      }
    },
  }
}
