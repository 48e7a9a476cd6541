import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import WebTorrent from 'webtorrent'
import type { Block } from '../../torrent/engine/scheduler.ts'
import {
  createSwarmClient,
  type Swarm,
  type SwarmClient,
  type SwarmEvents,
  type SwarmPeer,
} from '../../torrent/engine/swarm.ts'
import type { WtClient, WtStoreCallback, WtTorrent } from '../../torrent/engine/webtorrent-types.ts'
import { type Peer, type PeerPlan, startPeer } from '../support/peer.ts'
import { buildTorrent } from '../support/torrent.ts'
import { startTracker, type Tracker } from '../support/tracker.ts'
import { eventually, sleep } from '../support/wait.ts'
import { engineOptions } from '../torrent/engines.ts'

/** What torrent/engine/swarm.ts relies on and webtorrent does not promise. */

const BLOCK = 16 * 1024
const film = buildTorrent({ name: 'film.mp4', size: 300_000, pieceLength: 4 * BLOCK })
const PIECES = 5

test('the version is the one that was looked into', async () => {
  const path = new URL('../../node_modules/webtorrent/package.json', import.meta.url)
  expect(JSON.parse(await readFile(path, 'utf8')).version).toBe('3.0.21')
  const ours = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(ours.dependencies.webtorrent).toBe('3.0.21')
})

describe('private members of a torrent', () => {
  const gets: number[] = []
  class Store {
    constructor(_pieceLength: number, opts: { torrent: WtTorrent }) {
      opts.torrent._startupBitfield = new Uint8Array(Math.ceil(opts.torrent.pieces.length / 8))
    }
    get(piece: number, opts: unknown, cb?: WtStoreCallback): void {
      gets.push(piece)
      const done = typeof opts === 'function' ? (opts as WtStoreCallback) : cb
      done?.(new Error('empty'))
    }
    put(_piece: number, _bytes: Uint8Array, cb: (err: Error | null) => void): void {
      cb(null)
    }
    close(cb: (err: Error | null) => void): void {
      cb(null)
    }
    destroy(cb: (err: Error | null) => void): void {
      cb(null)
    }
  }
  let client: WtClient
  let torrent: WtTorrent & { bitfield: { get(piece: number): boolean } }
  beforeAll(async () => {
    const quiet = { dht: false, lsd: false, utp: false, utPex: false, tracker: false }
    client = new WebTorrent({ ...quiet, natUpnp: false, natPmp: false })
    const opts = { deselect: true, storeCacheSlots: 0, store: Store }
    torrent = client.add(film.torrent(), opts) as typeof torrent
    await new Promise<void>((resolve) => torrent.once('ready', () => resolve()))
  })
  afterAll(() => new Promise<void>((resolve) => client.destroy(() => resolve())))

  test('a startup bitfield set by the store spares every read before `ready`', () => {
    expect(gets).toEqual([])
    expect(torrent.pieces.length).toBe(PIECES)
    expect([...Array(PIECES).keys()].some((piece) => torrent.bitfield.get(piece))).toBe(false)
  })

  test('_markVerified makes a piece ours, _markUnverified takes it back', () => {
    const verified: unknown[] = []
    torrent.on('verified', (piece: unknown) => verified.push(piece))
    torrent._markVerified(2)
    expect(verified).toEqual([2])
    expect(torrent.bitfield.get(2)).toBe(true)
    expect(torrent.pieces[2]).toBe(null)
    torrent._markUnverified(2)
    expect(torrent.bitfield.get(2)).toBe(false)
    expect(torrent.pieces[2]).toBeTruthy()
    expect(gets).toEqual([])
  })
})

