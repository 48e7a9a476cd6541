import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { parseMetainfo } from '../../../common/bittorrent/metainfo.ts'
import {
  type PieceLayout,
  pieceCount,
  pieceInFile,
} from '../../../common/bittorrent/piece-layout.ts'
import type {
  DownloadPlace,
  FileDownload,
  TorrentSpec,
} from '../../../torrent/protocol/torrent-engine.ts'
import { freePort } from '../../support/free-port.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { startPeer } from '../../support/swarm/peer.ts'
import { type Seeder, startSeeder } from '../../support/swarm/seeder.ts'
import { buildTorrent, writeForSeeding } from '../../support/swarm/torrent.ts'
import { startTracker, type Tracker } from '../../support/swarm/tracker.ts'
import { eventually, within } from '../../support/wait.ts'
import {
  drain,
  engineOptions,
  enginePids,
  killEngine,
  recorder,
  spoil,
  startEngine,
  using,
} from '../engines.ts'
import { expectUpload } from '../expect-upload.ts'

const KiB = 1024
/** The film lies over the edges of pieces on both sides. */
const pack = buildTorrent({
  name: 'pack',
  files: { 'a.txt': 100_001, 'film.mkv': 3_000_003, 'z.nfo': 777 },
  pieceLength: 64 * KiB,
})
const film = pack.files[1]?.bytes ?? Buffer.alloc(0)
const lonely = buildTorrent({ name: 'lonely.mp4', size: 100_000 })

let folder = ''
let tracker: Tracker
let seeder: Seeder
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-engine-'))
  tracker = await startTracker()
  const torrent = await writeForSeeding(folder, pack)
  seeder = await startSeeder([{ torrent, folder }])
  tracker.peers(pack.infoHash, seeder.peers)
})
afterAll(async () => {
  await seeder.close()
  await tracker.close()
  await rm(folder, { recursive: true })
})

const specOf = (infoHash: string): TorrentSpec => ({
  infoHash,
  trackers: [tracker.url],
  webSeeds: [],
})
const soon = (ms = 8000): AbortSignal => AbortSignal.timeout(ms)

const read = (metainfo: Uint8Array) => parseMetainfo(metainfo, { maxLength: 1 << 30 })

async function placeOf(
  metainfo: Uint8Array,
  more: Partial<DownloadPlace> = {},
): Promise<DownloadPlace> {
  const { files, pieceLength, length } = read(metainfo)
  const file = files[1]
  if (!file) throw new Error('no such file')
  const layout: PieceLayout = {
    pieceLength,
    torrentLength: length,
    offset: file.offset,
    size: file.size,
  }
  const home = more.folder ?? (await mkdtemp(join(folder, 'file-')))
  await mkdir(home, { recursive: true })
  await writeFile(join(home, '1'), '', { flag: 'a' })
  const have = new Bitfield(pieceCount(layout))
  return {
    folder: home,
    fileIdx: 1,
    layout,
    have,
    trusted: true,
    fill: 'whole',
    room: 10 ** 9,
    ...more,
  }
}

const readAll = (file: FileDownload): Promise<Buffer> =>
  within('the film', 60_000, drain(file.reader({ start: 0, end: film.length - 1 })))

describe('fetchMetadata', () => {
  test(
    'nobody there: NO_PEERS when the signal fires, at once when it has fired',
    () =>
      using(startEngine(), async (engine) => {
        const spec = specOf(lonely.infoHash)
        await expect(engine.fetchMetadata(spec, soon(700))).rejects.toMatchObject({
          code: 'NO_PEERS',
        })
        await expect(engine.fetchMetadata(spec, AbortSignal.abort())).rejects.toMatchObject({
          code: 'NO_PEERS',
        })
      }),
    10_000,
  )

  test(
    'two at once ask once; one that leaves does not end the other’s',
    () =>
      using(startEngine(), async (engine) => {
        const before = tracker.starts(pack.infoHash)
        const leaving = new AbortController()
        const first = engine.fetchMetadata(specOf(pack.infoHash), leaving.signal)
        const second = engine.fetchMetadata(specOf(pack.infoHash), soon())
        leaving.abort()
        await expect(first).rejects.toMatchObject({ code: 'NO_PEERS' })
        expect(read(await second).infoHash).toBe(pack.infoHash)
        expect(tracker.starts(pack.infoHash)).toBe(before + 1)
      }),
    10_000,
  )

  test('a tracker that is learnt of later is asked at once, also for the metainfo', async () => {
    await using(startEngine(), async (engine) => {
      const asked = engine.fetchMetadata({ ...specOf(pack.infoHash), trackers: [] }, soon())
      engine.learn(specOf(pack.infoHash))
      expect(read(await asked).infoHash).toBe(pack.infoHash)
      const metainfo = pack.torrent()
      const alone = { infoHash: pack.infoHash, trackers: [], webSeeds: [] }
      const again = engine.fetchMetadata(alone, soon())
      engine.learn({ ...alone, metainfo })
      expect(read(await again).infoHash).toBe(pack.infoHash)
    })
  })

  test(
    'who asks right after the last one left is not given up with it',
    () =>
      using(startEngine(), async (engine) => {
        const leaving = new AbortController()
        const first = engine.fetchMetadata(specOf(pack.infoHash), leaving.signal).catch(() => {})
        leaving.abort()
        await first
        const told = await engine.fetchMetadata(specOf(pack.infoHash), soon())
        expect(read(told).infoHash).toBe(pack.infoHash)
      }),
    10_000,
  )

  test('the engine is killed meanwhile: ENGINE_DIED, and the next request is answered', async () => {
    const others = enginePids()
    await using(startEngine(), async (engine) => {
      await eventually('the engine running', () => engine.state.running)
      const asked = engine.fetchMetadata(specOf(lonely.infoHash), soon())
      killEngine(others)
      await expect(asked).rejects.toMatchObject({ code: 'ENGINE_DIED' })
      const again = engine.fetchMetadata(specOf(lonely.infoHash), soon())
      await expect(again).rejects.toMatchObject({ code: 'HOSTILE_TORRENT' })
      expect(read(await engine.fetchMetadata(specOf(pack.infoHash), soon())).name).toBe('pack')
      expect(engine.state.restarts).toBe(1)
    })
  })

  test('close ends what waits', async () => {
    const engine = startEngine()
    const asked = engine.fetchMetadata(specOf(lonely.infoHash), soon())
    asked.catch(() => {})
    await engine.close()
    await expect(asked).rejects.toMatchObject({ code: 'DRAINING' })
  })
})

