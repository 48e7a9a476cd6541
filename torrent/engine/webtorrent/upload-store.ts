import type { RateLimit } from '../swarm/rate-limit.ts'
import type { SwarmEvents } from '../swarm/swarm.ts'
import type { WtStore, WtStoreCallback, WtTorrent } from './webtorrent-types.ts'

/**
 * A store class for webtorrent, which only reads pieces to upload them: we write the pieces
 * ourselves.
 */
export function uploadStore(
  events: SwarmEvents,
  limit: RateLimit,
): new (
  length: number,
  opts: { torrent: WtTorrent },
) => WtStore {
  return class implements WtStore {
    constructor(_pieceLength: number, opts: { torrent: WtTorrent }) {
      // An empty bitfield spares webtorrent hashing every piece before `ready`. Pieces that are on
      // disk already are marked as verified later.
      opts.torrent._startupBitfield = new Uint8Array(Math.ceil(opts.torrent.pieces.length / 8))
    }
    put(_piece: number, _bytes: Uint8Array, cb: (err: Error | null) => void): void {
      cb(new Error('pieces are written by the session'))
    }
    get(
      piece: number,
      opts: { offset?: number; length?: number } | undefined | null | WtStoreCallback,
      cb?: WtStoreCallback,
    ): void {
      const done = typeof opts === 'function' ? opts : cb
      const { offset = 0, length = 0 } = typeof opts === 'object' && opts ? opts : {}
      const read = limit.take(length).then(() => events.read(piece, offset, length))
      read.then(
        (bytes) => done?.(null, bytes),
        (err: Error) => done?.(err),
      )
    }
    close(cb: (err: Error | null) => void): void {
      cb(null)
    }
    destroy(cb: (err: Error | null) => void): void {
      cb(null)
    }
  }
}