describe('through our swarm', () => {
  let tracker: Tracker
  let client: SwarmClient
  let port = 0
  const closers: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    tracker = await startTracker()
    ;({ client, port } = await createSwarmClient(engineOptions, () => {}))
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })
  afterAll(async () => {
    await client.close()
    await tracker.close()
  })

  interface Joined {
    readonly swarm: Swarm
    readonly remote: Peer
    readonly peers: SwarmPeer[]
    readonly blocks: Block[]
    readonly bytes: Buffer[]
    readonly offered: Uint8Array[]
    ready: boolean
    reads: number
  }

  async function join(
    plan: Partial<PeerPlan> & { magnet?: boolean; accept?: boolean } = {},
  ): Promise<Joined> {
    const remote = await startPeer({
      info: film.info,
      pieceLength: film.pieceLength,
      pieceCount: PIECES,
      block: (offset, length) => film.content.subarray(offset, offset + length),
      ...plan,
    })
    closers.push(() => remote.close())
    tracker.peers(film.infoHash, [remote.peer])
    const all = { remote, peers: [], blocks: [], bytes: [], offered: [], ready: false, reads: 0 }
    const joined = all as unknown as Joined
    const events: SwarmEvents = {
      metadata: (info) => {
        joined.offered.push(info)
        return plan.accept ?? true
      },
      ready: () => {
        joined.ready = true
      },
      peer: (peer) => void joined.peers.push(peer),
      peerChanged: () => {},
      peerGone: () => {},
      block: (_peer, block, bytes) => {
        joined.blocks.push(block)
        joined.bytes.push(Buffer.from(bytes))
      },
      read: async () => {
        joined.reads++
        throw new Error('not here')
      },
      failed: () => {},
    }
    const spec = { infoHash: film.infoHash, trackers: [tracker.url], webSeeds: [] }
    const metainfo = film.torrent({ announce: tracker.url })
    const swarm = client.join(plan.magnet ? spec : { ...spec, metainfo }, events)
    closers.push(() => swarm.close())
    return Object.assign(joined, { swarm })
  }

  async function connected(joined: Joined, choked = false): Promise<SwarmPeer> {
    return eventually('a peer that can be asked', () =>
      joined.ready
        ? joined.peers.find((peer) => choked || (!peer.choked && peer.has(0)))
        : undefined,
    )
  }

  test('nothing is asked for by itself, and nothing read', async () => {
    const joined = await join()
    await connected(joined)
    await sleep(700)
    expect({ sent: joined.remote.sent, blocks: joined.blocks, reads: joined.reads }).toEqual({
      sent: 0,
      blocks: [],
      reads: 0,
    })
    expect(port).toBeGreaterThan(0)
  })

  test('a block that is asked for comes with its bytes', async () => {
    const joined = await join()
    const peer = await connected(joined)
    peer.request({ piece: 1, offset: BLOCK, length: BLOCK }, () => {})
    await eventually('the block', () => joined.blocks.length === 1)
    expect(joined.blocks).toEqual([{ piece: 1, offset: BLOCK, length: BLOCK }])
    expect(joined.bytes[0]?.equals(film.content.subarray(5 * BLOCK, 6 * BLOCK))).toBe(true)
  })

  test('a cancelled block that comes all the same is handed over', async () => {
    const joined = await join()
    const peer = await connected(joined)
    const block = { piece: 0, offset: 0, length: BLOCK }
    peer.request(block, () => {})
    peer.cancel(block)
    await eventually('the block', () => joined.blocks.length === 1)
    expect(joined.bytes[0]?.equals(film.content.subarray(0, BLOCK))).toBe(true)
  })

  test('a request of a choked peer is refused, but not before it returned', async () => {
    const joined = await join({ pieceCount: 0 })
    const peer = await connected(joined, true)
    expect(peer.choked).toBe(true)
    let refused = 0
    peer.request({ piece: 0, offset: 0, length: BLOCK }, () => void refused++)
    expect(refused).toBe(0)
    await eventually('the refusal', () => refused === 1)
  })

  test('a dropped peer’s requests are refused', async () => {
    const joined = await join({ block: () => undefined })
    const peer = await connected(joined)
    let refused = 0
    peer.request({ piece: 0, offset: 0, length: BLOCK }, () => void refused++)
    peer.drop()
    await eventually('the refusal', () => refused === 1)
  })

  test('metadata passes our gate first: accepted, the torrent gets ready', async () => {
    const joined = await join({ magnet: true })
    await eventually('ready', () => joined.ready)
    // webtorrent hands it over wrapped as { info }; its bytes are the info dictionary's.
    expect(Buffer.from(joined.offered[0] ?? []).includes(film.info)).toBe(true)
  })

  test('refused, webtorrent never sees it', async () => {
    const joined = await join({ magnet: true, accept: false })
    await eventually('metadata', () => joined.offered.length > 0)
    await sleep(300)
    expect(joined.ready).toBe(false)
  })
})
