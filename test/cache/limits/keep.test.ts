import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { createSqliteIndex } from '../../../cache/backends/sqlite/sqlite.ts'
import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import { createJanitor, type JanitorOptions } from '../../../cache/limits/disk-janitor.ts'
import type { Janitor } from '../../../cache/limits/janitor.ts'
import { openFileStore } from '../../../cache/store/disk-file-store.ts'
import { emptyIndex } from '../../contracts/redis-index.ts'
import { startRedis, type TestRedis } from '../../support/server/redis.ts'
import {
  arrive,
  fakeClock,
  key,
  layout,
  log,
  reserveWhole,
  temporaryFolder,
  type World,
  world,
} from '../fixture.ts'

describe('what the operator wants kept', () => {
  let w: World
  beforeEach(async () => {
    w = await world()
    for (const n of [1, 2, 3]) {
      await w.put(key(n), layout(10_000))
      w.clock.pass(1000)
    }
  })
  afterEach(() => w.end())

  const janitorOf = (limits: Partial<JanitorOptions['limits']> = {}): Janitor =>
    createJanitor({
      ...w,
      log,
      freeBytes: async () => 1e12,
      limits: { ttlSeconds: 3600, maxFiles: 100, maxBytes: 30_000, ...limits },
    })
  const here = (): string[] => [...w.store.records()].map((record) => record.key)

  test('makes no room for others, however long ago it was used', async () => {
    expect(await w.store.setKeep(key(1), true)).toBe(true)
    const janitor = janitorOf()
    const room = await reserveWhole(janitor, key(4), layout(10_000))
    expect(here()).toEqual([key(1), key(3)])
    expect(await janitor.couldFit(key(5), 'file', 20_480)).toBe(false)
    room.release()
  })

  test('outlives CACHE_TTL, and goes with it when it is let go', async () => {
    await w.store.setKeep(key(1), true)
    const janitor = janitorOf({ ttlSeconds: 100 })
    w.clock.pass(200_000)
    expect(await janitor.sweep()).toMatchObject({ files: 2 })
    expect(here()).toEqual([key(1)])
    await w.store.setKeep(key(1), false)
    expect(await janitor.sweep()).toMatchObject({ files: 1 })
  })

  test('goes last where the limit itself was lowered below it', async () => {
    await w.store.setKeep(key(1), true)
    await w.store.setKeep(key(2), true)
    await janitorOf({ maxBytes: 20_000 }).sweep()
    expect(here()).toEqual([key(1), key(2)])
    await janitorOf({ maxFiles: 1 }).sweep()
    expect(here()).toEqual([key(2)])
  })

  test('stays when everything is cleared, and goes when it is named', async () => {
    await w.store.setKeep(key(1), true)
    const janitor = janitorOf()
    expect(await janitor.clear()).toEqual({ files: 2, bytes: 20_000, keptInUse: 0 })
    expect(here()).toEqual([key(1)])
    expect(await janitor.clear(new Set([key(1)]))).toMatchObject({ files: 1 })
    expect(await w.store.setKeep(key(1), true)).toBe(false)
  })
})

describe('is still known after a restart', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.end())

  const clock = fakeClock()
  const backends: Record<string, (dir: string) => Promise<CacheIndex>> = {
    memory: async () => createMemoryIndex({ clock }),
    sqlite: async (dir) =>
      createSqliteIndex({ path: join(dir, 'index.sqlite'), persistent: true, clock }),
    redis: async () => (await emptyIndex(redis.url, [redis])).index,
  }

  test.each(Object.keys(backends))('of a node whose index is in %s', async (name) => {
    const dir = await temporaryFolder()
    async function session<T>(
      use: (store: Awaited<ReturnType<typeof openFileStore>>) => Promise<T>,
    ) {
      const index = await (backends[name] as (typeof backends)[string])(dir)
      const store = await openFileStore({ dir, persistent: true, index, clock, log })
      const result = await use(store)
      await store.close()
      await index.close()
      return result
    }
    await session(async (store) => {
      for (const n of [1, 2]) {
        const partial = await store.open(key(n), 'film', layout(5000))
        await arrive(partial)
        await partial.publish()
        await partial.close()
      }
      await store.setKeep(key(2), true)
    })
    const found = await session(async (store) =>
      [...store.records()].map((record) => [record.key, record.keep]),
    )
    expect(new Map(found as [string, boolean][])).toEqual(
      new Map([
        [key(1), false],
        [key(2), true],
      ]),
    )
    await rm(dir, { recursive: true })
  })
})
