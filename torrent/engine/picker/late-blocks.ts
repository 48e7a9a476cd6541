import type { PendingBlock, PieceBlocks } from '../blocks/piece-blocks.ts'
import type { Peer, PeerSet } from '../peers/peer-set.ts'
import type { PendingOfPiece } from './block-picker.ts'
import type { PiecesInProgress } from './pieces-in-progress.ts'
import type { Priorities } from './priorities.ts'
import { expectedAt } from './time-critical-picker.ts'

type Request = (peer: Peer, blocks: PieceBlocks, index: number, now: number) => void

/** A block is late at so many times its expected time, and a little more. */
const LATE_FACTOR = 1.5
const LATE_EXTRA_MS = 40
/** From then on it is asked for again whatever it costs: the peer has become far slower than it was. */
const VERY_LATE_FACTOR = 3
const VERY_LATE_EXTRA_MS = 2500
/** Who takes longer for a block than this, and than another by so much, only holds it up. */
const SLOW_MS = 2000
const SLOW_FACTOR = 4
const MAX_DUPLICATES_PER_TICK = 32
/**
 * Of the blocks that come, so many may be asked for twice. Where all peers share a line, every block is
 * late now and then, and what comes twice takes the line from what the viewer needs next.
 */
const DUPLICATE_SHARE = 0.015
const MOST_SAVED = 8

/** Asks for urgent blocks again that are late, of another peer (docs/decisions/0006). */
export class LateBlocks {
  readonly #peers: PeerSet
  readonly #pieces: PiecesInProgress
  readonly #request: Request
  /** Blocks that may be asked for twice now. */
  #budget = MOST_SAVED

  /** @param request asks a peer for a block */
  constructor(peers: PeerSet, pieces: PiecesInProgress, request: Request) {
    this.#peers = peers
    this.#pieces = pieces
    this.#request = request
  }

  /** To be called for each block that comes. */
  received(): void {
    this.#budget = Math.min(MOST_SAVED, this.#budget + DUPLICATE_SHARE)
  }

  /** To be called at each tick. Late blocks are asked of the peer that would deliver them first. */
  requestAgain(priorities: Priorities, now: number): void {
    let duplicates = 0
    for (const { blocks, pending } of this.#late(priorities, now)) {
      const isFarOff = isSlow(pending, now)
      const mustCome = isFarOff || this.#isGivenUp(pending, now)
      if (!mustCome && this.#budget < 1) continue
      const able = (p: Peer): boolean =>
        !pending.from.includes(p.id) && this.#pieces.mayRequest(p, blocks.piece)
      const peer = this.#peers.fastest(able, now)
      // Where all peers are slow, another one would only send the same bytes no sooner.
      const least = isFarOff ? SLOW_FACTOR : 1
      const waitMs = expectedAt(pending.due, now) - now
      if (!peer || (peer.pipeline.eta(now) - now) * least > waitMs) continue
      this.#request(peer, blocks, pending.index, now)
      if (!mustCome) this.#budget--
      if (++duplicates >= MAX_DUPLICATES_PER_TICK) return
    }
  }

  /** Urgent blocks that should be here by now, or will not be for long, and were asked of one peer only. */
  *#late(priorities: Priorities, now: number): Iterable<PendingOfPiece> {
    for (const piece of priorities.order.slice(0, priorities.urgent)) {
      const blocks = this.#pieces.get(piece)
      if (!blocks || blocks.checking) continue
      for (const pending of blocks.pending()) {
        if (pending.from.length !== 1) continue
        const isDue = isLate(pending, now, LATE_FACTOR, LATE_EXTRA_MS)
        if (isDue || isSlow(pending, now)) yield { blocks, pending }
      }
    }
  }

  /** Its peer sends nothing, or nearly nothing, so most likely it comes once all the same. */
  #isGivenUp(pending: PendingBlock, now: number): boolean {
    const stalled = (id: string): boolean => this.#peers.get(id)?.pipeline.stalled ?? true
    return isLate(pending, now, VERY_LATE_FACTOR, VERY_LATE_EXTRA_MS) || pending.from.every(stalled)
  }
}

const isSlow = ({ due }: PendingBlock, now: number): boolean => due > now + SLOW_MS

function isLate({ sentAt, due }: PendingBlock, now: number, factor: number, extraMs: number) {
  return now > sentAt + (due - sentAt) * factor + extraMs
}
