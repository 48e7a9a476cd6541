import { BLOCK, type Block } from '../blocks/block.ts'
import type { Contribution, PendingBlock, PieceBlocks } from '../blocks/piece-blocks.ts'
import type { WirePort } from '../blocks/wire-port.ts'
import { type Peer, PeerSet, type PeerTraits } from '../peers/peer-set.ts'
import { BlockPicker } from './block-picker.ts'
import { LateBlocks } from './late-blocks.ts'
import { PiecesInProgress } from './pieces-in-progress.ts'
import { type Priorities, prioritize } from './priorities.ts'
import { SwarmLimit } from './swarm-limit.ts'
import { TimeCriticalPicker } from './time-critical-picker.ts'

/** What to do with the bytes of a block: nobody wants them, keep them, or keep and hash the piece. */
export type Verdict = 'drop' | 'keep' | 'keep-and-check'

/** After a refusal all peers are asked anew, but not more often than this. */
const REFUSAL_INTERVAL_MS = 10
/** The swarm's limit is not for a peer so many times as fast as the average. */
const AHEAD_FACTOR = 2

/**
 * The piece picker: decides which peer is asked for which block (docs/decisions/0006). This is the
 * entry; the choice itself is in block-picker.ts and time-critical-picker.ts. It has no timers, bytes
 * or connections: the caller passes the time (steady milliseconds), so that tests can simulate it.
 */
export class PiecePicker {
  readonly #port: WirePort
  readonly #peers = new PeerSet()
  readonly #pieces: PiecesInProgress
  readonly #blockPicker: BlockPicker
  readonly #timeCritical: TimeCriticalPicker
  readonly #late: LateBlocks
  readonly #swarmLimit = new SwarmLimit()
  #priorities: Priorities = prioritize([], 0)
  #lastRefusal = -Infinity

  /** @param pieceSize bytes of a piece by its number in the torrent */
  constructor(pieceSize: (piece: number) => number, port: WirePort) {
    this.#port = port
    this.#pieces = new PiecesInProgress(pieceSize)
    this.#blockPicker = new BlockPicker(this.#peers, this.#pieces)
    const request = (peer: Peer, blocks: PieceBlocks, index: number, now: number): void =>
      this.#request(peer, blocks, index, now)
    this.#timeCritical = new TimeCriticalPicker(this.#peers, this.#pieces, request)
    this.#late = new LateBlocks(this.#peers, this.#pieces, request)
  }

