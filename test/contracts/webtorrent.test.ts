import { readFile } from 'node:fs/promises'
import { duplexPair } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import WebTorrent from 'webtorrent'
import { parseMetainfo } from '../../common/bittorrent/metainfo.ts'
import { standIn } from '../../torrent/engine/webtorrent/stand-in.ts'
import type {
  WtClient,
  WtStoreCallback,
  WtTorrent,
  WtWire,
} from '../../torrent/engine/webtorrent/webtorrent-types.ts'
import { handshake } from '../../torrent/engine/wire/peer-messages.ts'
import { buildTorrent } from '../support/swarm/torrent.ts'
import { eventually } from '../support/wait.ts'

/** What torrent/engine/webtorrent/torrent-swarm.ts relies on and webtorrent does not promise. */

const BLOCK = 16 * 1024
const film = buildTorrent({ name: 'film.mp4', size: 300_000, pieceLength: 4 * BLOCK })
const PIECES = 5

test('the version is the one whose code was read', async () => {
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
  let torrent: WtTorrent & {
    infoHash: string
    bitfield: { get(piece: number): boolean }
  }
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

  test('a connection tells its requests by _onRequest, before its extended handshake', async () => {
    const seen: unknown[] = []
    const other: WtClient = new WebTorrent({
      ...{ dht: false, lsd: false, utp: false, utPex: false, tracker: false },
      ...{ natUpnp: false, natPmp: false },
    })
    torrent.once('wire', (wire: WtWire) => {
      wire.extendedHandshake.reqq = 123
      const { _onRequest } = wire
      wire._onRequest = (...request) => void seen.push(_onRequest.length, request)
      expect([typeof wire.reject, typeof wire.hasFast, wire._bufferSize]).toEqual([
        ...['function', 'boolean', expect.any(Number)],
      ])
    })
    try {
      const wire = await new Promise<WtWire>((resolve) => {
        const theirs = other.add({ infoHash: film.infoHash }, { deselect: true })
        theirs.once('wire', resolve)
        theirs.once('infoHash', () => theirs.addPeer(`127.0.0.1:${client.torrentPort}`))
      })
      await new Promise((resolve) => wire.once('extended', resolve))
      expect(wire.peerExtendedHandshake.reqq).toBe(123)
      Object(wire)._message(6, [1, 0, BLOCK], null)
      await eventually('the request', () => seen.length > 0)
      expect(seen).toEqual([3, [1, 0, BLOCK]])
    } finally {
      await new Promise<void>((resolve) => other.destroy(() => resolve()))
    }
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

  test('every address that is heard of goes through _addPeer', () => {
    const seen: unknown[] = []
    const { _addPeer } = torrent
    torrent._addPeer = (peer) => {
      seen.push(peer)
      return { id: peer }
    }
    expect(torrent.addPeer('192.0.2.1:6881')).toBe(true)
    torrent._addPeer = _addPeer
    expect(seen).toEqual(['192.0.2.1:6881'])
  })

  test('a peer of uTP is connected to by _connPool.utpServer, and one that came is taken', async () => {
    const pool = client._connPool
    const asked: unknown[] = []
    const [outgoing] = duplexPair()
    client.utp = true
    pool.utpServer = {
      removeListener() {},
      close() {},
      connect(port, host) {
        asked.push(port, host)
        return outgoing
      },
    }
    const [theirs, ours] = duplexPair()
    try {
      torrent._addPeer('192.0.2.2:6882', 'utp', 'manual')
      expect(asked).toEqual([6882, '192.0.2.2'])
      outgoing.destroy()
      const wire = new Promise<WtWire>((resolve) => torrent.once('wire', resolve))
      const from = { remoteAddress: '127.0.0.9', remotePort: 9 }
      pool._onUTPConnectionBound(Object.assign(ours, from))
      theirs.write(handshake(Buffer.from(film.infoHash, 'hex'), Buffer.alloc(20, 7)))
      expect((await wire).type).toBe('utpIncoming')
    } finally {
      for (const stream of [outgoing, theirs, ours]) stream.destroy()
      client.utp = false
      delete pool.utpServer
    }
  })

  test('_onMetadata makes a torrent that began as a hash ready, private ones too', async () => {
    for (const isPrivate of [false, true]) {
      const other = buildTorrent({ name: `p${isPrivate}.mp4`, size: 100_000, private: isPrivate })
      const opts = { deselect: true, store: Store, private: isPrivate }
      const added = client.add({ infoHash: other.infoHash, announce: [] }, opts) as typeof torrent
      await new Promise<void>((resolve) => added.once('infoHash', () => resolve()))
      expect(added.ready).toBe(false)
      const metainfo = parseMetainfo(other.torrent(), { maxLength: 1e9 })
      await added._onMetadata(standIn(metainfo))
      if (!added.ready) await new Promise<void>((resolve) => added.once('ready', () => resolve()))
      expect([added.infoHash, added.pieces.length]).toEqual([other.infoHash, 2])
      await added._onMetadata(standIn(metainfo))
    }
  })
})
