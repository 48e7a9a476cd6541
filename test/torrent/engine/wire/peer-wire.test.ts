import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../../../common/bittorrent/bitfield.ts'
import * as messages from '../../../../torrent/engine/wire/peer-messages.ts'
import type { PeerWire } from '../../../../torrent/engine/wire/peer-wire.ts'
import type { WireTorrent } from '../../../../torrent/engine/wire/wire-torrent.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { eventually, sleep } from '../../../support/wait.ts'
import { greeting, infoHash, type RawPeer, startRawPeer, theirId } from './raw-peer.ts'
import { type Heard, ourId, wireTo } from './wire-torrent.ts'

const { MessageId, emptyMessage, have, bitfield, pieceHeader } = messages
const block = { piece: 1, offset: 16_384, length: 1000 }
const bytes = payload('block', 1000)

let peer: RawPeer
let wire: PeerWire | undefined
beforeEach(async () => {
  peer = await startRawPeer()
})
afterEach(async () => {
  wire?.close()
  await peer.close()
})

/** Connects to the raw peer, which sends these bytes first. */
async function open(more: Partial<WireTorrent> = {}, ...begin: Uint8Array[]): Promise<Heard> {
  const made = wireTo(peer, more)
  wire = made.wire
  await peer.connected()
  if (begin.length > 0) peer.send(...begin)
  return made.heard
}
const handshaken = (more: Partial<WireTorrent> = {}, ...rest: Uint8Array[]): Promise<Heard> =>
  open(more, greeting, ...rest)
const known: Partial<WireTorrent> = { ours: new Bitfield(12), info: payload('info', 100) }
const said = (heard: Heard, event: string): Promise<boolean> =>
  eventually(
    event,
    () => heard.events.includes(event),
    15_000,
    () => heard.events.join(),
  )

describe('the beginning', () => {
  test('sends handshake, have-none, extended handshake and interested, in this order', async () => {
    const heard = await handshaken({}, bitfield(Buffer.from([0x80, 0])))
    await eventually('all of it', () => peer.heard.length === 4)
    const [hello, ...rest] = peer.heard
    expect(hello).toEqual({ handshake: messages.handshake(infoHash, ourId).toString('hex') })
    expect(rest.map((told) => ('id' in told ? told.id : told))).toEqual([
      ...[MessageId.haveNone, MessageId.extended, MessageId.interested],
    ])
    await said(heard, 'changed')
    expect(heard.events).toEqual(['joined', 'changed'])
    expect(wire?.stage).toBe('handshaken')
  })

  test('sends our bitfield before anything else', async () => {
    await handshaken({ ...known, ours: new Bitfield(12, Buffer.from([0xa0, 0])) })
    await eventually('all of it', () => peer.heard.length === 3)
    expect(peer.heard[1]).toEqual({ id: MessageId.bitfield, body: 'a000' })
  })

  test('sends no extension messages to a peer that does not speak them', async () => {
    const plain = Buffer.from(greeting)
    plain.fill(0, 20, 28)
    const heard = await open({}, plain)
    await said(heard, 'joined')
    wire?.reject(block)
    await sleep(20)
    expect(peer.heard).toHaveLength(1)
  })

  test.each([
    ['another torrent', messages.handshake(payload('other', 20), theirId), 'closed for good'],
    ['ourselves', messages.handshake(infoHash, ourId), 'closed for good'],
    ['another protocol', payload('noise', 68), 'closed'],
  ])('%s: closed, and what follows in the same chunk is not parsed', async (_who, hello, end) => {
    const heard = await open(
      known,
      hello,
      emptyMessage(MessageId.interested),
      emptyMessage(MessageId.unchoke),
      have(1),
    )
    await said(heard, end)
    await sleep(20)
    expect(heard.events).toEqual([end])
    await eventually('the socket’s end', () => !peer.open)
  })

  test('nobody listens', async () => {
    await peer.close()
    const made = wireTo(peer)
    await said(made.heard, 'closed')
    expect([made.heard.events, made.wire.stage]).toEqual([['closed'], 'connecting'])
  })

  test('the peer closes in the middle of its handshake', async () => {
    const heard = await open({}, greeting.subarray(0, 30))
    await peer.close()
    await said(heard, 'closed')
    expect(heard.events).toEqual(['closed'])
  })
})

