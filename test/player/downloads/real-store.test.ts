import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { createJanitor } from '../../../cache/limits/disk-janitor.ts'
import { type DiskFileStore, openFileStore } from '../../../cache/store/disk-file-store.ts'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { systemClock } from '../../../common/clock.ts'
import type { FakeDownload } from '../fake-engine.ts'
import { type Bench, createBench, drain, eventually, film, PIECE, silent } from '../fakes.ts'

const films = ['one', 'two', 'three'].map((name) => film(name))
const [one] = films.map((torrent) => fileKey(torrent.infoHash, 0))
const FILM = PIECE * 9 + 100

let dir = ''
let store: DiskFileStore
let bench: Bench

/** The player over the real cache; only the swarm is played. */
async function start(persistent: boolean, maxBytes = 10 ** 9): Promise<void> {
  const index = createMemoryIndex({ clock: systemClock })
  const shared = { index, clock: systemClock, log: silent }
  store = await openFileStore({ ...shared, dir, persistent })
  const limits = { ttlSeconds: 3600, maxFiles: 100, maxBytes }
  const janitor = createJanitor({ ...shared, store, limits })
  bench = createBench({ torrents: films, real: { store, janitor } })
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'playlink-player-'))
  await start(false)
})
afterEach(async () => {
  await bench.player.close()
  await store.close()
  await rm(dir, { recursive: true })
})

/** What the engine does before it says "verified": the bytes are in their place. */
async function write(download: FakeDownload | undefined, content: Buffer): Promise<void> {
  if (!download) throw new Error('no arrival')
  const file = await open(join(download.place.folder, `${download.place.fileIdx}`), 'r+')
  await file.write(content)
  await file.close()
}

async function fetchWhole(number: number): Promise<void> {
  const play = await bench.play(number).playable
  const download = bench.engine.opened.at(-1)
  const content = films[number]?.content ?? Buffer.alloc(0)
  await write(download, content)
  download?.finish()
  expect((await drain(play)).equals(content)).toBe(true)
  await eventually(
    'published',
    () => store.stored(fileKey(films[number]?.infoHash ?? '', 0)) !== undefined,
  )
  play.release()
  await eventually('given back', () => bench.player.status.stats.arrivals.running === 0)
}

describe('the player over the real cache', () => {
  test('ten plays at once are one download; then the same bytes from disk; nothing is pinned at the end', async () => {
    const plays = await Promise.all(Array.from({ length: 10 }, () => bench.play().playable))
    const bodies = plays.map((play) => drain(play))
    await write(bench.engine.opened[0], films[0]?.content ?? Buffer.alloc(0))
    bench.engine.opened[0]?.deliver(4)
    bench.engine.opened[0]?.finish()
    for (const body of await Promise.all(bodies))
      expect(body.equals(films[0]?.content ?? body)).toBe(true)
    expect(bench.engine.opened).toHaveLength(1)
    for (const play of plays) play.release()
    await eventually('given back', () => one !== undefined && !store.isPinned(one))

    const warm = await bench.play().playable
    expect(warm.from).toBe('disk')
    expect((await drain(warm)).equals(films[0]?.content ?? Buffer.alloc(0))).toBe(true)
    warm.release()
    await eventually('given back', () => one !== undefined && !store.isPinned(one))
  })

  test('a partial resumes with its pieces', async () => {
    const { playable, leave } = bench.play()
    await playable
    await write(bench.engine.opened[0], films[0]?.content ?? Buffer.alloc(0))
    bench.engine.opened[0]?.deliver(6)
    leave()
    await eventually('closed', () => one !== undefined && !store.isPinned(one))
    const again = await bench.play().playable
    expect(bench.engine.opened[1]?.place).toMatchObject({ trusted: true, have: { count: 6 } })
    again.release()
  })

  test('pieces that a dead engine wrote and did not tell of take room, and are not fetched again', async () => {
    const { playable, leave } = bench.play()
    await playable
    await write(
      bench.engine.opened[0],
      (films[0]?.content ?? Buffer.alloc(0)).subarray(0, PIECE * 4),
    )
    bench.engine.opened[0]?.deliver(2)
    bench.engine.opened[0]?.die()
    leave()
    await eventually('closed', () => one !== undefined && !store.isPinned(one))
    const [record] = store.records()
    expect(record).toMatchObject({ bytes: PIECE * 4, complete: false })
    const again = await bench.play().playable
    // The engine hashes them: nobody has verified those that it did not tell of.
    expect(bench.engine.opened[1]?.place).toMatchObject({ trusted: false, have: { count: 4 } })
    again.release()
  })

  test('room for one film: the idle one is evicted for the next, a watched one is not', async () => {
    await bench.player.close()
    await store.close()
    await start(false, FILM + 1000)
    await fetchWhole(0)
    const second = await bench.play(1).playable
    // Nothing goes before a byte has come.
    expect(one && store.stored(one)).not.toBe(undefined)
    await write(bench.engine.opened.at(-1), films[1]?.content ?? Buffer.alloc(0))
    bench.engine.opened.at(-1)?.deliver(1)
    await eventually('the idle one gone', () => !(one && store.stored(one)))
    await eventually('one piece', () => bench.engine.opened.at(-1)?.have.count === 1)
    bench.engine.opened.at(-1)?.deliver(8)
    await eventually('nearly all', () => bench.engine.opened.at(-1)?.have.count === 9)
    await expect(bench.play(2).playable).rejects.toMatchObject({ code: 'DOES_NOT_FIT' })
    second.release()
    await fetchWhole(2)
  })
})
