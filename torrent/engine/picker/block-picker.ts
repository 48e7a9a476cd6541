import type { PendingBlock, PieceBlocks } from '../blocks/piece-blocks.ts'
import type { Peer, PeerSet } from '../peers/peer-set.ts'
import type { PiecesInProgress } from './pieces-in-progress.ts'
import type { Priorities } from './priorities.ts'

/** A requested block and the piece that it is part of. */
export interface PendingOfPiece {
  readonly blocks: PieceBlocks
  readonly pending: PendingBlock
}

/** A block that is neither here nor requested. */
interface FreeBlock {
  readonly blocks: PieceBlocks
  readonly index: number
}

/** A peer that has nothing wanted is looked through again after this time: it may be all pieces. */
const LOOK_BEYOND_MS = 250

/** Chooses blocks by what is wanted, what is requested already, and how fast the peers are. */
export class BlockPicker {
  readonly #peers: PeerSet
  readonly #pieces: PiecesInProgress

  constructor(peers: PeerSet, pieces: PiecesInProgress) {
    this.#peers = peers
    this.#pieces = pieces
  }

  /**
   * The next free block for a peer, and urgent ones only where no fast peer can be asked instead:
   * - a fast peer goes through the pieces from the most wanted one on;
   * - a peer that is not measured yet begins after the urgent pieces;
   * - a slow peer goes from the least wanted piece back, for no viewer should wait for it.
   */
  next(peer: Peer, priorities: Priorities, now: number): FreeBlock | undefined {
    const { order, urgent } = priorities
    const speedClass = this.#peers.speedClass(peer)
    const others = speedClass === 'fast' ? [] : this.#peers.fast()
    const n = order.length
    for (let i = 0; i < n; i++) {
      const at = speedClass === 'slow' ? n - 1 - i : speedClass === 'new' ? (urgent + i) % n : i
      const piece = order[at] as number
      // Of most pieces that are in progress everything is asked for.
      if (this.#pieces.get(piece)?.hasFree === false) continue
      if (!this.#pieces.mayRequest(peer, piece)) continue
      if (at < urgent && others.some((p) => this.#pieces.mayRequest(p, piece))) continue
      const found = this.#freeBlock(piece)
      if (found) return found
    }
    return this.#beyond(peer, priorities, now)
  }

  #freeBlock(piece: number): FreeBlock | undefined {
    const blocks = this.#pieces.begin(piece)
    return blocks?.hasFree ? { blocks, index: blocks.nextFree() } : undefined
  }

  /** For a peer that has nothing of what is wanted most. */
  #beyond(peer: Peer, priorities: Priorities, now: number): FreeBlock | undefined {
    if (now < peer.looksBeyondAt) return undefined
    const begun = this.#begunBeyond(peer, priorities)
    if (begun || this.#pieces.isFull) return begun
    peer.looksBeyondAt = now + LOOK_BEYOND_MS
    // The places of pieces that can be had are not for others.
    const toCome = (piece: number): boolean => !this.#pieces.get(piece) && this.#peers.anyHas(piece)
    if (this.#pieces.placesLeft <= priorities.order.filter(toCome).length) return undefined
    for (const piece of priorities.beyond()) {
      const found = this.#pieces.mayRequest(peer, piece) && this.#freeBlock(piece)
      if (!found) continue
      peer.looksBeyondAt = now
      return found
    }
    return undefined
  }

  /** What was begun is ended first: until then it takes a place. */
  #begunBeyond(peer: Peer, { fills }: Priorities): FreeBlock | undefined {
    for (const blocks of this.#pieces.all()) {
      const { hasFree, piece } = blocks
      if (!hasFree || !fills(piece) || !this.#pieces.mayRequest(peer, piece)) continue
      return { blocks, index: blocks.nextFree() }
    }
    return undefined
  }

  /** Requested blocks of all pieces but these. */
  *pendingOutside(wanted: ReadonlySet<number>): Iterable<PendingOfPiece> {
    for (const blocks of this.#pieces.all()) {
      if (wanted.has(blocks.piece)) continue
      for (const pending of blocks.pending()) yield { blocks, pending }
    }
  }
}