describe('nodes of the DHT', () => {
  const withDht = messages.handshake(infoHash, theirId, true)
  const port = messages.portMessage(6882)

  test('a peer that has one is told of ours, by the handshake and a message', async () => {
    await said(await open({ dhtPort: 6883 }, withDht), 'joined')
    const ours = { id: MessageId.port, body: '1ae3' }
    await eventually('our node', () =>
      peer.heard.some((told) => 'id' in told && told.id === MessageId.port),
    )
    expect(peer.heard).toContainEqual(ours)
  })

  test.each([
    ['it has none', { dhtPort: 6883 }, greeting],
    ['ours is off', {}, withDht],
  ])('it is not told where %s', async (_why, more, hello) => {
    await said(await open(more, hello), 'joined')
    await sleep(20)
    expect(peer.heard.map((told) => 'id' in told && told.id)).not.toContain(MessageId.port)
  })

  test('the port that it says is of its own address, and no other message is one', async () => {
    const odd = Buffer.from([0, 0, 0, 4, MessageId.port, 1, 2, 3])
    const zero = messages.portMessage(0)
    const heard = await open({}, greeting, odd, zero, port)
    await eventually('the node', () => heard.nodes.length > 0)
    expect(heard.nodes).toEqual([`${peer.host}:6882`])
  })

  test('who says it again and again is disconnected', async () => {
    const heard = await open({}, greeting, Buffer.concat(Array(50).fill(port)))
    await said(heard, 'closed')
    expect(heard.nodes.length).toBeLessThan(50)
  })
})

