import { mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { createJanitor } from '../../../cache/limits/disk-janitor.ts'
import type { Janitor } from '../../../cache/limits/janitor.ts'
import { type DiskFileStore, openFileStore } from '../../../cache/store/disk-file-store.ts'
import { type FileKey, fileKey } from '../../../common/bittorrent/file-key.ts'
import { systemClock } from '../../../common/clock.ts'
import { Fault } from '../../../common/errors.ts'
import { diskUse } from '../../support/server/disk.ts'
import type { FakeDownload } from '../fake-engine.ts'
import { type Bench, createBench, drain, eventually, film, PIECE, silent } from '../fakes.ts'
import { type PlayedSlots, playSlots } from './slots-played.ts'

const films = ['one', 'two'].map((name) => film(name))
const [one, two] = films.map((torrent) => torrent.content) as [Buffer, Buffer]
const [oneKey, twoKey] = films.map((torrent) => fileKey(torrent.infoHash, 0)) as [FileKey, FileKey]
/** A film has ten pieces. */
const FOOTPRINT = one.length

let dir = ''
let store: DiskFileStore
let janitor: Janitor
let bench: Bench
let slots: PlayedSlots

async function start(maxBytes: number, persistent = false): Promise<void> {
  const index = createMemoryIndex({ clock: systemClock })
  const shared = { index, clock: systemClock, log: silent }
  store = await openFileStore({ ...shared, dir, persistent })
  janitor = createJanitor({
    ...shared,
    store,
    limits: { ttlSeconds: 3600, maxFiles: 100, maxBytes },
  })
  bench = createBench({ torrents: films, real: { store, janitor } })
  slots = playSlots(bench.engine, films)
}
async function stop(): Promise<void> {
  await bench.player.close()
  await store.close()
}
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'playlink-slot-arrival-'))
})
afterEach(async () => {
  await stop()
  await rm(dir, { recursive: true })
})

/** Everything is given back, nothing is left. */
async function expectNothingLeft(): Promise<void> {
  await eventually('given back', () => bench.player.status.stats.arrivals.running === 0)
  expect(slots.closed).toBe(slots.opened.length)
  expect(await readdir(join(dir, 'slots'))).toEqual([])
  expect(await janitor.disk()).toMatchObject({ usedBytes: 0, reservedBytes: 0 })
  expect([...store.records()]).toEqual([])
}

async function write(download: FakeDownload | undefined, content: Buffer): Promise<void> {
  const file = await open(join(download?.place.folder ?? '', `${download?.place.fileIdx}`), 'r+')
  await file.write(content)
  await file.close()
}

describe('a film larger than the limit', () => {
  const LIMIT = 3 * PIECE

  test('plays to its end and back at a place that was evicted; nothing of it stays', async () => {
    await start(LIMIT)
    const play = await bench.play().playable
    expect([play.from, play.size]).toEqual(['swarm', one.length])
    expect((await drain(play)).equals(one)).toBe(true)
    expect((await drain(play, 20_000, 60_000)).equals(one.subarray(20_000, 60_001))).toBe(true)
    expect(await diskUse(join(dir, 'slots'))).toBeLessThanOrEqual(LIMIT)
    expect((await janitor.disk()).reservedBytes).toBeLessThanOrEqual(LIMIT)
    expect(bench.engine.opened).toHaveLength(0)
    play.release()
    await expectNothingLeft()
  })

  test('three viewers at three places at once, one slot file, equal bytes', async () => {
    await start(LIMIT)
    const plays = await Promise.all([0, 1, 2].map(() => bench.play().playable))
    const places = [0, 50_000, 100_000]
    // A probe first: each viewer's window is one slot.
    const bodies = await Promise.all(
      plays.map((play, i) => drain(play, places[i] ?? 0, (places[i] ?? 0) + 15_000)),
    )
    bodies.forEach((body, i) => {
      expect(body.equals(one.subarray(places[i] ?? 0, (places[i] ?? 0) + 15_001))).toBe(true)
    })
    expect(slots.opened).toHaveLength(1)
    for (const play of plays) play.release()
    await expectNothingLeft()
  })

  test('a viewer without room for one window is refused, the others play on', async () => {
    await start(PIECE)
    const first = await bench.play().playable
    const reader = first.read({ start: 0, end: one.length - 1 })
    await reader.read(Buffer.alloc(10))
    const second = await bench.play().playable
    await expect(drain(second)).rejects.toMatchObject({ code: 'DOES_NOT_FIT', status: 507 })
    second.release()
    // Its window comes free: the next one plays.
    reader.close()
    expect((await drain(first)).equals(one)).toBe(true)
    first.release()
    await expectNothingLeft()
  })

  test('not room for one piece: refused before anything is taken', async () => {
    await start(PIECE - 1)
    await expect(bench.play().playable).rejects.toMatchObject({ code: 'DOES_NOT_FIT' })
    await eventually('given back', () => bench.player.status.stats.arrivals.running === 0)
    expect(slots.opened).toHaveLength(0)
    expect((await janitor.disk()).reservedBytes).toBe(0)
  })

  test('a part kept when the limit was higher makes room', async () => {
    await start(10 * FOOTPRINT, true)
    const partly = bench.play()
    await partly.playable
    await write(bench.engine.opened[0], one)
    bench.engine.opened[0]?.deliver(6)
    // Some wait for room first.
    await eventually('they are counted', () => [...store.records()][0]?.bytes === 6 * PIECE)
    partly.leave()
    await eventually('a part is kept', () => !store.isPinned(oneKey))
    await stop()
    await start(LIMIT, true)
    expect((await janitor.disk()).usedBytes).toBe(6 * PIECE)
    const play = await bench.play().playable
    expect((await janitor.disk()).usedBytes).toBe(0)
    expect((await drain(play)).equals(one)).toBe(true)
    play.release()
    await expectNothingLeft()
  })
})

