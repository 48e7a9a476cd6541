import type { Socket } from 'node:net'
import { emptyMessage, extended, have } from '../../../../torrent/engine/wire/peer-messages.ts'
import { payload, sha1 } from '../../../support/swarm/payload.ts'
import { buildTorrent } from '../../../support/swarm/torrent.ts'

export const film = buildTorrent({ name: 'film.mkv', size: 100_000 })
const NO_BENCODE = payload('what is no dictionary', 100)
/** The second one is looked for by its hash alone, and so is the third, which is of no torrent. */
export const TORRENTS = {
  'a torrent': film.infoHash,
  'a magnet': '11'.repeat(20),
  'a magnet of what is no torrent': sha1(NO_BENCODE).toString('hex'),
} as const

const text = (extension: number, body: string, more: Uint8Array = Buffer.alloc(0)): Buffer =>
  extended(extension, Buffer.from(body, 'latin1'), more)
const size = (bytes: number) => text(0, `d1:md11:ut_metadatai1ee13:metadata_sizei${bytes}ee`)
const many = (count: number, message: Buffer): Buffer => Buffer.concat(Array(count).fill(message))
const length = (bytes: number): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(bytes)
  return head
}

/** What a peer may send after its handshake; what it did to webtorrent alone is in brackets. */
export const MESSAGES: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['an extension that is no number (died)', text(0, 'd1:md1:ad8:toStringi1eeee')],
  ['a handshake with a negative length (hung)', text(0, 'l-3:')],
  ['peers with a negative length (hung)', text(2, 'l-3:')],
  ['a request for metadata before a handshake (died)', text(1, 'd8:msg_typei0e5:piecei0ee')],
  ['an empty message about metadata (died)', text(1, '')],
  ['metadata that nobody asked for (died)', text(1, 'd8:msg_typei1e5:piecei0ee')],
  [
    'metadata behind its end (died)',
    Buffer.concat([size(100), text(1, 'd8:msg_typei1e5:piecei9ee', payload('x', 100))]),
  ],
  [
    'metadata that is no dictionary (died)',
    Buffer.concat([size(100), text(1, 'd8:msg_typei1e5:piecei0ee', NO_BENCODE)]),
  ],
  ['metadata of a negative size', size(-1)],
  ['pieces beyond all torrents', Buffer.concat([have(0x7fffffff), have(0xffffffff)])],
  ['a fast message without the number', emptyMessage(17)],
]
/** What ends the connection at once or by its mass. */
export const FLOODS: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['a message of 2 GB', length(0x7fffffff)],
  ['a message of 4 GB', length(0xffffffff)],
  ['300 times a change of mind', many(300, Buffer.concat([emptyMessage(2), emptyMessage(3)]))],
  [
    '100 bitfields',
    many(100, Buffer.concat([length(1001), Buffer.from([5]), Buffer.alloc(1000, 255)])),
  ],
  ['10 dictionaries of 100 KB', many(10, text(0, `d1:x100000:${'x'.repeat(100_000)}e`))],
  ['10,000 keep-alives', Buffer.alloc(40_000)],
  ['100 ports of DHT nodes', many(100, Buffer.from([0, 0, 0, 3, 9, 1, 2]))],
  ['50,000 pieces that it has', Buffer.concat(Array.from({ length: 50_000 }, (_, n) => have(n)))],
]

/** What an engine is told of them. */
export const specs = Object.values(TORRENTS).map((infoHash) => ({
  infoHash,
  trackers: [],
  webSeeds: [],
  ...(infoHash === film.infoHash && { metainfo: film.torrent() }),
}))

/** A reset is an end as well. */
export const closed = (socket: Socket): Promise<undefined> =>
  new Promise((resolve) => socket.once('close', () => resolve(undefined)))
