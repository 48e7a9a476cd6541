import { Interest } from '../peers/interest.ts'
import type { WtTorrent, WtWire } from './webtorrent-types.ts'

/** By these a peer says at once which pieces it has. */
const MANY = ['bitfield', 'have-all', 'have-none'] as const

/**
 * What a torrent's connections of webtorrent hear of pieces (BEP 3), as on our own wires: that we have one,
 * and whether we are interested. webtorrent takes who has said nothing yet for a seed and tells it of none;
 * and what it does itself for interest is left out (limit-work.ts).
 */
export class PieceNews {
  readonly #torrent: WtTorrent
  readonly #interests = new WeakMap<WtWire, Interest>()
  /** Those that have everything, and so no use for what we have. */
  readonly #seeds = new WeakSet<WtWire>()

  /** Call when nobody has connected yet. */
  constructor(torrent: WtTorrent) {
    this.#torrent = torrent
    torrent._updateWireInterest = (wire) => this.#many(wire)
  }

  /** The connection may be used from when webtorrent asks for its interest. */
  follow(wire: WtWire): void {
    const interest = new Interest((isInterested) => {
      if (isInterested) wire.interested()
      else wire.uninterested()
    })
    this.#interests.set(wire, interest)
    if (!this.#torrent.ready) this.#beginWithout(wire)
    for (const event of MANY) wire.on(event, () => this.#many(wire))
    wire.on('have', (piece: number) => this.#one(wire, piece))
    // That we are interested is taken back when next something changes: looking through all pieces for each
    // of these, a few bytes long, would keep the process busy.
    wire.lt_donthave.on('donthave', () => this.#seeds.delete(wire))
  }

  /**
   * BEP 3, 6: which pieces we have is said first of all, or piece by piece. webtorrent says so when it knows the
   * torrent, and clients close a connection for what comes late (rTorrent).
   */
  #beginWithout(wire: WtWire): void {
    const { haveNone } = wire
    const each = (): void => {
      for (const [piece, missing] of this.#torrent.pieces.entries()) {
        if (missing === null) wire.have(piece)
      }
    }
    Object.assign(wire, { bitfield: each, haveAll: each, haveNone() {} })
    // When the handshake has been sent.
    queueMicrotask(() => {
      if (wire.hasFast) haveNone.call(wire)
    })
  }

  /** We have this piece now; nothing while webtorrent does not know the torrent. */
  verified(piece: number): void {
    const torrent = this.#torrent
    if (!torrent.ready || torrent.destroyed) return
    torrent._markVerified(piece)
    for (const wire of torrent.wires) {
      // One that has the piece is told too: a super-seeder (BEP 16) shows the next one then.
      if (!this.#seeds.has(wire)) wire.have(piece)
      this.#one(wire, piece)
    }
  }

  /** We do not have it any more. */
  unverified(piece: number): void {
    const torrent = this.#torrent
    if (!torrent.ready || torrent.destroyed) return
    torrent._markUnverified(piece)
    for (const wire of torrent.wires) this.#one(wire, piece)
  }

  #one(wire: WtWire, piece: number): void {
    if (this.#torrent.ready) this.#interests.get(wire)?.pieceChanged(piece, this.#both(wire))
  }

  #many(wire: WtWire): void {
    if (!this.#torrent.ready) return
    const both = this.#both(wire)
    if (isComplete(both)) this.#seeds.add(wire)
    else this.#seeds.delete(wire)
    this.#interests.get(wire)?.piecesChanged(both)
  }

  #both({ peerPieces }: WtWire) {
    const { pieces } = this.#torrent
    return {
      count: pieces.length,
      theirs: (piece: number) => peerPieces.get(piece),
      // webtorrent has null for each piece that is here.
      ours: (piece: number) => pieces[piece] === null,
    }
  }
}

function isComplete({ count, theirs }: { count: number; theirs(piece: number): boolean }): boolean {
  for (let piece = 0; piece < count; piece++) if (!theirs(piece)) return false
  return true
}
