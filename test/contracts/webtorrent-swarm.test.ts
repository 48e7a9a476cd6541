import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { SwarmClient } from '../../torrent/engine/swarm/swarm.ts'
import { createWebtorrentClient } from '../../torrent/engine/webtorrent/webtorrent-client.ts'
import { metadataData } from '../../torrent/engine/wire/extension-messages.ts'
import * as messages from '../../torrent/engine/wire/peer-messages.ts'
import { bencode } from '../support/bencode.ts'
import { payload } from '../support/swarm/payload.ts'
import { type Peer, type PeerPlan, startPeer } from '../support/swarm/peer.ts'
import { buildTorrent } from '../support/swarm/torrent.ts'
import { startTracker, type Tracker } from '../support/swarm/tracker.ts'
import { eventually, sleep } from '../support/wait.ts'
import { startRawPeer } from '../torrent/engine/wire/raw-peer.ts'
import { engineOptions } from '../torrent/engines.ts'
import { BLOCK, film, type Joined, joinFilm, PIECES, spec, withMetainfo } from './joined-swarm.ts'

/** One swarm over both kinds of connections: our own (plain TCP) and webtorrent's (encrypted). */

let tracker: Tracker
let client: SwarmClient
let port = 0
const closers: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  tracker = await startTracker()
  ;({ client, port } = await createWebtorrentClient(engineOptions, () => {}))
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(async () => {
  await client.close()
  await tracker.close()
})

async function join(
  plan: Partial<PeerPlan> & { magnet?: boolean; accept?: boolean } = {},
): Promise<Joined & { remote: Peer }> {
  const remote = await startPeer({
    info: film.info,
    pieceLength: film.pieceLength,
    pieceCount: PIECES,
    block: (offset, length) => film.content.subarray(offset, offset + length),
    ...plan,
  })
  closers.push(() => remote.close())
  tracker.peers(film.infoHash, [remote.peer])
  const joining = { ...(plan.magnet ? spec : withMetainfo), trackers: [tracker.url] }
  const joined = joinFilm(client, joining, plan)
  closers.push(() => joined.swarm.close())
  return Object.assign(joined, { remote })
}

const first = { piece: 0, offset: 0, length: BLOCK }

describe.each([
  ['in plain, by our own wire', false],
  ['encrypted, by webtorrent', true],
])('%s', (_how, encryptedOnly) => {
  test('nothing is requested or read by itself', async () => {
    const joined = await join({ encryptedOnly })
    await joined.peer()
    await sleep(700)
    expect([joined.remote.sent, joined.blocks, joined.reads]).toEqual([0, [], 0])
    expect(joined.peers[0]?.id.startsWith('t')).toBe(!encryptedOnly)
  })

  test('a requested block comes with its bytes', async () => {
    const joined = await join({ encryptedOnly })
    const peer = await joined.peer()
    const block = { piece: 1, offset: BLOCK, length: BLOCK }
    peer.request(block)
    await eventually('the block', () => joined.blocks.length === 1)
    expect(joined.blocks[0]?.block).toEqual(block)
    expect(joined.blocks[0]?.bytes.equals(film.content.subarray(5 * BLOCK, 6 * BLOCK))).toBe(true)
  })

  test('a cancelled block that comes all the same is handed over', async () => {
    const joined = await join({ encryptedOnly })
    const peer = await joined.peer()
    peer.request(first)
    peer.cancel(first)
    await eventually('the block', () => joined.blocks.length === 1)
    expect(joined.blocks[0]?.bytes.equals(film.content.subarray(0, BLOCK))).toBe(true)
    expect(joined.refused).toEqual([])
  })

  test('metadata passes our validation first; accepted, the torrent gets ready', async () => {
    const joined = await join({ encryptedOnly, magnet: true })
    await eventually('ready', () => joined.ready)
    // It is handed over wrapped as { info }; its bytes are the info dictionary's.
    expect(Buffer.from(joined.offered[0] ?? []).includes(film.info)).toBe(true)
  })

  test('metadata that is refused never reaches webtorrent', async () => {
    const joined = await join({ encryptedOnly, magnet: true, accept: false })
    await eventually('metadata', () => joined.offered.length > 0)
    await sleep(300)
    expect([joined.ready, joined.failed]).toEqual([false, []])
  })
})

describe('requests to webtorrent’s peers that are not answered', () => {
  test('a choked peer: refused, but not before the call has returned', async () => {
    const joined = await join({ encryptedOnly: true, pieceCount: 0 })
    const peer = await joined.peer(true)
    expect(peer.choked).toBe(true)
    peer.request(first)
    expect(joined.refused).toEqual([])
    await eventually('the refusal', () => joined.refused.length === 1)
  })

  test('a dropped peer: refused', async () => {
    const joined = await join({ encryptedOnly: true, block: () => undefined })
    const peer = await joined.peer()
    peer.request(first)
    peer.drop('snubbed')
    await eventually('the refusal', () => joined.refused.length === 1)
  })
})

describe('private torrents (BEP 27) take no addresses from peers', () => {
  test.each(['a .torrent', 'a magnet'])('%s', async (kind) => {
    const film = buildTorrent({ name: 'private.mp4', size: 100_000, private: true })
    const { infoHash, info } = film
    const hello = messages.handshake(Buffer.from(infoHash, 'hex'), payload('their id', 20))
    const [peer, other] = [await startRawPeer(hello), await startRawPeer()]
    closers.push(
      () => peer.close(),
      () => other.close(),
    )
    tracker.peers(infoHash, [peer.text])
    const joining = { infoHash, trackers: [tracker.url], webSeeds: [] }
    const metainfo = film.torrent()
    const pexing = await createWebtorrentClient({ ...engineOptions, pex: true }, () => {})
    closers.push(() => pexing.client.close())
    const joined = joinFilm(pexing.client, kind === 'a magnet' ? joining : { ...joining, metainfo })
    await eventually('a peer', () => joined.peers.length === 1)
    await eventually('our hello', () => peer.heard.length === 3)
    const says = { m: { ut_metadata: 9 }, metadata_size: info.length }
    if (kind === 'a magnet') {
      peer.send(messages.extended(0, bencode(says)))
      peer.send(messages.extended(1, metadataData(0, info.length), info))
    } else expect(JSON.stringify(peer.heard)).not.toContain(Buffer.from('ut_pex').toString('hex'))
    await eventually('ready', () => joined.ready)
    const [ip, port] = [Buffer.from([127, 0, 0, 1]), Buffer.from([other.port >> 8, other.port])]
    peer.send(messages.extended(2, bencode({ added: Buffer.concat([ip, port]) })))
    await sleep(300)
    expect([joined.failed, other.connections]).toEqual([[], 0])
  })
})

test('we do not become a peer of ourselves', async () => {
  tracker.peers(film.infoHash, [`127.0.0.1:${port}`, `127.0.0.2:${port}`])
  const joined = joinFilm(client, { ...withMetainfo, trackers: [tracker.url] })
  closers.push(() => joined.swarm.close())
  await eventually('ready', () => joined.ready)
  await sleep(500)
  joined.swarm.reconnect()
  await sleep(500)
  expect([joined.peers, joined.swarm.peers]).toEqual([[], 0])
})
