import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import * as messages from '../../../../torrent/engine/wire/peer-messages.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { eventually, sleep } from '../../../support/wait.ts'
import { greeting, infoHash, type RawPeer, startRawPeer, theirId } from './raw-peer.ts'
import { recordedPeers } from './recorded-peers.ts'
import { ourId } from './wire-torrent.ts'

const { MessageId, emptyMessage } = messages
const PIECES = 12
const info = payload('info', 100)
const stored = payload('stored', 16_384)
const block = { piece: 1, offset: 0, length: 16_384 }

const closers: (() => unknown)[] = []
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] })
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  expect(jest.getTimerCount()).toBe(0)
  jest.useRealTimers()
})

async function rawPeer(begin?: Uint8Array, host?: string): Promise<RawPeer> {
  const peer = await startRawPeer(begin, host)
  closers.push(() => peer.close())
  return peer
}

function make(bytesPerSecond = -1) {
  const made = recordedPeers({ stored, bytesPerSecond, unansweredAs: (address) => address })
  closers.push(() => made.tcp.close())
  return made
}

const heardIds = (peer: RawPeer): number[] =>
  peer.heard.flatMap((told) => ('id' in told ? [told.id] : []))

describe('one connection', () => {
  test('is a peer from its handshake to its end', async () => {
    const peer = await rawPeer(greeting)
    const { tcp, peers, gone } = make()
    expect(tcp.connect(peer.text)).toBe(true)
    expect([tcp.connect(peer.text), tcp.transportTo(peer.text), tcp.count]).toEqual([
      ...[false, 'tcp', 0],
    ])
    await eventually('a peer', () => peers.length === 1)
    expect([tcp.count, peers[0]?.address, peers[0]?.choked]).toEqual([1, peer.text, true])
    await peer.close()
    await eventually('its end', () => gone.length === 1)
    expect([gone[0] === peers[0], tcp.count, tcp.transportTo(peer.text)]).toEqual([
      ...[true, 0, undefined],
    ])
  })

  test('writes blocks to where the torrent places them', async () => {
    const peer = await rawPeer(
      Buffer.concat([greeting, emptyMessage(MessageId.haveAll), emptyMessage(MessageId.unchoke)]),
    )
    const { tcp, peers, blocks } = make()
    tcp.connect(peer.text)
    await eventually('unchoked', () => peers[0]?.choked === false)
    peers[0]?.request(block)
    await eventually('the request', () => heardIds(peer).includes(MessageId.request))
    peer.send(messages.pieceHeader(block), stored)
    await eventually('the block', () => blocks.length === 1)
    expect(blocks).toEqual([stored.toString('hex')])
  })

  test('announces the pieces that we verify, and uploads them', async () => {
    const peer = await rawPeer(Buffer.concat([greeting, emptyMessage(MessageId.interested)]))
    const { tcp, peers } = make()
    tcp.connect(peer.text)
    await eventually('a peer', () => peers.length === 1)
    tcp.metadataKnown(info, PIECES)
    for (const piece of [1, 1, 2]) tcp.verified(piece)
    tcp.unverified(2)
    await eventually(
      'two pieces',
      () => heardIds(peer).filter((id) => id === MessageId.have).length === 2,
    )
    await eventually('unchoke', () => heardIds(peer).includes(MessageId.unchoke))
    const [ours, takenBack, outside] = [1, 2, 99].map((piece) => ({ ...block, piece }))
    for (const one of [outside, takenBack, ours]) {
      if (one) peer.send(messages.blockMessage(MessageId.request, one))
    }
    await eventually('the block', () => 'bytes' in (peer.heard.at(-1) ?? {}))
    expect(peer.heard.at(-1)).toEqual({ block, bytes: stored.toString('hex') })
    expect(heardIds(peer).filter((id) => id === MessageId.reject)).toHaveLength(2)
  })

  test('nobody is unchoked when uploads are off', async () => {
    const peer = await rawPeer(Buffer.concat([greeting, emptyMessage(MessageId.interested)]))
    const { tcp, peers } = make(0)
    tcp.connect(peer.text)
    await eventually('a peer', () => peers.length === 1)
    await sleep(30)
    expect(heardIds(peer)).not.toContain(MessageId.unchoke)
  })
})

describe('connecting again', () => {
  test('a peer that was connected is connected to again, a silent one too', async () => {
    const peer = await rawPeer(greeting)
    const { tcp, peers, gone } = make()
    tcp.connect(peer.text)
    await eventually('a peer', () => peers.length === 1)
    peers[0]?.drop('snubbed')
    expect([gone.length, peer.connections]).toEqual([1, 1])
    await jest.advanceTimersByTimeAsync(1000)
    await eventually('the second connection', () => peers.length === 2)
  })

  test('a liar is not, whoever names its address', async () => {
    const peer = await rawPeer(greeting)
    const { tcp, peers } = make()
    tcp.connect(peer.text)
    await eventually('a peer', () => peers.length === 1)
    peers[0]?.drop('banned')
    tcp.resetBackoff()
    expect(tcp.connect(peer.text)).toBe(false)
    await jest.advanceTimersByTimeAsync(100_000)
    expect(peer.connections).toBe(1)
  })

  test.each([
    ['another torrent', messages.handshake(payload('other', 20), theirId)],
    ['ourselves', messages.handshake(infoHash, ourId)],
  ])('%s is never connected to again, with encryption neither', async (_who, hello) => {
    const peer = await rawPeer(hello)
    const { tcp, unanswered, peers } = make()
    tcp.connect(peer.text)
    await eventually('the end', () => peer.connections === 1 && !tcp.transportTo(peer.text))
    expect([tcp.connect(peer.text), unanswered, peers]).toEqual([false, [], []])
  })

  test('a peer that does not answer the handshake is handed on for encryption, three times', async () => {
    const peer = await rawPeer(payload('key exchange', 96))
    const { tcp, unanswered } = make()
    for (let times = 1; times <= 3; times++) {
      expect(tcp.connect(peer.text)).toBe(true)
      await eventually('handed on', () => unanswered.length === times)
    }
    expect(tcp.connect(peer.text)).toBe(false)
    tcp.succeeded(peer.text)
    expect(tcp.connect(peer.text)).toBe(true)
  })

  test('an address that cannot be reached is neither handed on nor tried again by itself', async () => {
    const peer = await startRawPeer()
    await peer.close()
    const { tcp, unanswered } = make()
    tcp.connect(peer.text)
    await eventually('the end', () => !tcp.transportTo(peer.text))
    await jest.advanceTimersByTimeAsync(100_000)
    expect([unanswered, tcp.transportTo(peer.text)]).toEqual([[], undefined])
    expect(tcp.connect(peer.text)).toBe(true)
  })

  test('other text than an address is refused', () => {
    const { tcp } = make()
    for (const text of ['peer.example:80', '1.2.3.4', '1.2.3.4:0', '']) {
      expect([tcp.connect(text), tcp.transportTo(text)]).toEqual([false, undefined])
    }
  })
})