describe('what the peer has and wants', () => {
  test('choke and unchoke are reported when they change something', async () => {
    const heard = await handshaken(known)
    await said(heard, 'joined')
    peer.send(
      ...[
        MessageId.choke,
        MessageId.unchoke,
        MessageId.unchoke,
        MessageId.choke,
        MessageId.choke,
      ].map(emptyMessage),
    )
    peer.send(emptyMessage(MessageId.interested), emptyMessage(MessageId.notInterested))
    await said(heard, 'wants no more')
    expect(heard.events).toEqual(['joined', 'changed', 'changed', 'wants', 'wants no more'])
    expect(wire?.choked).toBe(true)
  })

  test('a bitfield sent before the metadata is known counts afterwards', async () => {
    let ours: Bitfield | undefined
    const late: Partial<WireTorrent> = {
      get ours() {
        return ours
      },
    }
    const heard = await handshaken(late, have(3), have(99), bitfield(Buffer.from([0x80, 0])))
    await said(heard, 'changed')
    expect(wire?.has(0)).toBe(false)
    ours = new Bitfield(12)
    wire?.metadataKnown()
    expect([0, 1, 3].map((piece) => wire?.has(piece))).toEqual([true, false, true])
  })

  test('have and have-all are reported, pieces that do not exist are not', async () => {
    const heard = await handshaken(known, have(3), have(3), have(12), have(0xffff_ffff))
    await eventually('a piece', () => wire?.has(3) === true)
    expect([wire?.has(12), wire?.has(4)]).toEqual([false, false])
    peer.send(emptyMessage(MessageId.haveAll))
    await eventually('all', () => wire?.has(4) === true)
    expect(heard.events).toEqual(['joined', 'changed', 'changed'])
  })

  test('a bitfield of another length closes the connection', async () => {
    const heard = await handshaken(known, bitfield(Buffer.alloc(3)))
    await said(heard, 'closed')
  })

  const haves = (): unknown[] =>
    peer.heard.filter((told) => 'id' in told && told.id === MessageId.have)

  test('our pieces are announced, to a peer that has them too: it may be a super-seeder', async () => {
    await handshaken(known, have(3))
    await eventually('a piece', () => wire?.has(3) === true)
    for (const piece of [3, 4]) wire?.have(piece)
    await eventually('both', () => haves().length === 2)
    expect(haves()).toEqual(['00000003', '00000004'].map((body) => ({ id: MessageId.have, body })))
  })

  test.each([
    ['have-all', emptyMessage(MessageId.haveAll)],
    ['a full bitfield', bitfield(Buffer.from([0xff, 0xf0]))],
  ])('our pieces are not announced to a peer that has everything: %s', async (_what, all) => {
    await handshaken(known, all)
    await eventually('a piece', () => wire?.has(11) === true)
    wire?.have(3)
    await sleep(20)
    expect(haves()).toEqual([])
  })

  const interests = (): unknown[] =>
    peer.heard.flatMap((told) =>
      'id' in told && [MessageId.interested, MessageId.notInterested].some((id) => id === told.id)
        ? [told.id]
        : [],
    )
  const { interested, notInterested } = MessageId

  test('interested is said when the peer first has a piece that we lack, and taken back', async () => {
    const ours = new Bitfield(12)
    ours.set(3)
    await handshaken({ ...known, ours }, bitfield(Buffer.from([0x10, 0])), have(3))
    await eventually('its piece', () => wire?.has(3) === true)
    await sleep(20)
    expect(interests()).toEqual([])
    peer.send(have(5), have(6))
    await eventually('interest', () => interests().length === 1)
    for (const piece of [5, 6]) {
      ours.set(piece)
      wire?.have(piece)
    }
    await eventually('no more', () => interests().length === 2)
    ours.clear(6)
    wire?.lost(6)
    await eventually('again', () => interests().length === 3)
    expect(interests()).toEqual([interested, notInterested, interested])
  })

  test.each([
    ['nothing', [], []],
    ['have-none', [emptyMessage(MessageId.haveNone)], []],
    ['an empty bitfield', [bitfield(Buffer.alloc(2))], []],
    ['have-all', [emptyMessage(MessageId.haveAll)], [interested]],
    ['a bitfield', [bitfield(Buffer.from([0, 0x10]))], [interested]],
    ['one piece', [have(7)], [interested]],
  ])('before the metadata is known: of a peer that says %s', async (_what, begin, expected) => {
    await handshaken({}, ...begin)
    await eventually('what is said', () => interests().length >= expected.length)
    await sleep(40)
    expect(interests()).toEqual(expected)
  })

  test('requests, cancels and rejects are handed on', async () => {
    const asked = [MessageId.request, MessageId.cancel, MessageId.reject].map((id) =>
      messages.blockMessage(id, block),
    )
    const heard = await handshaken(known, ...asked)
    await said(heard, 'refused 1/16384/1000')
    expect(heard.events.slice(1)).toEqual(
      ['requested', 'cancelled', 'refused'].map((what) => `${what} 1/16384/1000`),
    )
  })

  test.each([MessageId.request, MessageId.cancel, MessageId.reject])(
    'a short message %d closes the connection',
    async (id) => {
      const short = Buffer.concat([Buffer.from([0, 0, 0, 9, id]), Buffer.alloc(8)])
      await said(await handshaken(known, short), 'closed')
    },
  )

  const { request, reject, cancel, suggest, allowedFast } = MessageId
  const empty = pieceHeader({ ...block, length: 0 })
  test.each<[string, Uint8Array, Partial<WireTorrent>?]>([
    ['keep-alives', Buffer.alloc(4)],
    ['the same piece that it has', have(3)],
    ['pieces that there are not', have(4_000_000)],
    ['blocks without a byte', empty],
    ['rejects of what nobody requested', messages.blockMessage(reject, block)],
    [
      'requests that are refused',
      messages.blockMessage(request, block),
      { requested: () => false },
    ],
    ['cancels', messages.blockMessage(cancel, block)],
    ['suggestions', Buffer.from([0, 0, 0, 5, suggest, 0, 0, 0, 1])],
    ['allowed pieces', Buffer.from([0, 0, 0, 5, allowedFast, 0, 0, 0, 1])],
  ])('a flood of %s closes the connection', async (_, one, more = {}) => {
    const heard = await handshaken({ ...known, ...more }, ...Array<Uint8Array>(22_000).fill(one))
    await said(heard, 'closed')
  })

  test('what a fast peer says of its pieces and requests does not', async () => {
    const pieces = Array.from({ length: 12_000 }, (_, piece) => have(piece))
    const requests = Array<Uint8Array>(12_000).fill(messages.blockMessage(request, block))
    const ours = new Bitfield(12_000)
    const heard = await handshaken({ ...known, ours }, ...pieces, ...requests, have(1))
    const count = () => heard.events.filter((event) => event.startsWith('requested')).length
    await eventually('all of it', () => count() === 12_000)
    expect(heard.events).not.toContain('closed')
  })

  test('a flood of small messages closes the connection', async () => {
    const flood = Array.from({ length: 400 }, (_, i) =>
      emptyMessage(i % 2 ? MessageId.choke : MessageId.unchoke),
    )
    const heard = await handshaken(known, ...flood)
    await said(heard, 'closed')
    expect(heard.events.filter((event) => event === 'changed').length).toBeLessThan(300)
  })
})

