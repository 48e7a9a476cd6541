import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createSqliteIndex } from '../../../cache/backends/sqlite/sqlite.ts'
import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import { createJanitor } from '../../../cache/limits/disk-janitor.ts'
import { type DiskFileStore, openFileStore } from '../../../cache/store/disk-file-store.ts'
import { systemClock as clock } from '../../../common/clock.ts'
import { keepBusy } from '../../support/keep-busy.ts'
import { key, log, temporaryFolder } from '../fixture.ts'
import { storeFiles } from '../stored-folder.ts'

/** bench/index-backends.ts has the figures of 10,000. */
const HELD = 2000
let dir: string
let index: CacheIndex
let store: DiskFileStore

const openIndex = (): CacheIndex =>
  createSqliteIndex({ path: join(dir, 'index.sqlite'), persistent: true, clock, log })

beforeAll(async () => {
  dir = await temporaryFolder()
  await storeFiles(
    dir,
    'many',
    Array.from({ length: HELD }, (_, n) => key(n)),
  )
  index = openIndex()
  store = await openFileStore({ dir, persistent: true, index, clock, log })
})
afterAll(async () => {
  await store.close()
  await index.close()
  await rm(dir, { recursive: true, force: true })
})

/** An index as slow as a busy one, that never yields to the event loop. */
function slowed(inner: CacheIndex): CacheIndex {
  return {
    ...inner,
    get connected() {
      return inner.connected
    },
    save: (entry) => {
      keepBusy(0.3)
      return inner.save(entry)
    },
  }
}

/** Milliseconds of this thread's own work: time that other processes take is no blocking. */
function worked(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** How much work it was in all, and the longest stretch of it without a tick for others. */
async function watched(work: () => Promise<unknown>): Promise<{ all: number; longest: number }> {
  const began = worked()
  let last = began
  let longest = 0
  let working = true
  const tick = (): void => {
    const now = worked()
    longest = Math.max(longest, now - last)
    last = now
    if (working) setImmediate(tick)
  }
  setImmediate(tick)
  await work()
  working = false
  tick()
  return { all: worked() - began, longest }
}

test('a start does not hash unchanged files: 2 TB of them are read at once', async () => {
  let complete = 0
  for (const record of store.records()) if (store.stored(record.key)?.complete) complete++
  expect(complete).toBe(HELD)
  const { node } = store
  await store.close()
  await index.close()
  index = openIndex()
  let saves = 0
  const counted = { ...index, save: () => Promise.resolve(++saves > 0) }
  store = await openFileStore({ dir, persistent: true, index: counted, clock, log })
  // Nothing is written to a durable index that is right.
  expect([store.node, [...store.records()].length, saves]).toEqual([node, HELD, 0])
})

test('a sweep that corrects every entry never blocks the event loop', async () => {
  const records = [...store.records()]
  for (const record of records) await index.forget(record.key, store.node)
  const janitor = createJanitor({
    store,
    clock,
    log,
    index: slowed(index),
    freeBytes: async () => 1e15,
    limits: { ttlSeconds: 1e6, maxFiles: HELD, maxBytes: 1e15 },
  })
  const { all, longest } = await watched(() => janitor.sweep())
  expect(await index.totals(store.node)).toMatchObject({ files: HELD })
  // The slowed calls alone take half a second: without a pause between them this would be most of it.
  expect([longest, longest < all / 4]).toEqual([longest, true])
})

test('a sweep that removes every file never blocks the event loop', async () => {
  const janitor = createJanitor({
    store,
    clock,
    log,
    index,
    freeBytes: async () => 1e15,
    limits: { ttlSeconds: 0, maxFiles: HELD, maxBytes: 1e15 },
  })
  const { all, longest } = await watched(() => janitor.sweep())
  expect([[...store.records()].length, janitor.evictions.ttl]).toEqual([0, HELD])
  expect([longest, longest < all / 8]).toEqual([longest, true])
})
