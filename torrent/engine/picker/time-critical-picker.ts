import type { PendingBlock, PieceBlocks } from '../blocks/piece-blocks.ts'
import type { Peer, PeerSet } from '../peers/peer-set.ts'
import type { PiecesInProgress } from './pieces-in-progress.ts'

/** A block is asked for twice only if that brings it at least this much sooner. */
const MARGIN_MS = 40
/** Blocks owed by peers that have never delivered count as later by this much. */
const UNTRIED_MS = 200

type Request = (peer: Peer, blocks: PieceBlocks, index: number, now: number) => void

/** A block that is overdue by t is expected in another t. */
export const expectedAt = (due: number, now: number): number =>
  due > now ? due : now + (now - due)

/**
 * Requests for time-critical pieces: those a viewer waits for after a start or a jump. No byte can be
 * played before the whole piece is there, so its last block decides, and every peer works on it
 * (docs/decisions/0010).
 */
export class TimeCriticalPicker {
  readonly #peers: PeerSet
  readonly #pieces: PiecesInProgress
  readonly #request: Request
  /** Made once: it is passed on for every pending block. */
  readonly #hasDelivered = (id: string): boolean =>
    this.#peers.get(id)?.pipeline.hasDelivered ?? false

  /** @param request asks a peer for a block */
  constructor(peers: PeerSet, pieces: PiecesInProgress, request: Request) {
    this.#peers = peers
    this.#pieces = pieces
    this.#request = request
  }

  /**
   * Shares the blocks of these pieces among all peers that are not slow, each to the one that would
   * bring it first.
   * Blocks that are asked for already are asked again of a peer that would bring them sooner.
   */
  fill(timeCritical: readonly number[], now: number): void {
    for (const piece of timeCritical) {
      const blocks = this.#pieces.get(piece) ?? this.#begin(piece, now)
      if (!blocks || blocks.checking) continue
      this.#share(blocks, now)
      this.#duplicateLate(blocks, now)
    }
  }

  /** A piece that no peer can be asked for must not take the place of another one. */
  #begin(piece: number, now: number): PieceBlocks | undefined {
    if (this.#pieces.isFull) return undefined
    const able = (p: Peer): boolean => p.pipeline.hasRoom && this.#pieces.mayRequest(p, piece)
    return this.#peers.fastest(able, now) && this.#pieces.begin(piece)
  }

  /**
   * Plans all blocks, but sends a peer only as many requests as keep its line busy. The rest of its
   * share is planned again later, when it is known how fast the peer really is.
   */
  #share(blocks: PieceBlocks, now: number): void {
    const laterBlocks = new Map<Peer, number>()
    const able = (p: Peer): boolean => this.#pieces.mayRequest(p, blocks.piece)
    const planned = (p: Peer): number => laterBlocks.get(p) ?? 0
    const anyRoom = (): boolean =>
      this.#peers.fastest((p) => p.pipeline.hasRoom && able(p), now) !== undefined
    // A plan only matters for the requests sent after it: without room anywhere it is for nothing.
    let room = anyRoom()
    for (const index of blocks.freeBlocks()) {
      if (!room) return
      const peer = this.#peers.fastest(able, now, planned)
      if (!peer) return
      if (peer.pipeline.hasRoom) {
        this.#request(peer, blocks, index, now)
        room = anyRoom()
      } else laterBlocks.set(peer, planned(peer) + 1)
    }
  }

  /** The latest first. A block that comes twice is wasted, so the number of duplicates is bounded. */
  #duplicateLate(blocks: PieceBlocks, now: number): void {
    if (blocks.nextFree() >= 0) return
    const lateness = ({ from, due }: PendingBlock): number =>
      expectedAt(due, now) + (from.some(this.#hasDelivered) ? 0 : UNTRIED_MS)
    const latestFirst = [...blocks.pending()].sort((a, b) => lateness(b) - lateness(a))
    for (const pending of latestFirst) {
      if (blocks.duplicates >= blocks.maxDuplicates) return
      const able = (p: Peer): boolean =>
        p.pipeline.hasRoom &&
        !pending.from.includes(p.id) &&
        this.#pieces.mayRequest(p, blocks.piece)
      const peer = this.#peers.fastest(able, now)
      if (peer && this.#isWorthIt(peer, pending, now)) {
        this.#request(peer, blocks, pending.index, now)
      }
    }
  }

  /** Peers that have never delivered may never do it: one that has is asked as well, if it is not slow. */
  #isWorthIt(peer: Peer, pending: PendingBlock, now: number): boolean {
    const anyHasDelivered = pending.from.some(this.#hasDelivered)
    if (pending.from.length >= (anyHasDelivered ? 2 : 3)) return false
    const untried = peer.pipeline.hasDelivered ? -UNTRIED_MS : 0
    const margin = anyHasDelivered ? MARGIN_MS : untried
    return peer.pipeline.eta(now) + margin < expectedAt(pending.due, now)
  }
}
