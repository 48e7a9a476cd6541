import type { Owed, PieceBlocks } from '../blocks/piece-blocks.ts'
import type { Peer, Roster } from '../peers/roster.ts'
import type { PiecesUnderWay } from './pieces-under-way.ts'

/** A peer that has answered before is not overtaken for less than this. */
const MARGIN_MS = 40
/** How much sooner those are overtaken of whom nobody knows whether they answer. */
const UNPROVEN_MS = 200

export interface Landings {
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
export function createLandings(
  roster: Roster,
  pieces: PiecesUnderWay,
  ask: (peer: Peer, blocks: PieceBlocks, index: number, now: number) => void,
): Landings {
  /**
   * Who would bring which block first is decided for all of them, but a peer is asked for no more than
   * keeps its line busy: what it turns out to be able to do, it is asked for then.
   */
  function share(blocks: PieceBlocks, now: number): void {
    const later = new Map<Peer, number>()
    const able = (p: Peer): boolean => pieces.mayAsk(p, blocks.piece)
    const promised = (p: Peer): number => later.get(p) ?? 0
    const anyRoom = (): boolean =>
      roster.fastest((p) => p.pace.canSend && able(p), now) !== undefined
    // Promises count for who is asked after them: where nobody has room they are made for nothing.
    let room = anyRoom()
    for (const index of blocks.free()) {
      if (!room) return
      const peer = roster.fastest(able, now, promised)
      if (!peer) return
      if (peer.pace.canSend) {
        ask(peer, blocks, index, now)
        room = anyRoom()
      } else later.set(peer, promised(peer) + 1)
    }
  }

  const isProven = (id: string): boolean => roster.get(id)?.pace.proven ?? false
  /** What is late is expected to stay away as long again. */
  const expected = (due: number, now: number): number => (due > now ? due : now + (now - due))

  /** Whom nobody has seen answer may never do it: who has, is asked too. */
  function isWorthIt(peer: Peer, owed: Owed, now: number): boolean {
    const ownersProven = owed.of.some(isProven)
    if (owed.of.length >= (ownersProven ? 2 : 3)) return false
    if (!ownersProven && isProven(peer.id)) return true
    return peer.pace.eta(now) + (ownersProven ? MARGIN_MS : 0) < expected(owed.due, now)
  }

  /** Latest first. What comes twice is wasted, so there is a bound to it. */
  function overtake(blocks: PieceBlocks, now: number): void {
    if (blocks.nextFree() >= 0) return
    const lateness = ({ of, due }: Owed): number =>
      expected(due, now) + (of.some(isProven) ? 0 : UNPROVEN_MS)
    const owed = [...blocks.owed()].sort((a, b) => lateness(b) - lateness(a))
    for (const one of owed) {
      if (blocks.doubled >= blocks.mostDoubled) return
      const able = (p: Peer): boolean =>
        p.pace.canSend && !one.of.includes(p.id) && pieces.mayAsk(p, blocks.piece)
      const peer = roster.fastest(able, now)
      if (peer && isWorthIt(peer, one, now)) ask(peer, blocks, one.index, now)
    }
  }

  return {
    fill(landings, now) {
      for (const piece of landings) {
        const blocks = pieces.begin(piece)
        if (blocks.checking) continue
        share(blocks, now)
        overtake(blocks, now)
      }
    },
  }
}
