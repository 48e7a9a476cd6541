import type { PendingBlock, PieceBlocks } from '../blocks/piece-blocks.ts'
import type { Peer, PeerSet } from '../peers/peer-set.ts'
import type { PiecesInProgress } from './pieces-in-progress.ts'

/** A peer that has answered before is not overtaken for less than this. */
const MARGIN_MS = 40
/** How much sooner those are overtaken of whom nobody knows whether they answer. */
const UNTRIED_MS = 200

export interface TimeCriticalPicker {
  /**
   * Shares the blocks of these pieces among all peers, each to the one that would bring it first;
   * those asked for already are asked again of a peer that would bring them sooner.
   */
  fill(pieces: readonly number[], now: number): void
}

/**
 * Where a viewer waits after a start or a jump: one piece must be whole before a byte can be shown, so
 * its last block counts, and every peer works on it.
 * @param ask asks a peer for a block
 */
export function createTimeCriticalPicker(
  peers: PeerSet,
  pieces: PiecesInProgress,
  request: (peer: Peer, blocks: PieceBlocks, index: number, now: number) => void,
): TimeCriticalPicker {
  /**
   * Who would bring which block first is decided for all of them, but a peer is asked for no more than
   * keeps its line busy: what it turns out to be able to do, it is asked for then.
   */
  function share(blocks: PieceBlocks, now: number): void {
    const later = new Map<Peer, number>()
    const able = (p: Peer): boolean => pieces.mayRequest(p, blocks.piece)
    const planned = (p: Peer): number => later.get(p) ?? 0
    const anyRoom = (): boolean =>
      peers.fastest((p) => p.pipeline.hasRoom && able(p), now) !== undefined
    // Promises count for who is asked after them: where nobody has room they are made for nothing.
    let room = anyRoom()
    for (const index of blocks.freeBlocks()) {
      if (!room) return
      const peer = peers.fastest(able, now, planned)
      if (!peer) return
      if (peer.pipeline.hasRoom) {
        request(peer, blocks, index, now)
        room = anyRoom()
      } else later.set(peer, planned(peer) + 1)
    }
  }

  const hasDelivered = (id: string): boolean => peers.get(id)?.pipeline.hasDelivered ?? false
  /** What is late is expected to stay away as long again. */
  const expected = (due: number, now: number): number => (due > now ? due : now + (now - due))

  /** Whom nobody has seen answer may never do it: who has, is asked too. */
  function isWorthIt(peer: Peer, pending: PendingBlock, now: number): boolean {
    const anyHasDelivered = pending.from.some(hasDelivered)
    if (pending.from.length >= (anyHasDelivered ? 2 : 3)) return false
    if (!anyHasDelivered && hasDelivered(peer.id)) return true
    return peer.pipeline.eta(now) + (anyHasDelivered ? MARGIN_MS : 0) < expected(pending.due, now)
  }

  /** Latest first. What comes twice is wasted, so there is a bound to it. */
  function duplicateLate(blocks: PieceBlocks, now: number): void {
    if (blocks.nextFree() >= 0) return
    const lateness = ({ from, due }: PendingBlock): number =>
      expected(due, now) + (from.some(hasDelivered) ? 0 : UNTRIED_MS)
    const pending = [...blocks.pending()].sort((a, b) => lateness(b) - lateness(a))
    for (const one of pending) {
      if (blocks.duplicates >= blocks.maxDuplicates) return
      const able = (p: Peer): boolean =>
        p.pipeline.hasRoom && !one.from.includes(p.id) && pieces.mayRequest(p, blocks.piece)
      const peer = peers.fastest(able, now)
      if (peer && isWorthIt(peer, one, now)) request(peer, blocks, one.index, now)
    }
  }

  return {
    fill(timeCritical, now) {
      for (const piece of timeCritical) {
        const blocks = pieces.begin(piece)
        if (blocks.checking) continue
        share(blocks, now)
        duplicateLate(blocks, now)
      }
    },
  }
}