test('a prepared torrent has a peer before it is opened, and nobody is asked for a byte', async () => {
  const { info, infoHash, pieceLength, content } = lonely
  let asked = 0
  const block = (offset: number, length: number): Buffer => {
    asked++
    return content.subarray(offset, offset + length)
  }
  const pieceCount = Math.ceil(content.length / pieceLength)
  const peer = await startPeer({ info, pieceLength, pieceCount, block })
  tracker.peers(infoHash, [peer.peer])
  try {
    await using(startEngine(), async (engine) => {
      engine.prepare({ ...specOf(infoHash), metainfo: lonely.torrent() })
      await eventually('a peer', () => engine.state.peers === 1)
      expect([peer.connections, asked]).toEqual([1, 0])
    })
  } finally {
    tracker.peers(infoHash, [])
    await peer.close()
  }
})

describe('open', () => {
  test('a file with two boundary pieces comes byte for byte and is uploaded to others', async () => {
    const port = await freePort()
    await using(startEngine({ options: { ...engineOptions, port } }), async (engine) => {
      const told = await engine.fetchMetadata(specOf(pack.infoHash), soon())
      const { events, verified } = recorder()
      const place = await placeOf(told)
      const file = await engine.open(specOf(pack.infoHash), place, events, soon())
      expect(sha256(await readAll(file))).toBe(sha256(film))
      await file.finished
      expect([...new Set(verified)].length).toBe(pieceCount(place.layout))
      expect(verified.length).toBe(pieceCount(place.layout))
      const leecher = await mkdtemp(join(folder, 'leecher-'))
      await expectUpload(port, pack.torrent(), pieceCount(place.layout), leecher)
      await file.close()
    })
  })

  test('an untrusted place with a bad piece: reported missing and fetched again', () =>
    using(startEngine(), async (engine) => {
      const spec = { ...specOf(pack.infoHash), metainfo: pack.torrent() }
      const place = await placeOf(pack.torrent())
      const first = await engine.open(spec, place, recorder().events, soon())
      await readAll(first)
      await first.finished
      await first.close()
      const bad = 20
      await spoil(join(place.folder, '1'), pieceInFile(place.layout, bad).at + 5)
      const { events, verified, missing } = recorder()
      const have = new Bitfield(place.have.length)
      for (let i = 0; i < have.length; i++) have.set(i)
      const again = await engine.open(spec, { ...place, have, trusted: false }, events, soon())
      expect(missing).toEqual([bad])
      expect(sha256(await readAll(again))).toBe(sha256(film))
      expect(verified).toEqual([bad])
      await again.close()
    }))

  test('the engine is killed while readers wait: the download goes on in the next process', async () => {
    const others = enginePids()
    tracker.peers(pack.infoHash, [])
    await using(startEngine(), async (engine) => {
      const spec = { ...specOf(pack.infoHash), metainfo: pack.torrent() }
      const place = await placeOf(pack.torrent())
      const file = await engine.open(spec, place, recorder().events, soon())
      const all = readAll(file)
      tracker.peers(pack.infoHash, seeder.peers)
      killEngine(others)
      expect(sha256(await all)).toBe(sha256(film))
      expect(engine.state.restarts).toBe(1)
      await file.close()
    })
  })

  test('a torrent that is there at two crashes: its readers fail with ENGINE_DIED, and it is refused', async () => {
    const others = enginePids()
    await using(startEngine(), async (engine) => {
      const spec = { ...specOf(lonely.infoHash), metainfo: lonely.torrent() }
      const layout = { pieceLength: 64 * KiB, torrentLength: 100_000, offset: 0, size: 100_000 }
      const home = await mkdtemp(join(folder, 'file-'))
      await writeFile(join(home, '0'), '')
      const have = new Bitfield(pieceCount(layout))
      const place: DownloadPlace = {
        folder: home,
        fileIdx: 0,
        layout,
        have,
        trusted: true,
        fill: 'whole',
        room: 10 ** 9,
      }
      const file = await engine.open(spec, place, recorder().events, soon())
      const read = file.reader({ start: 0, end: 9 }).read(Buffer.alloc(10))
      read.catch(() => {})
      killEngine(others)
      await eventually('the next engine', () => engine.state.restarts === 1 && engine.state.running)
      killEngine(others)
      await expect(read).rejects.toMatchObject({ code: 'ENGINE_DIED' })
      await expect(file.finished).rejects.toMatchObject({ code: 'ENGINE_DIED' })
      await file.close()
      await expect(engine.open(spec, place, recorder().events, soon())).rejects.toMatchObject({
        code: 'HOSTILE_TORRENT',
      })
    })
  })
})
