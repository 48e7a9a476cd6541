import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { createJanitor } from '../../../cache/limits/disk-janitor.ts'
import type { Janitor } from '../../../cache/limits/janitor.ts'
import { type DiskFileStore, openFileStore } from '../../../cache/store/disk-file-store.ts'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { systemClock } from '../../../common/clock.ts'
import {
  askerAt,
  type Bench,
  createBench,
  drain,
  eventually,
  film,
  PIECE,
  silent,
} from '../fakes.ts'
import { type PlayedSlots, playSlots } from './slots-played.ts'

const films = ['one', 'two', 'three', 'four'].map((name) => film(name))
const contentOf = (n: number): Buffer => films[n]?.content ?? Buffer.alloc(0)
/** Ten pieces. */
const FILM = contentOf(0).length

let dir = ''
let store: DiskFileStore
let janitor: Janitor
let bench: Bench
let slots: PlayedSlots

async function start(maxBytes: number): Promise<void> {
  const shared = { index: createMemoryIndex({ clock: systemClock }), clock: systemClock }
  store = await openFileStore({ ...shared, log: silent, dir, persistent: false })
  const limits = { ttlSeconds: 3600, maxFiles: 100, maxBytes }
  janitor = createJanitor({ ...shared, log: silent, store, limits })
  bench = createBench({ torrents: films, real: { store, janitor } })
  slots = playSlots(bench.engine, films)
}
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'playlink-going-over-'))
})
afterEach(async () => {
  await bench.player.close()
  await store.close()
  await rm(dir, { recursive: true })
})

const isStored = (n: number): boolean =>
  store.stored(fileKey(films[n]?.infoHash ?? '', 0)) !== undefined

/** What the engine does before it says "verified". */
async function write(n: number): Promise<void> {
  const { place } = bench.engine.opened.at(-1) ?? {}
  const file = await open(join(place?.folder ?? '', `${place?.fileIdx}`), 'r+')
  await file.write(contentOf(n))
  await file.close()
}

async function fetchWhole(n: number, address: string): Promise<void> {
  const play = await bench.play(n, askerAt(address)).playable
  await write(n)
  bench.engine.opened.at(-1)?.finish()
  expect((await drain(play)).equals(contentOf(n))).toBe(true)
  await eventually('published', () => isStored(n))
  play.release()
  await eventually('given back', () => bench.player.status.stats.arrivals.running === 0)
}

async function expectWithin(): Promise<void> {
  const { usedBytes, reservedBytes, maxBytes } = await janitor.disk()
  expect(usedBytes + reservedBytes).toBeLessThanOrEqual(maxBytes)
}

describe('a download that finds no more room', () => {
  test('its address has used its allowance: the rest comes through slots, what is there stays', async () => {
    await start(2 * FILM + 4 * PIECE)
    await fetchWhole(0, 'one')
    await fetchWhole(1, 'another')
    const third = await bench.play(2, askerAt('greedy')).playable
    await write(2)
    bench.engine.opened.at(-1)?.deliver(6)
    await eventually('the free film', () => !isStored(0))

    const fourth = await bench.play(3, askerAt('greedy')).playable
    await write(3)
    const [download] = bench.engine.opened.slice(-1)
    // Four pieces are free, of which three stay free for others.
    download?.deliver(1)
    await eventually('a piece', () => download?.have.count === 1)
    await expectWithin()
    download?.deliver(1)
    await eventually('gone over', () => slots.opened.length === 1)
    expect((await drain(fourth)).equals(contentOf(3))).toBe(true)
    await expectWithin()
    expect([isStored(1), janitor.evictions.disk]).toEqual([true, 1])
    third.release()
    fourth.release()
    await eventually('given back', () => bench.player.status.stats.arrivals.running === 0)
    expect(isStored(1)).toBe(true)
    expect((await janitor.disk()).reservedBytes).toBe(0)
  })

  test('its address has used its allowance, and nothing is free: one film goes for a slot', async () => {
    await start(2 * FILM)
    await fetchWhole(0, 'greedy')
    await fetchWhole(1, 'another')
    const second = await bench.play(2, askerAt('greedy')).playable
    const body = drain(second)
    await write(2)
    bench.engine.opened.at(-1)?.deliver(1)
    expect((await body).equals(contentOf(2))).toBe(true)
    expect([isStored(0), isStored(1), janitor.evictions.disk]).toEqual([false, true, 1])
    await expectWithin()
    second.release()
    await eventually('given back', () => bench.player.status.stats.arrivals.running === 0)
  })

  test('others find no room for one slot: it gives up what it has, and both play on', async () => {
    await start(FILM + PIECE / 2)
    const first = await bench.play(0).playable
    const body = drain(first)
    await write(0)
    bench.engine.opened[0]?.deliver(5)
    await eventually('half of it', () => bench.engine.opened[0]?.have.count === 5)
    const second = await bench.play(1).playable
    expect((await drain(second)).equals(contentOf(1))).toBe(true)
    expect((await body).equals(contentOf(0))).toBe(true)
    await expectWithin()
    first.release()
    second.release()
    await eventually('given back', () => bench.player.status.stats.arrivals.running === 0)
    expect(await janitor.disk()).toMatchObject({ usedBytes: 0, reservedBytes: 0 })
  })

  test('films without a peer: nothing is reserved, nothing goes', async () => {
    await start(2 * FILM)
    await fetchWhole(0, 'one')
    await fetchWhole(1, 'another')
    const plays = [2, 3].map((n) => bench.play(n, askerAt('greedy')))
    const dead = await Promise.all(plays.map(({ playable }) => playable))
    expect(await janitor.disk()).toMatchObject({ usedBytes: 2 * FILM, reservedBytes: 0 })
    for (const play of dead) play.release()
    expect(janitor.evictions).toEqual({ ttl: 0, count: 0, disk: 0 })
  })
})
