import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import {
  emptyMessage,
  extended,
  handshake,
  have,
} from '../../../../torrent/engine/wire/peer-messages.ts'
import { payload, sha1 } from '../../../support/swarm/payload.ts'
import { buildTorrent } from '../../../support/swarm/torrent.ts'
import { eventually } from '../../../support/wait.ts'
import { startLoneEngine } from '../../lone-engine.ts'

const film = buildTorrent({ name: 'film.mkv', size: 100_000 })
const NO_BENCODE = payload('what is no dictionary', 100)
/** The second one is looked for by its hash alone, and so is the third, which is of no torrent. */
const TORRENTS = {
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
const MESSAGES: readonly (readonly [what: string, bytes: Buffer])[] = [
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
const FLOODS: readonly (readonly [what: string, bytes: Buffer])[] = [
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

/** What may come in place of an encrypted handshake. */
const KEYS: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['a key of zeros', Buffer.alloc(700)],
  ['a key of one', Buffer.concat([Buffer.alloc(95), Buffer.from([1]), payload('pad', 600)])],
  ['the prime as key', Buffer.concat([Buffer.alloc(96, 255), payload('pad', 600)])],
  ['noise', payload('no key', 20_000)],
]

/** A reset is an end as well. */
const closed = (socket: Socket): Promise<undefined> =>
  new Promise((resolve) => socket.once('close', () => resolve(undefined)))

describe.each([false, true])('who connects to us, to all torrents, peer exchange: %s', (pex) => {
  let node: Awaited<ReturnType<typeof startLoneEngine>>
  const sockets: Socket[] = []
  const open = (): Socket => {
    const socket = connect(node.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    sockets.push(socket)
    return socket
  }
  const greet = (socket: Socket, infoHash: string): void =>
    void socket.write(
      handshake(Buffer.from(infoHash, 'hex'), payload(`peer ${sockets.length}`, 20)),
    )

  beforeAll(async () => {
    node = await startLoneEngine({ pex })
    const specs = Object.values(TORRENTS).map((infoHash) => ({
      infoHash,
      trackers: [],
      webSeeds: [],
      ...(infoHash === film.infoHash && { metainfo: film.torrent() }),
    }))
    for (const [id, spec] of specs.entries()) node.engine.send({ t: 'fetch-metadata', id, spec })
  })
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
  })
  afterAll(() => node.engine.close(), 20_000)

  /** Resolves when the engine has answered a handshake, and so has read what was sent before. */
  const answered = (infoHash: string): Promise<unknown> =>
    eventually('an answer to a handshake', async () => {
      const socket = open()
      greet(socket, infoHash)
      const first = await Promise.race([once(socket, 'data'), closed(socket)])
      socket.destroy()
      return first !== undefined
    })

  test.each(KEYS)('%s', async (_, bytes) => {
    open().write(bytes)
    await answered(film.infoHash)
    expect(node.deaths).toBe(0)
  })

  describe.each(Object.entries(TORRENTS))('%s', (_, infoHash) => {
    test.each(MESSAGES)('%s', async (__, bytes) => {
      const socket = open()
      greet(socket, infoHash)
      await once(socket, 'data')
      socket.write(bytes)
      await answered(infoHash)
      expect(node.deaths).toBe(0)
    })

    test.each(FLOODS)('%s ends the connection', async (__, bytes) => {
      const socket = open()
      greet(socket, infoHash)
      await once(socket, 'data')
      socket.write(bytes)
      await closed(socket)
      await answered(infoHash)
      expect(node.deaths).toBe(0)
    })
  })
})