describe('blocks', () => {
  test('requests of one tick leave in one write', async () => {
    await handshaken(known)
    await eventually('the beginning', () => peer.heard.length === 3)
    const before = peer.chunks
    for (let i = 0; i < 50; i++) wire?.request({ ...block, offset: i * 16_384 })
    await eventually('all requests', () => peer.heard.length === 53)
    expect(peer.chunks - before).toBe(1)
    expect(peer.heard.at(-1)).toEqual({
      id: MessageId.request,
      body: '00000001000c4000000003e8',
    })
  })

  test('more requests than fit one write leave too, in order', async () => {
    await said(await handshaken(known), 'joined')
    for (let piece = 0; piece < 600; piece++) wire?.request({ ...block, piece })
    wire?.cancel(block)
    await eventually('all requests', () => peer.heard.length === 604)
    const pieces = peer.heard.slice(3, -1).map((told) => 'body' in told && told.body.slice(4, 8))
    expect(pieces).toEqual(Array.from({ length: 600 }, (_, i) => i.toString(16).padStart(4, '0')))
  })

  test('a requested block is written to its placement; a cancelled one may come too', async () => {
    const heard = await handshaken(known)
    await said(heard, 'joined')
    for (const piece of [1, 2]) wire?.request({ ...block, piece })
    wire?.cancel({ ...block, piece: 2 })
    for (const piece of [1, 2]) peer.send(pieceHeader({ ...block, piece }), bytes)
    await eventually('both', () => heard.blocks.length === 2)
    expect(heard.blocks).toEqual(
      [1, 2].map((piece) => ({ block: { ...block, piece }, bytes: bytes.toString('hex') })),
    )
    expect(heard.events).toEqual(['joined'])
  })

  test('a block without a request closes the connection before a byte of it is read', async () => {
    const heard = await handshaken(known)
    await said(heard, 'joined')
    wire?.request(block)
    peer.send(pieceHeader(block), bytes, pieceHeader(block), bytes)
    await said(heard, 'closed')
    expect([heard.blocks.length, heard.placements.length]).toEqual([1, 1])
  })

  test('closed in the middle of a block: its placement is given back, once', async () => {
    const heard = await handshaken(known)
    await said(heard, 'joined')
    wire?.request(block)
    peer.send(pieceHeader(block), bytes.subarray(0, 500))
    await eventually('a place', () => heard.placements.length === 1)
    await peer.close()
    await said(heard, 'closed')
    wire?.close()
    expect(heard.aborted).toEqual(heard.placements)
    expect(heard.events).toEqual(['joined', 'closed'])
  })

  test('closed by one of its own events: the rest of the chunk is not parsed', async () => {
    const heard = await handshaken({ ...known, changed: () => wire?.close() })
    await said(heard, 'joined')
    peer.send(emptyMessage(MessageId.unchoke), emptyMessage(MessageId.interested), have(1))
    await said(heard, 'closed')
    expect(heard.events).toEqual(['joined', 'closed'])
  })
})
