import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { filePaths } from '../../../cache/disk/file-paths.ts'
import { createJanitor, type JanitorOptions } from '../../../cache/limits/disk-janitor.ts'
import { type Janitor, unlimited } from '../../../cache/limits/janitor.ts'
import { arrive, key, layout, log, reserveWhole, type World, world } from '../fixture.ts'

const MB = 2 ** 20

let w: World
beforeEach(async () => {
  w = await world()
})
afterEach(() => w.end())

const janitorOf = (
  limits: Partial<JanitorOptions['limits']> = {},
  freeBytes: JanitorOptions['freeBytes'] = async () => 1e12,
): Janitor =>
  createJanitor({
    ...w,
    log,
    freeBytes,
    limits: { ttlSeconds: 3600, maxFiles: 100, maxBytes: 100_000, ...limits },
  })

const kept = (): string[] => [...w.store.records()].map((r) => r.key)

/** Complete files 1..n of `size` bytes, the first one least recently used. */
async function fill(n: number, size = 10_000): Promise<void> {
  for (let i = 1; i <= n; i++) {
    await w.put(key(i), layout(size))
    w.clock.pass(1000)
  }
}

describe('reserve', () => {
  test('counts the whole footprint as reserved, and less with every piece on disk', async () => {
    const janitor = janitorOf()
    const inner = layout(5000, { offset: 1500, torrentLength: 20_000 })
    const room = await reserveWhole(janitor, key(1), inner)
    expect(await janitor.disk()).toMatchObject({
      usedBytes: 0,
      reservedBytes: 6144,
      maxBytes: 100_000,
    })
    const partial = await w.store.open(key(1), 'x', inner)
    partial.mark([1, 2, 2])
    expect(await janitor.disk()).toMatchObject({ usedBytes: 2048, reservedBytes: 4096 })
    partial.unmark([1])
    expect(await janitor.disk()).toMatchObject({ usedBytes: 1024, reservedBytes: 5120 })
    await partial.close()
    room.release()
    room.release()
    expect(await janitor.disk()).toMatchObject({ usedBytes: 1024, reservedBytes: 0 })
  })

  test('a reader that takes nothing for a minute keeps its file from sweeps, but not from who needs the room', async () => {
    await fill(9)
    const [idle, busy] = [await w.store.pin(key(1)), await w.store.pin(key(2))]
    w.clock.pass(59_999)
    const janitor = janitorOf()
    expect(await janitor.couldFit(key(20), 'file', 100_000)).toBe(false)
    await busy?.read({ start: 0, end: 99 }).read(Buffer.alloc(10))
    w.clock.pass(1)
    expect((await janitor.clear(new Set([key(1), key(2)]))).keptInUse).toBe(2)
    expect(await janitor.couldFit(key(20), 'file', 85_000)).toBe(true)
    expect(await janitor.couldFit(key(20), 'file', 100_000)).toBe(false)
    expect(kept()).toHaveLength(9)
    const room = await reserveWhole(janitor, key(20), layout(85_000))
    expect(kept()).toEqual([key(2)])
    await expect(idle?.read({ start: 0, end: 9 }).read(Buffer.alloc(10))).rejects.toThrow()
    expect(await busy?.read({ start: 0, end: 9 }).read(Buffer.alloc(10))).toBe(10)
    idle?.release()
    busy?.release()
    room.release()
  })

  test('evicts the least recently used until it fits, and no more', async () => {
    await fill(9)
    ;(await w.store.pin(key(1)))?.release()
    const janitor = janitorOf()
    await reserveWhole(janitor, key(99), layout(25_000))
    expect(kept()).toEqual([4, 5, 6, 7, 8, 9, 1].map((n) => key(n)))
    expect(janitor.evictions).toEqual({ ttl: 0, count: 0, disk: 2 })
    expect(await w.index.totals()).toEqual({ files: 7, bytes: 70_000 })
  })

  test('whom it is for pays before anything is removed: they may have left by then', async () => {
    await fill(9)
    const janitor = janitorOf()
    const order: string[] = []
    const remove = w.store.remove.bind(w.store)
    w.store.remove = (gone) => {
      order.push('removed')
      return remove(gone)
    }
    const spend = (bytes: number): unknown => order.push(`paid ${bytes}`)
    await janitor.reserve(key(99), 'file').grow(25_000, { ...unlimited, spend })
    expect(order).toEqual(['paid 20000', 'removed', 'removed'])
  })

  test('exactly at the limit fits, one byte more does not', async () => {
    const janitor = janitorOf()
    const room = await reserveWhole(janitor, key(1), layout(100_000))
    await expect(reserveWhole(janitor, key(2), layout(1))).rejects.toMatchObject({
      code: 'DOES_NOT_FIT',
    })
    room.release()
    await expect(reserveWhole(janitor, key(2), layout(100_001))).rejects.toMatchObject({
      status: 507,
    })
  })

  test('evicts no pinned file, and none at all when that would not be enough', async () => {
    await fill(5)
    const pinned = await w.store.pin(key(1))
    const janitor = janitorOf()
    await expect(reserveWhole(janitor, key(99), layout(90_001))).rejects.toMatchObject({
      code: 'DOES_NOT_FIT',
    })
    expect(kept()).toHaveLength(5)
    await reserveWhole(janitor, key(99), layout(90_000))
    expect(kept()).toEqual([key(1)])
    pinned?.release()
  })

  test('spare room is only what is free: nothing is evicted for it', async () => {
    await fill(9)
    const janitor = janitorOf()
    await expect(reserveWhole(janitor, key(99), layout(10_001), 'spare')).rejects.toMatchObject({
      code: 'DOES_NOT_FIT',
    })
    expect(kept()).toHaveLength(9)
    await reserveWhole(janitor, key(99), layout(10_000), 'spare')
    expect(await janitor.disk()).toMatchObject({ reservedBytes: 10_000 })
  })

  test('counts files, also those that are only reserved', async () => {
    await fill(3)
    const janitor = janitorOf({ maxFiles: 3 })
    const rooms = [
      await reserveWhole(janitor, key(98), layout(1)),
      await reserveWhole(janitor, key(99), layout(1)),
    ]
    expect(kept()).toEqual([key(3)])
    expect(janitor.evictions).toEqual({ ttl: 0, count: 2, disk: 0 })
    await reserveWhole(janitor, key(97), layout(1))
    await expect(reserveWhole(janitor, key(96), layout(1))).rejects.toMatchObject({
      code: 'DOES_NOT_FIT',
    })
    rooms[0]?.release()
    await reserveWhole(janitor, key(96), layout(1))
  })

  test('a partial that resumes is counted once and not evicted for itself or others', async () => {
    await w.putPartial(key(1), layout(60_000), [0, 1, 2])
    await fill(0)
    const janitor = janitorOf({ maxFiles: 1 })
    const room = await reserveWhole(janitor, key(1), layout(60_000))
    expect(await janitor.disk()).toMatchObject({ usedBytes: 3072, reservedBytes: 60_000 - 3072 })
    await expect(reserveWhole(janitor, key(2), layout(1))).rejects.toMatchObject({
      code: 'DOES_NOT_FIT',
    })
    await janitor.clear()
    expect(kept()).toEqual([key(1)])
    room.release()
    await reserveWhole(janitor, key(2), layout(1))
    expect(kept()).toEqual([])
  })

  test('two reservations of one file need its room once', async () => {
    const janitor = janitorOf()
    const rooms = [
      await reserveWhole(janitor, key(1), layout(60_000)),
      await reserveWhole(janitor, key(1), layout(60_000)),
    ]
    expect((await janitor.disk()).reservedBytes).toBe(60_000)
    rooms[0]?.release()
    expect((await janitor.disk()).reservedBytes).toBe(60_000)
    rooms[1]?.release()
    expect((await janitor.disk()).reservedBytes).toBe(0)
  })

  test('the volume counts too: a margin stays free, evicting makes room', async () => {
    await fill(2, 4 * MB)
    let free = 65 * MB
    const janitor = janitorOf({ maxBytes: 1e9 }, async () => free)
    await reserveWhole(janitor, key(90), layout(MB))
    expect(kept()).toHaveLength(2)
    await reserveWhole(janitor, key(91), layout(3 * MB))
    expect(kept()).toEqual([key(2)])
    free = 10
    await expect(reserveWhole(janitor, key(92), layout(10 * MB))).rejects.toMatchObject({
      code: 'DOES_NOT_FIT',
    })
    expect(kept()).toEqual([key(2)])
  })

  test('a volume with less room than the limit lowers it, logged once per change', async () => {
    let free = 64 * MB + 7000
    const said: string[] = []
    const tell = (_: unknown, message?: string) => void said.push(message ?? '')
    const loud = { ...log, warn: tell, info: tell } as unknown as typeof log
    const janitor = createJanitor({
      ...w,
      log: loud,
      freeBytes: async () => free,
      limits: { ttlSeconds: 3600, maxFiles: 100, maxBytes: 100_000 },
    })
    await fill(1, 3000)
    expect(await janitor.disk()).toMatchObject({ maxBytes: 10_000, configuredBytes: 100_000 })
    await expect(reserveWhole(janitor, key(9), layout(10_001))).rejects.toMatchObject({
      code: 'DOES_NOT_FIT',
    })
    await janitor.sweep()
    await janitor.sweep()
    expect(said.filter((line) => line.includes('less room'))).toHaveLength(1)
    free = 1e12
    await janitor.sweep()
    expect(await janitor.disk()).toMatchObject({ maxBytes: 100_000 })
    expect(said.filter((line) => line.includes('CACHE_MAX_DISK_MB'))).toHaveLength(2)
    // Never less than what is stored.
    free = 0
    expect(await janitor.disk()).toMatchObject({ maxBytes: 3000, usedBytes: 3000 })
  })

  test('free room that cannot be read does not stop it', async () => {
    const janitor = janitorOf({}, () => Promise.reject(new Error('statfs')))
    await reserveWhole(janitor, key(1), layout(10))
    expect((await janitor.disk()).freeOnVolumeBytes).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('asks the real volume when no number is given', async () => {
    const janitor = createJanitor({
      ...w,
      log,
      limits: { ttlSeconds: 1, maxFiles: 1, maxBytes: 1 },
    })
    expect((await janitor.disk()).freeOnVolumeBytes).toBeGreaterThan(0)
  })

  test('a file that cannot be removed does not count as room', async () => {
    await fill(2, 50_000)
    await mkdir(join(filePaths(w.dir, key(1)).edges, '0-0'), { recursive: true })
    const janitor = janitorOf()
    await reserveWhole(janitor, key(99), layout(50_000))
    expect(kept()).toEqual([key(1)])
    expect((await janitor.disk()).usedBytes).toBe(50_000)
    await rm(filePaths(w.dir, key(1)).edges, { recursive: true })
    expect(await janitor.sweep()).toMatchObject({ files: 0 })
    expect(await janitor.clear()).toEqual({ files: 1, bytes: 50_000, keptInUse: 0 })
  })
})

test('clear removes everything idle, partial files too, and counts what stays', async () => {
  await fill(3)
  await w.putPartial(key(4), layout(5000), [0])
  const pinned = await w.store.pin(key(2))
  const open = await w.store.open(key(5), 'x', layout(5000))
  await arrive(open, [0])
  const janitor = janitorOf()
  expect(await janitor.clear()).toEqual({ files: 3, bytes: 21_024, keptInUse: 2 })
  expect(kept()).toEqual([key(2), key(5)])
  expect(janitor.evictions).toEqual({ ttl: 0, count: 0, disk: 0 })
  pinned?.release()
  await open.close()
})
