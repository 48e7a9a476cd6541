import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { SwarmClient } from '../../torrent/engine/swarm/swarm.ts'
import { createWebtorrentClient } from '../../torrent/engine/webtorrent/webtorrent-client.ts'
import * as messages from '../../torrent/engine/wire/peer-messages.ts'
import { payload } from '../support/swarm/payload.ts'
import { eventually } from '../support/wait.ts'
import { engineOptions } from '../torrent/engines.ts'
import { expectUpload } from '../torrent/expect-upload.ts'
import { BLOCK, film, type Joined, joinFilm, PIECES, withMetainfo } from './joined-swarm.ts'

/** Incoming peers: webtorrent accepts them, and we supply the bytes. */

let client: SwarmClient
let port = 0
let folder = ''
let joined: Joined
const sockets: Socket[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-leecher-'))
  ;({ client, port } = await createWebtorrentClient(engineOptions, () => {}))
})
beforeEach(() => {
  joined = joinFilm(client, withMetainfo, { gives: true })
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await joined.swarm.close()
})
afterAll(async () => {
  await client.close()
  await rm(folder, { recursive: true })
})

test('a plain leecher gets every piece', () =>
  expectUpload(port, film.torrent(), PIECES, join(folder, 'plain')))

test('an encrypted leecher gets every piece', () =>
  expectUpload(port, film.torrent(), PIECES, join(folder, 'encrypted'), 1))

/** A leecher that may ask. */
async function leech(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {})
  let heard = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    heard = Buffer.concat([heard, chunk])
  })
  const infoHash = Buffer.from(film.infoHash, 'hex')
  socket.write(messages.handshake(infoHash, payload('leecher', 20)))
  await eventually('to be unchoked', () => {
    // webtorrent does not hear it while the torrent is not ready.
    socket.write(messages.emptyMessage(messages.MessageId.interested))
    return heard.includes(messages.emptyMessage(messages.MessageId.unchoke))
  })
  return socket
}
const request = (piece: number, length: number): Buffer =>
  messages.blockMessage(messages.MessageId.request, { piece, offset: 0, length })

test('a peer that requests more than we keep, or what we do not have, gets rejects', async () => {
  const socket = await leech()
  let bytes = 0
  socket.on('data', (chunk) => {
    bytes += chunk.length
  })
  joined.swarm.unverified(0)
  const before = bytes
  for (let i = 0; i < 700; i++) socket.write(request(0, BLOCK))
  await eventually('all rejects', () => bytes - before >= 700 * messages.BLOCK_MESSAGE_BYTES)
  socket.write(request(1, BLOCK))
  await eventually('a block', () => bytes - before >= 700 * messages.BLOCK_MESSAGE_BYTES + BLOCK)
  expect(socket.destroyed).toBe(false)
})

test('a peer that requests and does not read is closed', async () => {
  const socket = await leech()
  socket.pause()
  await eventually('the cut', () => {
    socket.write(Buffer.concat(Array(5000).fill(request(1, 4 * BLOCK))))
    return joined.swarm.peers === 0
  })
  // As many as the connection itself holds, which the system decides, and a megabyte: by far not all.
  expect(joined.reads).toBeLessThan(1000)
})
