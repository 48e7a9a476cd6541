import type { RateLimit } from '../swarm/rate-limit.ts'
import type { SwarmEvents } from '../swarm/swarm.ts'
import type { WtStore, WtStoreCallback, WtTorrent } from './webtorrent-types.ts'

/**
 * Requests that wait for the upload limit; more are refused. A peer may hang up and come again, and what it
 * asked for still waits.
 */
const MAX_WAITING = 500

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
    readonly #torrent: WtTorrent
    #waiting = 0

    constructor(_pieceLength: number, opts: { torrent: WtTorrent }) {
      this.#torrent = opts.torrent
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
      // Of a piece behind the last one webtorrent thinks that we have it.
      if (this.#waiting >= MAX_WAITING || !this.#torrent.bitfield.get(piece)) {
        done?.(new Error('not here, or too much asked for'))
        return
      }
      this.#waiting++
      const allowed = limit.take(length).finally(() => this.#waiting--)
      const read = allowed.then(() => events.read(piece, offset, length))
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
