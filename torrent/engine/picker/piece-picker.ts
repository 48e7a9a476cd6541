import { BLOCK, type Block } from '../blocks/block.ts'
import type { Contribution, PieceBlocks } from '../blocks/piece-blocks.ts'
import type { WirePort } from '../blocks/wire-port.ts'
import { type Peer, PeerSet, type PeerTraits } from '../peers/peer-set.ts'
import { createBlockPicker } from './block-picker.ts'
import { PiecesInProgress } from './pieces-in-progress.ts'
import type { Priorities } from './priorities.ts'
import { createTimeCriticalPicker } from './time-critical-picker.ts'

export interface PiecePicker {
  setPriorities(priorities: Priorities): void
  addPeer(peer: string, traits: PeerTraits, now: number): void
  removePeer(peer: string): void
  setChoked(peer: string, choked: boolean, now: number): void
  /** The peer has got more pieces, or anything else that lets it do more. */
  fill(peer: string, now: number): void
  /** Whether a block that begins to arrive from the peer is wanted of it. */
  expects(peer: string, block: Block): boolean
  /** Answers what to do with the bytes: keep them, or drop them (not wanted, or twice). */
  received(peer: string, block: Block, now: number): 'keep' | 'keep-and-check' | 'drop'
  /** A request came to nothing (refused, choked): the block is free again. */
  refused(peer: string, block: Block, now: number): void
  /** The piece that was handed over is good and written. */
  verified(piece: number): void
  /** The piece was bad: asked again, from one peer only when several were part of it. */
  hashFailed(piece: number, now: number): readonly Contribution[]
  /** It is proved that the peer sent wrong bytes. */
  ban(peer: string): void
  /** Call every 50 ms or so: late blocks, silent peers. */
  tick(now: number): void
  /**
   * Pieces being put together that nobody needs any more, when there are more than `most` pieces;
   * the caller forgets their bytes.
   */
  abandon(most: number): readonly number[]
}

const MAX_DUPLICATES_PER_TICK = 32
/** Of refusals that come together only the first has everybody looked at anew. */
const REFUSAL_INTERVAL_MS = 10

/**
 * Decides which peer is asked for which block (webtorrent only finds and connects them).
 * Pure: no timers, no bytes, no wires; time comes in with every call, so it can be simulated.
 */
