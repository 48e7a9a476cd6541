import type { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { MessageId } from './peer-messages.ts'
import { PeerPieces } from './peer-pieces.ts'

/**
 * What a peer says of itself (BEP 3, 6): its pieces, and whether it chokes us; and whether we have
 * told it that we are interested. A super-seeder (BEP 16) shows pieces only to who is not interested
 * as long as there is nothing to be had.
 */
export class PeerState {
  choked = true
  readonly #pieces = new PeerPieces()
  readonly #tell: (interested: boolean) => void
  #interested = false
  /** A piece that it has and we lack, as of the last look. */
  #reason = 0

  /** @param tell sends the peer that we are interested, or that we are not any more */
  constructor(tell: (interested: boolean) => void) {
    this.#tell = tell
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
    if (id === MessageId.have) return body.length === 4 && this.#pieces.have(body.readUInt32BE(0))
    if (id === MessageId.haveAll) this.#pieces.haveAll()
    else if (id !== MessageId.bitfield) return false
    else if (!this.#pieces.bitfield(body)) return undefined
    return true
  }

  /** Call when the metadata is known. False when the peer's bitfield has another length. */
  setPieceCount(pieceCount: number): boolean {
    return this.#pieces.setPieceCount(pieceCount)
  }

  /**
   * Call when the peer's pieces or ours have changed: we are interested while it has a piece that we
   * lack.
   * @param ours undefined while the metadata is unknown
   */
  updateInterest(ours: Bitfield | undefined): void {
    const interested = ours ? this.#findReason(ours) : !this.#pieces.isEmpty
    if (interested === this.#interested) return
    this.#interested = interested
    this.#tell(interested)
  }

  /** The last reason mostly still holds, so that not all pieces are looked at each time. */
  #findReason(ours: Bitfield): boolean {
    for (let i = 0; i < ours.length; i++) {
      const piece = (this.#reason + i) % ours.length
      if (!this.#pieces.has(piece) || ours.has(piece)) continue
      this.#reason = piece
      return true
    }
    return false
  }
}