describe('a film that does not fit only because another is read', () => {
  test('plays through slots, and is kept whole when there is room again', async () => {
    await start(FOOTPRINT + 4 * PIECE)
    const watched = await bench.play(0).playable
    const [download] = bench.engine.opened
    await write(download, one)
    download?.finish()
    expect((await drain(watched)).equals(one)).toBe(true)

    const beside = await bench.play(1).playable
    expect(slots.opened).toHaveLength(1)
    expect((await drain(beside)).equals(two)).toBe(true)
    const { usedBytes, reservedBytes, maxBytes } = await janitor.disk()
    expect(usedBytes + reservedBytes).toBeLessThanOrEqual(maxBytes)
    watched.release()
    beside.release()
    await eventually('given back', () => bench.player.status.stats.arrivals.running === 0)
    expect(store.stored(twoKey)).toBe(undefined)
    // Its hash is computed when it has become whole, which on a busy machine may be only now.
    await eventually('nobody reads the first', () => !store.isPinned(oneKey))

    const alone = await bench.play(1).playable
    expect(bench.engine.opened).toHaveLength(2)
    alone.release()
    await eventually('given back', () => bench.player.status.stats.arrivals.running === 0)
  })
})

describe('ends of a play through slots', () => {
  test('the engine gives it up: viewers hear why, all is given back, the next play begins anew', async () => {
    await start(3 * PIECE)
    slots.flowing = false
    const play = await bench.play().playable
    const body = drain(play)
    body.catch(() => {})
    await eventually('opened', () => slots.opened.length === 1)
    slots.opened[0]?.fail(new Fault('ENGINE_DIED'))
    await expect(body).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    play.release()
    await expectNothingLeft()
    slots.flowing = true
    const again = await bench.play().playable
    expect((await drain(again)).equals(one)).toBe(true)
    again.release()
    await expectNothingLeft()
  })

  test('viewers who leave in mid-read give their windows back; the last takes the slots along', async () => {
    await start(4 * PIECE)
    slots.flowing = false
    const plays = [bench.play(), bench.play()]
    const playables = await Promise.all(plays.map(({ playable }) => playable))
    const bodies = playables.map((playable) => drain(playable))
    for (const body of bodies) body.catch(() => {})
    await eventually('both wait', () => (slots.opened[0]?.map.all().length ?? 0) > 0)
    for (const { leave } of plays) leave()
    await Promise.all(bodies.map((body) => expect(body).rejects.toThrow()))
    await expectNothingLeft()
  })

  test('the engine cannot open it: refused, all is given back', async () => {
    await start(3 * PIECE)
    bench.engine.openSlots = () => Promise.reject(new Fault('HOSTILE_TORRENT'))
    await expect(bench.play().playable).rejects.toMatchObject({ code: 'HOSTILE_TORRENT' })
    await expectNothingLeft()
  })
})
