import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createJanitor, type JanitorOptions } from '../../../cache/limits/disk-janitor.ts'
import type { Janitor } from '../../../cache/limits/janitor.ts'
import { key, layout, log, reserveWhole, type World, world } from '../fixture.ts'

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

describe('sweep', () => {
  test('expires files by time since last use, but not pinned or reserved ones', async () => {
    await fill(3)
    await w.putPartial(key(4), layout(5000), [0])
    await w.putPartial(key(5), layout(5000), [0])
    const janitor = janitorOf({ ttlSeconds: 100 })
    expect(await janitor.sweep()).toEqual({ files: 0, bytes: 0, keptInUse: 0 })
    await reserveWhole(janitor, key(5), layout(5000))
    const pinned = await w.store.pin(key(2))
    w.clock.pass(100_000)
    expect(await janitor.sweep()).toEqual({ files: 3, bytes: 21_024, keptInUse: 2 })
    expect(kept()).toEqual([key(5), key(2)])
    expect(janitor.evictions).toEqual({ ttl: 3, count: 0, disk: 0 })
    pinned?.release()
    expect(await janitor.sweep()).toMatchObject({ files: 0 })
    w.clock.pass(100_000)
    expect(await janitor.sweep()).toMatchObject({ files: 1 })
  })

  test('a jump of the wall clock evicts nothing', async () => {
    await fill(3)
    const janitor = janitorOf({ ttlSeconds: 600 })
    w.clock.jump(3_600_000)
    expect(await janitor.sweep()).toMatchObject({ files: 0 })
    w.clock.jump(-86_400_000)
    expect(await janitor.sweep()).toMatchObject({ files: 0 })
    w.clock.pass(600_000)
    expect(await janitor.sweep()).toMatchObject({ files: 3 })
  })

  test('enforces lowered limits, as far as files are not in use', async () => {
    await fill(6)
    const pinned = await w.store.pin(key(1))
    const janitor = janitorOf({ maxFiles: 4, maxBytes: 25_000 })
    expect(await janitor.sweep()).toMatchObject({ files: 4, bytes: 40_000 })
    expect(kept()).toEqual([key(6), key(1)])
    expect(janitor.evictions).toEqual({ ttl: 0, count: 2, disk: 2 })
    pinned?.release()
    const strict = janitorOf({ maxBytes: 5 })
    await w.store.pin(key(6)).then((file) => file?.release())
    expect(await strict.sweep()).toMatchObject({ files: 2 })
  })

  test('names and times its steps, and heals the index', async () => {
    await fill(2)
    await w.index.forget(key(1), w.store.node)
    await w.index.save({
      key: key(7),
      node: w.store.node,
      name: 'ghost',
      size: 1,
      bytes: 1,
      complete: true,
      storedAt: 1,
      usedAt: 1,
    })
    const janitor = janitorOf()
    expect(janitor.lastSweep).toBeUndefined()
    await janitor.sweep()
    expect(janitor.lastSweep?.at).toBe(new Date(w.clock.wall()).toISOString())
    expect(janitor.lastSweep?.steps).toEqual(
      ['expired', 'count', 'disk', 'orphans', 'index'].map((name) => ({
        name,
        ms: 0,
        bytes: 0,
        files: name === 'index' ? 2 : 0,
      })),
    )
    expect(await w.index.totals(w.store.node)).toEqual({ files: 2, bytes: 20_000 })
    expect(await w.index.find(key(7))).toEqual([])
  })

  test('a failing step does not stop the others', async () => {
    await fill(1)
    w.index.totals = () => Promise.reject(new Error('down'))
    w.store.dropOrphans = () => Promise.reject(new Error('io'))
    const janitor = janitorOf({ ttlSeconds: 1 })
    expect(await janitor.sweep()).toMatchObject({ files: 1 })
    expect(janitor.lastSweep?.steps).toHaveLength(5)
  })
})
