import type { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { Interest } from '../peers/interest.ts'
import { MessageId } from './peer-messages.ts'
import { PeerPieces } from './peer-pieces.ts'

/**
 * What a peer says of itself (BEP 3, 6): its pieces, and whether it chokes us; and whether we have
 * told it that we are interested.
 */
export class PeerState {
  choked = true
  readonly #pieces = new PeerPieces()
  readonly #ours: () => Bitfield | undefined
  readonly #interest: Interest

  /**
   * @param ours undefined while the metadata is unknown
   * @param tell sends the peer that we are interested, or that we are not any more
   */
  constructor(ours: () => Bitfield | undefined, tell: (interested: boolean) => void) {
    this.#ours = ours
    this.#interest = new Interest(tell)
  }

  has(piece: number): boolean {
    return this.#pieces.has(piece)
  }

  get isSeed(): boolean {
    return this.#pieces.isComplete
  }

  /**
   * Answers whether a message changes what we may request; undefined when it breaks the protocol.
   * @param body bytes after the id
   */
  receive(id: number, body: Buffer): boolean | undefined {
    if (id === MessageId.choke || id === MessageId.unchoke) {
      const before = this.choked
      this.choked = id === MessageId.choke
      return before !== this.choked
    }
    if (id === MessageId.have) return body.length === 4 && this.#have(body.readUInt32BE(0))
    if (id === MessageId.haveAll) this.#pieces.haveAll()
    else if (id !== MessageId.bitfield) return false
    else if (!this.#pieces.bitfield(body)) return undefined
    this.#updateInterest()
    return true
  }

  /** Call when the metadata is known. False when the peer's bitfield has another length. */
  setPieceCount(pieceCount: number): boolean {
    if (!this.#pieces.setPieceCount(pieceCount)) return false
    this.#updateInterest()
    return true
  }

  /** We have the piece now, or not any more. */
  oursChanged(piece: number): void {
    const ours = this.#ours()
    if (ours) this.#interest.pieceChanged(piece, this.#both(ours))
  }

  #have(piece: number): boolean {
    const isNew = this.#pieces.have(piece)
    if (this.#ours()) this.oursChanged(piece)
    else this.#updateInterest()
    return isNew
  }

  #updateInterest(): void {
    const ours = this.#ours()
    if (ours) this.#interest.piecesChanged(this.#both(ours))
    else this.#interest.set(!this.#pieces.isEmpty)
  }

  #both(ours: Bitfield) {
    return {
      count: ours.length,
      theirs: (piece: number) => this.#pieces.has(piece),
      ours: (piece: number) => ours.has(piece),
    }
  }
}
