import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceCount,
} from '../../../common/bittorrent/piece-layout.ts'
import type {
  FileDownload,
  TorrentEngine,
  TorrentSpec,
} from '../../../torrent/protocol/torrent-engine.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { type Seeder, startSeeder } from '../../support/swarm/seeder.ts'
import { type BuiltTorrent, buildTorrent, writeForSeeding } from '../../support/swarm/torrent.ts'
import { startTracker, type Tracker } from '../../support/swarm/tracker.ts'
import { eventually, within } from '../../support/wait.ts'
import {
  drain,
  engineOptions,
  enginePids,
  killEngine,
  recorder,
  startEngine,
  using,
} from '../engines.ts'

/** The film lies over the edges of pieces on both sides. */
const pack = buildTorrent({
  name: 'pack',
  files: { 'a.txt': 100_001, 'film.mkv': 1_000_003, 'z.nfo': 777 },
})
const plain = buildTorrent({ name: 'plain.mkv', size: 2_000_000 })

let folder = ''
let tracker: Tracker
let seeder: Seeder
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-faults-'))
  tracker = await startTracker()
  const plans = await Promise.all(
    [pack, plain].map(async (built) => ({ torrent: await writeForSeeding(folder, built), folder })),
  )
  seeder = await startSeeder(plans)
  for (const { infoHash } of [pack, plain]) tracker.peers(infoHash, seeder.peers)
})
afterAll(async () => {
  await seeder.close()
  await tracker.close()
  await rm(folder, { recursive: true })
})

const soon = (): AbortSignal => AbortSignal.timeout(15_000)
const magnetOf = ({ infoHash }: BuiltTorrent): TorrentSpec => ({
  infoHash,
  trackers: [tracker.url],
  webSeeds: [],
})
const layoutOf = (built: BuiltTorrent, fileIdx: number): PieceLayout => {
  const sizes = built.files.map((file) => file.bytes.length)
  return {
    pieceLength: built.pieceLength,
    torrentLength: built.content.length,
    offset: sizes.slice(0, fileIdx).reduce((a, b) => a + b, 0),
    size: sizes[fileIdx] ?? 0,
  }
}

async function open(engine: TorrentEngine, built: BuiltTorrent, fileIdx: number, home: string) {
  const layout = layoutOf(built, fileIdx)
  await writeFile(join(home, `${fileIdx}`), '')
  const have = new Bitfield(pieceCount(layout))
  const place = {
    folder: home,
    fileIdx,
    layout,
    have,
    trusted: true,
    fill: 'whole',
    room: 10 ** 9,
  } as const
  return engine.open(
    { ...magnetOf(built), metainfo: built.torrent() },
    place,
    recorder().events,
    soon(),
  )
}
const read = (file: FileDownload, bytes: Buffer): Promise<Buffer> =>
  drain(file.reader({ start: 0, end: bytes.length - 1 }))
const film = pack.files[1]?.bytes ?? Buffer.alloc(0)

test('a write that hangs ends its own play with a reason, and no other play', async () => {
  const home = await mkdtemp(join(folder, 'file-'))
  const layout = layoutOf(pack, 1)
  await mkdir(join(home, 'edges'))
  // Opening a pipe that nobody reads hangs, as a dead network disk does.
  const pipe = join(home, 'edges', `1-${firstPiece(layout)}`)
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
  const options = { ...engineOptions, writeMs: 2000 }
  await using(startEngine({ options }), async (engine) => {
    const stuck = await open(engine, pack, 1, home)
    const body = read(stuck, film)
    body.catch(() => {})
    const beside = await open(engine, plain, 0, await mkdtemp(join(folder, 'file-')))
    expect(sha256(await within('the other film', 60_000, read(beside, plain.content)))).toBe(
      sha256(plain.content),
    )
    await expect(within('the end of the stuck one', 60_000, body)).rejects.toMatchObject({
      code: 'INTERNAL',
    })
    await stuck.close()
    // Its torrent is not lost with it: the same film, elsewhere on disk, plays.
    const again = await open(engine, pack, 1, await mkdtemp(join(folder, 'file-')))
    expect(sha256(await within('the film', 60_000, read(again, film)))).toBe(sha256(film))
    expect(engine.state.restarts).toBe(0)
    for (const file of [beside, again]) await file.close()
  })
})

describe('an engine that dies before it was ready', () => {
  test('was told of no torrent: requests go to the next one, and no torrent is refused', async () => {
    const others = enginePids()
    await using(startEngine(), async (engine) => {
      const told = engine.fetchMetadata(magnetOf(plain), soon())
      await eventually('a process', () => enginePids().some((pid) => !others.includes(pid)))
      expect(engine.state.running).toBe(false)
      killEngine(others)
      expect(Buffer.from(await told).includes(plain.info)).toBe(true)
      expect(engine.state.restarts).toBe(1)
    })
  })
})
