import { BLOCK, type Block } from '../blocks/block.ts'
import { PieceBlocks } from '../blocks/piece-blocks.ts'
import type { Peer } from '../peers/peer-set.ts'
import type { Priorities } from './priorities.ts'

/** The pieces being downloaded, and which peers may be asked for them. */
export class PiecesInProgress {
  /** Most pieces at once: each takes the memory of a whole piece. */
  limit = Number.POSITIVE_INFINITY
  readonly #pieceSize: (piece: number) => number
  readonly #pieces = new Map<number, PieceBlocks>()
  /** Pieces on parole (hash failed with several contributors): only this peer may deliver them now. */
  readonly #parole = new Map<number, string>()

  constructor(pieceSize: (piece: number) => number) {
    this.#pieceSize = pieceSize
  }

  all(): Iterable<PieceBlocks> {
    return this.#pieces.values()
  }

  get(piece: number): PieceBlocks | undefined {
    return this.#pieces.get(piece)
  }

  /** How many more may be begun. */
  get placesLeft(): number {
    return this.limit - this.#pieces.size
  }

  get isFull(): boolean {
    return this.placesLeft <= 0
  }

  /** Answers the piece, and starts it when it is not in progress; undefined when there is no place. */
  begin(piece: number): PieceBlocks | undefined {
    const running = this.#pieces.get(piece)
    if (running || this.isFull) return running
    const blocks = new PieceBlocks(piece, this.#pieceSize(piece))
    this.#pieces.set(piece, blocks)
    return blocks
  }

  /**
   * Those that nobody wants, and those that no peer has while others wait for their place. What is wanted only
   * later gives its place up when it is needed: at once where nobody is asked for it now, else only to what a reader
   * reaches soon, for what was asked for mostly comes all the same.
   */
  useless(
    { order, urgent, timeCritical, fills }: Priorities,
    anyHas: (piece: number) => boolean,
  ): readonly PieceBlocks[] {
    const wanted = new Set([...order, ...timeCritical])
    const waits = (piece: number): boolean => !this.#pieces.has(piece) && anyHas(piece)
    const waiting = [...wanted].filter(waits)
    const soon = new Set([...order.slice(0, urgent), ...timeCritical])
    const isUseful = ({ piece }: PieceBlocks): boolean =>
      (wanted.has(piece) || fills(piece)) && (waiting.length === 0 || anyHas(piece))
    const running = [...this.all()].filter(({ checking }) => !checking)
    const useless = running.filter((blocks) => !isUseful(blocks))
    const later = running.filter((blocks) => isUseful(blocks) && !wanted.has(blocks.piece))
    later.sort((a, b) => b.missing - a.missing)
    const giveUp = (isBusy: boolean, places: number): void => {
      const lacking = Math.max(0, places - this.placesLeft - useless.length)
      useless.push(...later.filter((b) => b.hasPending === isBusy).slice(0, lacking))
    }
    giveUp(false, waiting.length)
    giveUp(true, waiting.filter((piece) => soon.has(piece)).length)
    return useless
  }

  end(piece: number): void {
    this.#pieces.delete(piece)
    this.#parole.delete(piece)
  }

  startParole(piece: number, peer: string): void {
    this.#parole.set(piece, peer)
  }

  mayRequest(peer: Peer, piece: number): boolean {
    const only = this.#parole.get(piece)
    return (only === undefined || only === peer.id) && peer.traits.has(piece)
  }

  /** A block is accepted once, with its exact length, from a peer that was asked for its piece. */
  accepts(peer: string, block: Block): boolean {
    const blocks = this.#pieces.get(block.piece)
    if (!blocks || blocks.checking || !blocks.fits(block)) return false
    const only = this.#parole.get(block.piece)
    if (only !== undefined && only !== peer) return false
    return blocks.wasRequestedFrom(peer) && !blocks.has(block.offset / BLOCK)
  }

  /** All blocks requested from this peer may be asked of others. */
  releaseAll(peer: Peer): void {
    for (const blocks of this.#pieces.values()) {
      for (const index of blocks.pendingFrom(peer.id)) blocks.unrequest(index, peer.id)
    }
    peer.pipeline.reset()
    for (const [piece, only] of this.#parole) {
      if (only === peer.id) this.#parole.delete(piece)
    }
  }
}
