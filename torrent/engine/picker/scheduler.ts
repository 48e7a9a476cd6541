import { BLOCK, type Block } from '../blocks/block.ts'
import type { Contribution, PieceBlocks } from '../blocks/piece-blocks.ts'
import type { WirePort } from '../blocks/wire-port.ts'
import { type Peer, type PeerTraits, Roster } from '../peers/roster.ts'
import { createBlockChoice } from './block-choice.ts'
import { createLandings } from './landings.ts'
import type { Needs } from './needs.ts'
import { PiecesUnderWay } from './pieces-under-way.ts'

export interface Scheduler {
  setNeeds(needs: Needs): void
  join(peer: string, traits: PeerTraits, now: number): void
  leave(peer: string): void
  setChoked(peer: string, choked: boolean, now: number): void
  /** The peer has got more pieces, or anything else that lets it do more. */
  fill(peer: string, now: number): void
  /** Whether a block that begins to arrive from the peer is wanted of it. */
  expects(peer: string, block: Block): boolean
  /** Answers what to do with the bytes: keep them, or drop them (not wanted, or twice). */
  arrived(peer: string, block: Block, now: number): 'keep' | 'keep-and-check' | 'drop'
  /** A request came to nothing (refused, choked): the block is free again. */
  refused(peer: string, block: Block, now: number): void
  /** The piece that was handed over is good and written. */
  verified(piece: number): void
  /** The piece was bad: asked again, from one peer only when several were part of it. */
  failed(piece: number, now: number): readonly Contribution[]
  /** It is proved that the peer sent wrong bytes. */
  liar(peer: string): void
  /** Call every 50 ms or so: late blocks, silent peers. */
  tick(now: number): void
  /**
   * Pieces being put together that nobody needs any more, when there are more than `most` pieces;
   * the caller forgets their bytes.
   */
  abandon(most: number): readonly number[]
}

const MOST_DOUBLED_A_TICK = 32
/** Of refusals that come together only the first has everybody looked at anew. */
const REFUSALS_MS = 10

/**
 * Decides which peer is asked for which block (webtorrent only finds and connects them).
 * Pure: no timers, no bytes, no wires; time comes in with every call, so it can be simulated.
 */
