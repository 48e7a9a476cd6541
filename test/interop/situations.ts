import { bencode } from '../support/bencode.ts'
import { KiB, MiB, payload } from '../support/swarm/payload.ts'
import { eventually } from '../support/wait.ts'
import type { Cell, Outcome } from './cell.ts'
import type { Ability } from './clients/client.ts'
import { libtorrent } from './clients/libtorrent.ts'
import { datagramsOnly } from './datagrams-only.ts'
import { lineLacks, openLossyLine } from './lossy-line.ts'

export interface Situation {
  /** Head of its column. */
  readonly name: string
  /** What happens in it, for the list below the table. */
  readonly what: string
  readonly needs?: Ability
  /** What this machine lacks for it. */
  lacking?(): string | undefined
  /** Bytes of the film and of its pieces. */
  readonly size: number
  readonly pieceLength: number
  readonly rewrite?: (info: Buffer) => Buffer
  run(cell: Cell): Promise<Outcome>
}

const usual = { size: 8 * MiB, pieceLength: 256 * KiB }
const SLOW_KB = 50
const LARGE = 1_300_000
const END = Buffer.from('e')

export const situations: readonly Situation[] = [
  {
    name: 'plain',
    what: 'it seeds, we connect to it without encryption; metadata by magnet',
    ...usual,
    run: async (cell) => playFrom(cell, (await cell.start('all')).peer),
  },
  {
    name: 'encrypted',
    what: 'it takes encrypted connections only (MSE)',
    needs: 'encryption',
    ...usual,
    run: async (cell) => playFrom(cell, (await cell.start('all', { isEncrypted: true })).peer),
  },
  {
    name: 'uTP',
    what: 'at its address datagrams arrive and TCP is refused (BEP 29)',
    needs: 'utp',
    ...usual,
    run: async (cell) => {
      const seed = await cell.start('all')
      const relay = await datagramsOnly(seed.order.port)
      cell.own(relay.close)
      return playFrom(cell, relay.peer)
    },
  },
  {
    name: 'IPv6',
    what: 'it is reached at `::1`',
    needs: 'ipv6',
    ...usual,
    run: async (cell) => playFrom(cell, (await cell.start('all', { host: '::1' })).peer),
  },
  {
    name: 'dials in',
    what: 'nobody is known to us; it hears of us from its tracker while the play waits, and connects',
    needs: 'dialsAsSeeder',
    ...usual,
    run: async (cell) => {
      const playing = cell.play()
      // Who starts it in vain says so itself.
      playing.catch(() => {})
      const { tracker, engine } = cell.lab
      await eventually('our announce', () => tracker.announces(cell.film.infoHash) > 0)
      cell.tell([engine.peer])
      await cell.start('all', {}, true)
      await playing
      return {}
    },
  },
  {
    name: 'restart',
    what: 'it ends in the middle of a play and starts again at the same port',
    size: 6 * MiB,
    pieceLength: 256 * KiB,
    run: async (cell) => {
      const seed = await cell.start('all', { uploadKb: 600 })
      cell.tell([seed.peer])
      const { firstByteMs } = await cell.play(() => seed.restart())
      return { firstByteMs }
    },
  },
  {
    name: 'two halves',
    what: 'two of it, each with the half that the other lacks',
    ...usual,
    run: async (cell) => {
      const first = await cell.start('first half')
      const second = await cell.start('second half')
      return playFrom(cell, first.peer, second.peer)
    },
  },
  {
    name: 'super-seeding',
    what: 'it shows each peer one piece at a time (BEP 16)',
    needs: 'superSeeding',
    size: 2 * MiB,
    pieceLength: 256 * KiB,
    run: async (cell) => playFrom(cell, (await cell.start('all', { isSuperSeeding: true })).peer),
  },
  {
    name: 'slow',
    what: `it sends ${SLOW_KB} KB a second, as it counts them`,
    size: 512 * KiB,
    pieceLength: 64 * KiB,
    run: async (cell) => playFrom(cell, (await cell.start('all', { uploadKb: SLOW_KB })).peer),
  },
  {
    name: 'lossy',
    what: 'it is 80 ms away, there and back, and of 100 packets one is lost, each way (Linux, root)',
    lacking: lineLacks,
    size: 4 * MiB,
    pieceLength: 256 * KiB,
    run: async (cell) => {
      const line = await openLossyLine(await cell.folder())
      cell.own(line.close)
      const host = line.farAddress
      const { inside } = line
      return playFrom(cell, (await cell.start('all', { host, rpcHost: host, inside })).peer)
    },
  },
  {
    name: 'large metadata',
    what: 'its info dictionary has 1.3 MB, and we have a magnet',
    size: 512 * KiB,
    pieceLength: 64 * KiB,
    // A key that nobody knows: its bytes are hashed and sent with all others (BEP 3, 9).
    rewrite: (info) =>
      Buffer.concat([info.subarray(0, -1), bencode('zz'), bencode(payload('zz', LARGE)), END]),
    run: async (cell) => playFrom(cell, (await cell.start('all')).peer),
  },
  {
    name: 'fetches from us',
    what: 'we connect to it while we download, without a limit of upload; it gets the whole film from us alone',
    size: 16 * MiB,
    pieceLength: 256 * KiB,
    run: async (cell) => {
      const leecher = await cell.start('nothing')
      cell.tell([leecher.peer, await sourceOf(cell)])
      await cell.keepOpen()
      return cell.fetched(leecher)
    },
  },
  {
    name: 'dials in and fetches',
    what: 'the same, but it connects to us when we have all',
    needs: 'dials',
    size: 16 * MiB,
    pieceLength: 256 * KiB,
    run: (cell) => fetchByDialling(cell, false),
  },
  {
    name: 'the same, encrypted',
    what: 'it makes encrypted connections only (MSE)',
    needs: 'dials',
    size: 16 * MiB,
    pieceLength: 256 * KiB,
    run: (cell) => fetchByDialling(cell, true),
  },
]

function playFrom(cell: Cell, ...peers: readonly string[]): Promise<Outcome> {
  cell.tell(peers)
  return cell.compare(peers)
}

/** A seeder of libtorrent, from which we get the film that others fetch from us. */
const sourceOf = async (cell: Cell): Promise<string> =>
  (await cell.start('all', {}, false, libtorrent)).peer

async function fetchByDialling(cell: Cell, isEncrypted: boolean): Promise<Outcome> {
  cell.tell([await sourceOf(cell)])
  await cell.keepOpen()
  cell.tell([cell.lab.engine.peer])
  return cell.fetched(await cell.start('nothing', { isEncrypted }, true))
}
