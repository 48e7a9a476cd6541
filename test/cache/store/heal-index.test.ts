import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { createSqliteIndex } from '../../../cache/backends/sqlite/sqlite.ts'
import { openFileStore } from '../../../cache/store/disk-file-store.ts'
import { healIndex } from '../../../cache/store/heal-index.ts'
import { key, layout, log, type World, world } from '../fixture.ts'

const film = layout(3000)

let w: World
beforeEach(async () => {
  w = await world()
  await w.put(key(1), film)
  await w.put(key(2), film)
})
afterEach(() => w.end())

test('a difference behind equal totals is found by the thorough comparison', async () => {
  const { node } = w.store
  const [entry] = await w.index.find(key(1))
  if (!entry) throw new Error('no entry')
  await w.index.save({ ...entry, complete: false })
  const records = [...w.store.records()]
  expect(await healIndex(w.index, node, records)).toBe(0)
  expect(await healIndex(w.index, node, records, true)).toBe(1)
  expect(await w.index.find(key(1))).toEqual([entry])
})

test('a start makes a durable index agree with the disk', async () => {
  const { dir, clock } = w
  const { node } = w.store
  await w.store.close()
  const path = join(dir, 'index.sqlite')
  const index = createSqliteIndex({ path, persistent: true, clock })
  const stale = { key: key(9), node, name: 'gone', size: 1, bytes: 1, complete: true }
  await index.save({ ...stale, storedAt: 1, usedAt: 1 })
  await index.save({ ...stale, key: key(1), complete: false, storedAt: 1, usedAt: 1 })
  const store = await openFileStore({ dir, persistent: true, index, clock, log })
  expect(await index.find(key(9))).toEqual([])
  expect(await index.find(key(1))).toMatchObject([{ bytes: 3000, complete: true }])
  expect(await index.totals(node)).toEqual({ files: 2, bytes: 6000 })
  await store.close()
  await index.close()
  await rm(path)
})

test('an index that rejects does not stop a start', async () => {
  const { dir, clock } = w
  await w.store.close()
  const broken = async (): Promise<never> => {
    throw new Error('away')
  }
  const index = { ...createMemoryIndex({ clock }), totals: broken, save: broken }
  const store = await openFileStore({ dir, persistent: true, index, clock, log })
  expect(store.stored(key(1))?.complete).toBe(true)
  await store.close()
})