  setPriorities(priorities: Priorities): void {
    this.#priorities = priorities
    if (this.#hasJumped()) this.#cancelUseless()
  }

  addPeer(id: string, traits: PeerTraits, now: number): void {
    this.#fillPeer(this.#peers.add(id, traits), now)
  }

  removePeer(id: string): void {
    const peer = this.#peers.get(id)
    if (peer) this.#pieces.releaseAll(peer)
    this.#peers.remove(id)
  }

  setChoked(id: string, choked: boolean, now: number): void {
    const peer = this.#peers.get(id)
    if (!peer) return
    peer.choked = choked
    if (choked) this.#pieces.releaseAll(peer)
    else this.#fillPeer(peer, now)
  }

  /** Sends the peer more requests: it has more pieces now, or anything else lets it do more. */
  fill(id: string, now: number): void {
    const peer = this.#peers.get(id)
    if (!peer) return
    peer.looksBeyondAt = now
    this.#fillPeer(peer, now)
  }

  /** Whether a block that begins to arrive from this peer is wanted from it. */
  expects(id: string, block: Block): boolean {
    return this.#pieces.accepts(id, block)
  }

  /** A block has come. */
  received(id: string, block: Block, now: number): Verdict {
    const peer = this.#peers.get(id)
    if (!peer) return 'drop'
    const blocks = this.#pieces.get(block.piece)
    const index = block.offset / BLOCK
    const { outstanding } = peer.pipeline
    const sentAt = blocks?.sentAt(index, id)
    if (sentAt !== undefined) peer.pipeline.received(block.length, sentAt, now)
    else peer.pipeline.receivedLate(block.length, now)
    const wanted = this.#pieces.accepts(id, block)
    if (blocks && wanted) {
      this.#cancelOthers(blocks, index, id)
      blocks.receive(index, id)
    } else blocks?.unrequest(index, id)
    this.#late.received()
    this.#swarmLimit.received(now)
    const isComplete = wanted && blocks?.isComplete === true
    if (isComplete) blocks.checking = true
    this.#fillPeer(peer, now, this.#swarmLimit.isReached ? Math.max(1, outstanding) : Infinity)
    if (!wanted) return 'drop'
    return isComplete ? 'keep-and-check' : 'keep'
  }

  /** A request came to nothing (rejected, choked): the block may be asked of others. */
  refused(id: string, block: Block, now: number): void {
    const peer = this.#peers.get(id)
    if (!peer) return
    if (!this.#pieces.get(block.piece)?.unrequest(block.offset / BLOCK, id)) {
      peer.pipeline.rejectedLate(now)
      return
    }
    peer.pipeline.rejected()
    // This peer is asked again at the next tick only: one that refuses everything must not keep us busy.
    if (now - this.#lastRefusal < REFUSAL_INTERVAL_MS) return
    this.#lastRefusal = now
    this.#fillAll(now, peer)
  }

  /** The complete piece has the right hash and is written. */
  verified(piece: number): void {
    this.#pieces.end(piece)
  }

  /**
   * The complete piece has a wrong hash, and is fetched again. If one peer sent all of it, that peer
   * is banned; if several did, it is fetched from one peer only (parole). Answers who sent which block.
   */
  hashFailed(piece: number, now: number): readonly Contribution[] {
    const contributions = this.#pieces.get(piece)?.contributions() ?? []
    const contributors = new Set(contributions.map((c) => c.peer))
    this.#pieces.end(piece)
    const [lone] = contributors
    const peer = contributors.size === 1 && lone ? this.#peers.get(lone) : undefined
    if (peer) this.#drop(peer, 'banned')
    else this.#parole(piece, contributors)
    this.#fillAll(now)
    return contributions
  }

  /** It is proved that the peer sent wrong bytes. */
  ban(id: string): void {
    const peer = this.#peers.get(id)
    if (peer) this.#drop(peer, 'banned')
  }

  /** To be called every 50 ms or so: drops snubbed peers and asks for late blocks again. */
  tick(now: number): void {
    this.#peers.hear(now)
    for (const peer of this.#peers.snubbed(now)) this.#drop(peer, 'snubbed')
    this.#late.requestAgain(this.#priorities, now)
    this.#fillAll(now)
  }

  /**
   * From now on at most `limit` pieces are in progress. When there are as many, gives up those that are
   * in the way of others (PiecesInProgress.useless). Answers them: their buffers are the caller's to free.
   */
  abandon(limit: number): readonly number[] {
    this.#pieces.limit = limit
    if (!this.#pieces.isFull) return []
    const useless = this.#pieces.useless(this.#priorities, (piece) => this.#peers.anyHas(piece))
    for (const blocks of useless) {
      for (const pending of blocks.pending()) this.#cancelAll(blocks, pending)
      this.#pieces.end(blocks.piece)
    }
    return useless.map((blocks) => blocks.piece)
  }

  #request(peer: Peer, blocks: PieceBlocks, index: number, now: number): void {
    const due = peer.pipeline.eta(now)
    blocks.request(index, peer.id, now, due)
    peer.pipeline.sent(now)
    this.#port.request(peer.id, blocks.block(index))
  }

  /** @param most unanswered requests that the peer may have afterwards */
  #fillPeer(peer: Peer, now: number, most = Infinity): void {
    if (peer.choked || peer.pipeline.stalled) return
    this.#timeCritical.fill(this.#priorities.timeCritical, now)
    if (!peer.pipeline.hasRoomForBatch) return
    const { count, outstanding, rate } = this.#peers.working
    // One that brings far more than the others has a line of its own.
    const isAhead = peer.pipeline.rate * count > AHEAD_FACTOR * rate
    for (let n = outstanding; peer.pipeline.hasRoom; n++) {
      if (!isAhead && peer.pipeline.outstanding >= most) return
      if (!isAhead && !this.#swarmLimit.hasRoom(count, n, now)) return
      const found = this.#blockPicker.next(peer, this.#priorities, now)
      if (!found) return
      this.#request(peer, found.blocks, found.index, now)
    }
  }

  #fillAll(now: number, except?: Peer): void {
    const peers = this.#peers.byRate().filter((peer) => peer !== except)
    const rounds = this.#swarmLimit.isReached ? [1, 2, Infinity] : [Infinity]
    for (const most of rounds) for (const peer of peers) this.#fillPeer(peer, now, most)
  }

  #drop(peer: Peer, why: 'snubbed' | 'banned'): void {
    this.#pieces.releaseAll(peer)
    this.#peers.remove(peer.id)
    this.#port.drop(peer.id, why)
  }

  #cancel(peer: Peer, blocks: PieceBlocks, index: number): void {
    peer.pipeline.cancelled(blocks.sentAt(index, peer.id) ?? -Infinity)
    this.#port.cancel(peer.id, blocks.block(index))
  }

  /** The other peers that were asked for the same block need not send it any more. */
  #cancelOthers(blocks: PieceBlocks, index: number, from: string): void {
    for (const id of blocks.requestedFrom(index)) {
      const other = id === from ? undefined : this.#peers.get(id)
      if (other) this.#cancel(other, blocks, index)
    }
  }

  /** The first wanted piece could be had, and is neither here nor asked for: a viewer has jumped. */
  #hasJumped([first] = this.#priorities.order): boolean {
    if (first === undefined || !this.#peers.anyHas(first)) return false
    return this.#pieces.get(first)?.isUntouched ?? true
  }

  /** After a jump, requests for what is not urgent would only delay what the viewer waits for. */
  #cancelUseless(): void {
    const wanted = new Set(this.#priorities.order.slice(0, this.#priorities.urgent))
    const useless = this.#blockPicker.pendingOutside(wanted)
    for (const { blocks, pending } of useless) this.#cancelAll(blocks, pending)
  }

  #cancelAll(blocks: PieceBlocks, { from, index }: PendingBlock): void {
    for (const id of from) {
      const peer = this.#peers.get(id)
      if (!peer) continue
      this.#cancel(peer, blocks, index)
      blocks.unrequest(index, id)
    }
  }

  /** One of several contributors sent wrong bytes: the next try comes from a single peer. */
  #parole(piece: number, contributors: ReadonlySet<string>): void {
    const able = this.#peers.byRate().filter((p) => !p.choked && p.traits.has(piece))
    const only = able.find((p) => !contributors.has(p.id)) ?? able[0]
    if (only) this.#pieces.startParole(piece, only.id)
  }
}
