import { createServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, expect, test } from '@jest/globals'
import { createAddressRules } from '../../../../common/network/address-rules.ts'
import { UtpSockets } from '../../../../torrent/engine/utp/utp-sockets.ts'
import * as messages from '../../../../torrent/engine/wire/peer-messages.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { eventually } from '../../../support/wait.ts'
import { greeting, startRawPeer } from './raw-peer.ts'
import { recordedPeers } from './recorded-peers.ts'

const { MessageId, emptyMessage } = messages
const block = { piece: 1, offset: 0, length: 16_384 }
const stored = payload('stored', block.length)

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** uTP on a port where TCP refuses. */
async function utpOnly(incoming: (stream: Duplex) => void = () => {}) {
  const peer = await startRawPeer()
  await peer.close()
  const rules = createAddressRules(['127.0.0.0/8'])
  const utp = new UtpSockets({ port: peer.port, rules, hasRoom: () => true, incoming })
  closers.push(() => utp.close())
  return { utp, text: peer.text }
}

/** A peer of uTP that says this when somebody connects. */
async function peerSaying(begin: Uint8Array) {
  const streams: Duplex[] = []
  const peer = await utpOnly((stream) => {
    streams.push(stream)
    stream.on('error', () => {}).resume()
    stream.write(begin)
  })
  return { streams, text: peer.text }
}

/** As libtorrent does when it is set to uTP: what comes by TCP is accepted, and closed. */
async function closeTcp(text: string): Promise<void> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) =>
    server.listen(Number(text.split(':')[1]), '127.0.0.1', resolve),
  )
  closers.push(() => server.close())
}

async function make() {
  const { utp } = await utpOnly()
  const unansweredAs = (address: string, transport: string): string => `${transport} ${address}`
  const made = recordedPeers({ stored, utp, unansweredAs })
  closers.push(() => made.tcp.close())
  return made
}

test('a peer that TCP does not reach is one by uTP, from its handshake to its end', async () => {
  const begin = [greeting, emptyMessage(MessageId.haveAll), emptyMessage(MessageId.unchoke)]
  const peer = await peerSaying(Buffer.concat(begin))
  const { tcp, peers, gone, blocks } = await make()
  expect(tcp.connect(peer.text)).toBe(true)
  await eventually('unchoked', () => peers[0]?.choked === false)
  expect([peers[0]?.address, tcp.transportTo(peer.text), tcp.count]).toEqual([peer.text, 'utp', 1])
  peers[0]?.request(block)
  peer.streams[0]?.write(Buffer.concat([messages.pieceHeader(block), stored]))
  await eventually('the block', () => blocks.length === 1)
  expect(blocks).toEqual([stored.toString('hex')])
  peer.streams[0]?.destroy()
  await eventually('its end', () => gone.length === 1)
})

test('so is one that closes what comes by TCP; encryption is tried there too', async () => {
  const peer = await peerSaying(greeting)
  await closeTcp(peer.text)
  const { tcp, peers, unanswered } = await make()
  tcp.connect(peer.text)
  await eventually('a peer', () => peers.length === 1)
  expect([tcp.transportTo(peer.text), unanswered]).toEqual(['utp', [`tcp ${peer.text}`]])
})

test('one that does not answer the handshake is handed on for encryption over uTP', async () => {
  const peer = await peerSaying(payload('key exchange', 96))
  const { tcp, unanswered } = await make()
  tcp.connect(peer.text)
  await eventually('handed on', () => unanswered.length === 1)
  expect(unanswered).toEqual([`utp ${peer.text}`])
})

test('a liar is not connected to again by uTP either', async () => {
  const peer = await peerSaying(greeting)
  const { tcp, peers } = await make()
  tcp.connect(peer.text)
  await eventually('a peer', () => peers.length === 1)
  peers[0]?.drop('banned')
  tcp.resetBackoff()
  expect(tcp.connect(peer.text)).toBe(false)
})