describe('many addresses', () => {
  const addresses = (port: number, count: number): string[] =>
    Array.from(
      { length: count },
      (_, i) => `127.0.${1 + Math.floor(i / 200)}.${1 + (i % 200)}:${port}`,
    )

  test('eighty connect at once, two hundred wait, the rest is refused; those that wait follow', async () => {
    const peer = await rawPeer(greeting, '0.0.0.0')
    const { tcp, peers } = make()
    const all = addresses(peer.port, 281)
    expect(all.map((one) => tcp.connect(one))).toEqual(all.map((_, i) => i < 280))
    await eventually('eighty peers', () => peers.length === 80)
    await sleep(30)
    expect([peers.length, tcp.connect(all[80] ?? '')]).toEqual([80, false])
    peers[0]?.drop('banned')
    await eventually('the next', () => peers.length === 81)
    expect(peers[80]?.address).toBe(all[80])
  })

  test('peers that choke us leave their places to others, up to two hundred; later one is dropped', async () => {
    const peer = await rawPeer(greeting, '0.0.0.0')
    const { tcp, peers, gone } = make()
    for (const one of addresses(peer.port, 201)) tcp.connect(one)
    await eventually('eighty peers', () => peers.length === 80)
    for (const count of [160, 200]) {
      jest.advanceTimersByTime(2500)
      await eventually(`${count} peers`, () => peers.length === count)
    }
    jest.advanceTimersByTime(55_000)
    expect([peers.length, gone]).toEqual([200, []])
    jest.advanceTimersByTime(30_000)
    expect(gone).toHaveLength(1)
    await eventually('the next', () => peers.length === 201)
  })

  test('who has the whole torrent connects to no more for it', async () => {
    const peer = await rawPeer(greeting, '0.0.0.0')
    const { tcp, peers } = make()
    tcp.metadataKnown(info, PIECES)
    for (let piece = 0; piece < PIECES; piece++) tcp.verified(piece)
    for (const one of addresses(peer.port, 100)) tcp.connect(one)
    await eventually('eighty peers', () => peers.length === 80)
    await jest.advanceTimersByTimeAsync(5000)
    expect(peers).toHaveLength(80)
    tcp.unverified(0)
    await jest.advanceTimersByTimeAsync(1000)
    await eventually('a hundred', () => peers.length === 100)
  })

  test('a live one behind a hundred that do nothing but choke is found within three seconds', async () => {
    const choking = await rawPeer(greeting, '0.0.0.0')
    const live = await rawPeer(
      Buffer.concat([greeting, emptyMessage(MessageId.haveAll), emptyMessage(MessageId.unchoke)]),
    )
    const { tcp, peers, gone } = make()
    for (const one of addresses(choking.port, 100)) tcp.connect(one)
    tcp.connect(live.text)
    await eventually('eighty peers', () => peers.length === 80)
    await jest.advanceTimersByTimeAsync(3000)
    await eventually('the live one', () => peers.some((one) => !one.choked))
    expect(gone).toEqual([])
  })

  test.each([120, 230])(
    'a live one behind %d that never answer is found within three seconds',
    async (dead) => {
      const silent = await rawPeer(undefined, '0.0.0.0')
      const live = await rawPeer(greeting)
      const { tcp, peers, unanswered } = make()
      for (const one of addresses(silent.port, dead)) tcp.connect(one)
      tcp.connect(live.text)
      for (let passed = 0; passed < 3000 && peers.length === 0; passed += 250) {
        await jest.advanceTimersByTimeAsync(250)
        await sleep(10)
      }
      expect(peers.map(({ address }) => address)).toEqual([live.text])
      // Nobody is given up for it: those that were cut short get a second, longer try.
      expect(unanswered).toEqual([])
      await jest.advanceTimersByTimeAsync(8000)
      await eventually('a second try', () => silent.connections > dead)
    },
  )

  test('close() ends every connection and connects to nobody any more', async () => {
    const peer = await rawPeer(greeting, '0.0.0.0')
    const { tcp, peers, gone } = make()
    for (const one of addresses(peer.port, 90)) tcp.connect(one)
    await eventually('eighty peers', () => peers.length === 80)
    peers[0]?.drop('snubbed')
    tcp.close()
    expect([tcp.count, gone.length, jest.getTimerCount()]).toEqual([0, peers.length, 0])
    expect(tcp.connect('127.0.0.9:9')).toBe(false)
    tcp.close()
  })
})