export function createPiecePicker(
  pieceSize: (piece: number) => number,
  port: WirePort,
): PiecePicker {
  const peers = new PeerSet()
  const pieces = new PiecesInProgress(pieceSize)
  const blockPicker = createBlockPicker(peers, pieces)
  const timeCritical = createTimeCriticalPicker(peers, pieces, request)
  let priorities: Priorities = { order: [], urgent: 0, timeCritical: [] }
  let lastRefusal = -Infinity

  function request(peer: Peer, blocks: PieceBlocks, index: number, now: number): void {
    const due = peer.pipeline.eta(now)
    blocks.request(index, peer.id, now, due)
    peer.pipeline.sent(now)
    port.request(peer.id, blocks.block(index))
  }

  function fillPeer(peer: Peer, now: number): void {
    if (peer.choked) return
    timeCritical.fill(priorities.timeCritical, now)
    if (!peer.pipeline.hasRoomForBatch) return
    while (peer.pipeline.hasRoom) {
      const found = blockPicker.next(peer, priorities)
      if (!found) return
      request(peer, found.blocks, found.index, now)
    }
  }

  function fillAll(now: number, except?: Peer): void {
    for (const peer of peers.byRate()) if (peer !== except) fillPeer(peer, now)
  }

  function drop(peer: Peer, why: 'silent' | 'liar'): void {
    pieces.releaseAll(peer)
    peers.remove(peer.id)
    port.drop(peer.id, why)
  }

  function cancel(peer: Peer, blocks: PieceBlocks, index: number): void {
    peer.pipeline.cancelled(blocks.sentAt(index, peer.id) ?? -Infinity)
    port.cancel(peer.id, blocks.block(index))
  }

  /** Others that were asked for the same block need not send it. */
  function releaseOthers(blocks: PieceBlocks, index: number, from: string): void {
    for (const id of blocks.requestedFrom(index)) {
      const other = id === from ? undefined : peers.get(id)
      if (other) cancel(other, blocks, index)
    }
  }

  /** Blocks near a reader that come too late are asked of the peer that will deliver first. */
  function requestLateAgain(now: number): void {
    let duplicates = 0
    for (const { blocks, pending } of blockPicker.late(priorities, now)) {
      if (blocks.requestedFrom(pending.index).length !== 1) continue
      const able = (p: Peer): boolean =>
        !pending.from.includes(p.id) && pieces.mayRequest(p, blocks.piece)
      const peer = peers.fastest(able, now)
      if (peer) request(peer, blocks, pending.index, now)
      if (peer && ++duplicates >= MAX_DUPLICATES_PER_TICK) return
    }
  }

  /** The piece a viewer waits for is neither here nor asked for: somebody jumped. */
  function hasJumped(): boolean {
    const first = priorities.order[0]
    if (first === undefined) return false
    return pieces.get(first)?.isUntouched ?? true
  }

  /** After a seek: what is asked for and not wanted soon would only stand in the way. */
  function cancelUseless(): void {
    const wanted = new Set(priorities.order.slice(0, priorities.urgent))
    for (const { blocks, pending } of blockPicker.pendingOutside(wanted)) {
      for (const id of pending.from) {
        const peer = peers.get(id)
        if (!peer) continue
        cancel(peer, blocks, pending.index)
        blocks.unrequest(pending.index, id)
      }
    }
  }

  /** Of several contributors nobody knows who lied: the next try comes from one alone. */
  function parole(piece: number, contributors: ReadonlySet<string>): void {
    const able = peers.byRate().filter((p) => !p.choked && p.traits.has(piece))
    const only = able.find((p) => !contributors.has(p.id)) ?? able[0]
    if (only) pieces.startParole(piece, only.id)
  }

  function received(id: string, block: Block, now: number): 'keep' | 'keep-and-check' | 'drop' {
    const peer = peers.get(id)
    if (!peer) return 'drop'
    const blocks = pieces.get(block.piece)
    const index = block.offset / BLOCK
    const sentAt = blocks?.sentAt(index, id)
    if (sentAt !== undefined) peer.pipeline.received(block.length, sentAt, now)
    else peer.pipeline.receivedLate(block.length, now)
    const wanted = pieces.accepts(id, block)
    if (blocks && wanted) {
      releaseOthers(blocks, index, id)
      blocks.receive(index, id)
    } else blocks?.unrequest(index, id)
    const isComplete = wanted && blocks?.isComplete === true
    if (isComplete) blocks.checking = true
    fillPeer(peer, now)
    if (!wanted) return 'drop'
    return isComplete ? 'keep-and-check' : 'keep'
  }

  function refused(id: string, block: Block, now: number): void {
    const peer = peers.get(id)
    const blocks = pieces.get(block.piece)
    if (!peer) return
    if (!blocks?.unrequest(block.offset / BLOCK, id)) {
      peer.pipeline.rejectedLate(now)
      return
    }
    peer.pipeline.released()
    // It is asked again at the next tick only: whoever refuses everything must not keep us busy.
    if (now - lastRefusal < REFUSAL_INTERVAL_MS) return
    lastRefusal = now
    fillAll(now, peer)
  }

  function hashFailed(piece: number, now: number): readonly Contribution[] {
    const contributions = pieces.get(piece)?.contributions() ?? []
    const contributors = new Set(contributions.map((c) => c.peer))
    pieces.end(piece)
    const [lone] = contributors
    const peer = contributors.size === 1 && lone ? peers.get(lone) : undefined
    if (peer) drop(peer, 'liar')
    else parole(piece, contributors)
    fillAll(now)
    return contributions
  }

  return {
    received,
    expects: (id, block) => pieces.accepts(id, block),
    refused,
    hashFailed,
    setPriorities(wanted) {
      priorities = wanted
      if (hasJumped()) cancelUseless()
    },
    addPeer: (id, traits, now) => fillPeer(peers.add(id, traits), now),
    removePeer(id) {
      const peer = peers.get(id)
      if (peer) pieces.releaseAll(peer)
      peers.remove(id)
    },
    setChoked(id, choked, now) {
      const peer = peers.get(id)
      if (!peer) return
      peer.choked = choked
      if (choked) pieces.releaseAll(peer)
      else fillPeer(peer, now)
    },
    fill(id, now) {
      const peer = peers.get(id)
      if (peer) fillPeer(peer, now)
    },
    verified: (piece) => pieces.end(piece),
    ban(id) {
      const peer = peers.get(id)
      if (peer) drop(peer, 'liar')
    },
    tick(now) {
      for (const peer of peers.snubbed(now)) drop(peer, 'silent')
      requestLateAgain(now)
      fillAll(now)
    },
    abandon(most) {
      if (pieces.size <= most) return []
      const wanted = new Set(priorities.order)
      const idle = [...pieces.all()].filter(
        (b) => !wanted.has(b.piece) && !b.checking && !b.hasPending,
      )
      for (const blocks of idle) pieces.end(blocks.piece)
      return idle.map((blocks) => blocks.piece)
    },
  }
}