export function createScheduler(pieceSize: (piece: number) => number, port: WirePort): Scheduler {
  const roster = new Roster()
  const pieces = new PiecesUnderWay(pieceSize)
  const choice = createBlockChoice(roster, pieces)
  const landings = createLandings(roster, pieces, ask)
  let needs: Needs = { order: [], urgent: 0, landings: [] }
  let lastRefusal = -Infinity

  function ask(peer: Peer, blocks: PieceBlocks, index: number, now: number): void {
    const due = peer.pace.eta(now)
    blocks.ask(index, peer.id, now, due)
    peer.pace.sent(now)
    port.request(peer.id, blocks.block(index))
  }

  function fillPeer(peer: Peer, now: number): void {
    if (peer.choked) return
    landings.fill(needs.landings, now)
    if (!peer.pace.hasRoomForBatch) return
    while (peer.pace.canSend) {
      const found = choice.next(peer, needs)
      if (!found) return
      ask(peer, found.blocks, found.index, now)
    }
  }

  function fillAll(now: number, except?: Peer): void {
    for (const peer of roster.byRate()) if (peer !== except) fillPeer(peer, now)
  }

  function drop(peer: Peer, why: 'silent' | 'liar'): void {
    pieces.takeBack(peer)
    roster.remove(peer.id)
    port.drop(peer.id, why)
  }

  function cancel(peer: Peer, blocks: PieceBlocks, index: number): void {
    peer.pace.cancelled(blocks.sentAt(index, peer.id) ?? -Infinity)
    port.cancel(peer.id, blocks.block(index))
  }

  /** Others that were asked for the same block need not send it. */
  function releaseOthers(blocks: PieceBlocks, index: number, from: string): void {
    for (const id of blocks.askedOf(index)) {
      const other = id === from ? undefined : roster.get(id)
      if (other) cancel(other, blocks, index)
    }
  }

  /** Blocks near a reader that come too late are asked of the peer that will deliver first. */
  function askLateAgain(now: number): void {
    let doubled = 0
    for (const { blocks, owed } of choice.late(needs, now)) {
      if (blocks.askedOf(owed.index).length !== 1) continue
      const able = (p: Peer): boolean => !owed.of.includes(p.id) && pieces.mayAsk(p, blocks.piece)
      const peer = roster.fastest(able, now)
      if (peer) ask(peer, blocks, owed.index, now)
      if (peer && ++doubled >= MOST_DOUBLED_A_TICK) return
    }
  }

  /** The piece a viewer waits for is neither here nor asked for: somebody jumped. */
  function seeked(): boolean {
    const first = needs.order[0]
    if (first === undefined) return false
    return pieces.get(first)?.untouched ?? true
  }

  /** After a seek: what is asked for and not wanted soon would only stand in the way. */
  function cancelUseless(): void {
    const wanted = new Set(needs.order.slice(0, needs.urgent))
    for (const { blocks, owed } of choice.askedOutside(wanted)) {
      for (const id of owed.of) {
        const peer = roster.get(id)
        if (!peer) continue
        cancel(peer, blocks, owed.index)
        blocks.unask(owed.index, id)
      }
    }
  }

  /** Of several contributors nobody knows who lied: the next try comes from one alone. */
  function suspect(piece: number, contributors: ReadonlySet<string>): void {
    const able = roster.byRate().filter((p) => !p.choked && p.traits.has(piece))
    const only = able.find((p) => !contributors.has(p.id)) ?? able[0]
    if (only) pieces.restrict(piece, only.id)
  }

  function arrived(id: string, block: Block, now: number): 'keep' | 'keep-and-check' | 'drop' {
    const peer = roster.get(id)
    if (!peer) return 'drop'
    const blocks = pieces.get(block.piece)
    const index = block.offset / BLOCK
    const sentAt = blocks?.sentAt(index, id)
    if (sentAt !== undefined) peer.pace.arrived(block.length, sentAt, now)
    else peer.pace.cameLate(block.length, now)
    const wanted = pieces.mayPut(id, block)
    if (blocks && wanted) {
      releaseOthers(blocks, index, id)
      blocks.put(index, id)
    } else blocks?.unask(index, id)
    const full = wanted && blocks?.full === true
    if (full) blocks.checking = true
    fillPeer(peer, now)
    if (!wanted) return 'drop'
    return full ? 'keep-and-check' : 'keep'
  }

  function refused(id: string, block: Block, now: number): void {
    const peer = roster.get(id)
    const blocks = pieces.get(block.piece)
    if (!peer) return
    if (!blocks?.unask(block.offset / BLOCK, id)) {
      peer.pace.cleared(now)
      return
    }
    peer.pace.freed()
    // It is asked again at the next tick only: whoever refuses everything must not keep us busy.
    if (now - lastRefusal < REFUSALS_MS) return
    lastRefusal = now
    fillAll(now, peer)
  }

  function failed(piece: number, now: number): readonly Contribution[] {
    const contributions = pieces.get(piece)?.contributions() ?? []
    const contributors = new Set(contributions.map((c) => c.peer))
    pieces.end(piece)
    const [lone] = contributors
    const peer = contributors.size === 1 && lone ? roster.get(lone) : undefined
    if (peer) drop(peer, 'liar')
    else suspect(piece, contributors)
    fillAll(now)
    return contributions
  }

  return {
    arrived,
    expects: (id, block) => pieces.mayPut(id, block),
    refused,
    failed,
    setNeeds(wanted) {
      needs = wanted
      if (seeked()) cancelUseless()
    },
    join: (id, traits, now) => fillPeer(roster.add(id, traits), now),
    leave(id) {
      const peer = roster.get(id)
      if (peer) pieces.takeBack(peer)
      roster.remove(id)
    },
    setChoked(id, choked, now) {
      const peer = roster.get(id)
      if (!peer) return
      peer.choked = choked
      if (choked) pieces.takeBack(peer)
      else fillPeer(peer, now)
    },
    fill(id, now) {
      const peer = roster.get(id)
      if (peer) fillPeer(peer, now)
    },
    verified: (piece) => pieces.end(piece),
    liar(id) {
      const peer = roster.get(id)
      if (peer) drop(peer, 'liar')
    },
    tick(now) {
      for (const peer of roster.silent(now)) drop(peer, 'silent')
      askLateAgain(now)
      fillAll(now)
    },
    abandon(most) {
      if (pieces.size <= most) return []
      const wanted = new Set(needs.order)
      const idle = [...pieces.all()].filter(
        (b) => !wanted.has(b.piece) && !b.checking && !b.anyOwed,
      )
      for (const blocks of idle) pieces.end(blocks.piece)
      return idle.map((blocks) => blocks.piece)
    },
  }
}
