import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Database } from 'better-sqlite3'
import type { CacheIndex } from '../../../../cache/index/cache-index.ts'
import { entry, key } from '../../../contracts/index-entries.ts'
import { timesAsFirst } from '../../../support/ratio.ts'
import { eventually } from '../../../support/wait.ts'
import { type SqliteStage, sqliteStage } from './sqlite-stage.ts'

const HOUR = 3_600_000

let stage: SqliteStage
beforeEach(async () => {
  stage = await sqliteStage()
})
afterEach(() => stage.end())

const healed = (index: CacheIndex): Promise<unknown> =>
  eventually('the index is connected', () => index.connected)
const levels = (): string[] => stage.lines.map(({ level }) => level)
const inFile = (): unknown[] =>
  stage.other((db) => db.prepare('SELECT key, bytes FROM entries ORDER BY key').raw().all())

/** Three entries and a value in the file, then a fault that begins with the next write. */
async function filled(more?: Parameters<SqliteStage['open']>[0]): Promise<CacheIndex> {
  const index = stage.open(more)
  for (const n of [1, 2, 3]) await index.save(entry(n, { bytes: n }))
  await index.writeValue('old', 'from before', 0, HOUR)
  return index
}

/**
 * Every call while nothing can be written: pending changes count instead of what is in the file.
 * @returns the revision of `old` that counts meanwhile
 */
async function useWithout(index: CacheIndex): Promise<number> {
  await index.save(entry(1, { bytes: 10 }))
  expect(index.connected).toBe(false)
  await index.save(entry(4, { bytes: 4 }))
  expect(await index.forget(key(2), 'a')).toBe(true)
  expect(await index.forget(key(2), 'a')).toBe(false)
  await index.touch(key(3), 'a', 1_900_000_000_000)
  await index.touch(key(99), 'a', 5)
  expect(await index.find(key(1))).toEqual([entry(1, { bytes: 10 })])
  expect(await index.find(key(2))).toEqual([])
  expect(await index.find(key(99))).toEqual([])
  expect((await index.leastRecent('a', 10)).map((e) => e.key)).toEqual([key(1), key(4), key(3)])
  expect((await index.leastRecent('a', 1)).map((e) => e.key)).toEqual([key(1)])
  expect(await index.totals('a')).toEqual({ files: 3, bytes: 17 })
  expect(await index.totals()).toEqual({ files: 3, bytes: 17 })
  expect(await index.totals('b')).toEqual({ files: 0, bytes: 0 })
  const old = await index.readValue('old')
  expect(old?.value).toBe('from before')
  expect(await index.writeValue('old', 'x', 0, HOUR)).toBe(false)
  expect(await index.writeValue('old', 'changed', old?.revision ?? 0, HOUR)).toBe(true)
  expect(await index.writeValue('new', 'x', 0, HOUR)).toBe(true)
  expect(await index.writeValue('new', 'y', 0, HOUR)).toBe(false)
  expect((await index.readValue('new'))?.value).toBe('x')
  expect(await index.writeValue('short', 1, 0, 1000)).toBe(true)
  stage.clock.pass(2000)
  expect(await index.readValue('short')).toBeUndefined()
  expect((await index.claim('c', 'me', 1000)).won).toBe(true)
  return (await index.readValue('old'))?.revision ?? 0
}

/** @param local what useWithout returned */
async function healedWithAll(index: CacheIndex, local: number): Promise<void> {
  await healed(index)
  const expected = [
    [key(1), 10],
    [key(3), 3],
    [key(4), 4],
  ]
  expect(inFile()).toEqual(expected)
  expect((await index.find(key(3)))[0]?.usedAt).toBe(1_900_000_000_000)
  expect(await index.totals('a')).toEqual({ files: 3, bytes: 17 })
  // A revision that was given in memory is not valid any more: its reader must read again.
  expect(await index.writeValue('old', 'late', local, HOUR)).toBe(false)
  const old = await index.readValue('old')
  expect(old?.value).toBe('changed')
  expect(await index.writeValue('old', 'after', old?.revision ?? 0, HOUR)).toBe(true)
  expect((await index.readValue('new'))?.value).toBe('x')
  expect(levels()).toEqual(['warn', 'info'])
}

describe('locked by another process', () => {
  test('reads go on, writes wait in memory, and all of it is written in the end', async () => {
    const index = await filled()
    const release = await stage.holder('BEGIN EXCLUSIVE')
    const local = await useWithout(index)
    expect(stage.lines[0]?.fields.code).toBe('SQLITE_BUSY')
    await release()
    await healedWithAll(index, local)
  })

  test('one call waits, the others do not', async () => {
    const index = await filled()
    await stage.holder('BEGIN EXCLUSIVE')
    // A call that waits takes as long as the first one.
    expect(await timesAsFirst((n) => index.save(entry(n)))).toBeLessThan(0.2)
  })

  test('locked before the first use, so that nothing can be read: misses', async () => {
    const first = await filled()
    await first.close()
    const release = await stage.holder('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    const index = stage.open()
    expect(await index.find(key(1))).toEqual([])
    expect(await index.totals()).toEqual({ files: 0, bytes: 0 })
    expect(await index.leastRecent('a', 5)).toEqual([])
    expect(await index.readValue('old')).toBeUndefined()
    // A node that finds no value writes its own; the one in the file wins.
    expect(await index.writeValue('old', 'mine', 0, HOUR)).toBe(true)
    expect((await index.readValue('old'))?.value).toBe('mine')
    await index.save(entry(7, { bytes: 7 }))
    expect(await index.forget(key(1), 'a')).toBe(false)
    await release()
    await healed(index)
    expect((await index.readValue('old'))?.value).toBe('from before')
    expect(inFile()).toEqual([
      [key(2), 2],
      [key(3), 3],
      [key(7), 7],
    ])
    expect(levels()).toEqual(['warn', 'info'])
  })

  test('still locked at close: logged, and no exception', async () => {
    const index = await filled()
    await stage.holder('BEGIN EXCLUSIVE')
    await index.save(entry(9))
    await index.close()
    expect(levels()).toEqual(['warn', 'warn'])
  })

  test('unlocked just before close: written by close()', async () => {
    const index = await filled()
    const release = await stage.holder('BEGIN EXCLUSIVE')
    await index.save(entry(9, { bytes: 9 }))
    await release()
    await index.close()
    expect(inFile()).toContainEqual([key(9), 9])
  })
})

describe('refuses writes', () => {
  const databases: Database[] = []
  const onOpen = (database: Database): void => void databases.push(database)
  const pragma = (text: string): void => void databases.at(-1)?.pragma(text)

  test('read-only', async () => {
    const index = await filled({ onOpen })
    pragma('query_only = ON')
    const local = await useWithout(index)
    expect(stage.lines[0]?.fields.code).toBe('SQLITE_READONLY')
    pragma('query_only = OFF')
    await healedWithAll(index, local)
  })

  test('full: what still fits is written, the rest waits, many changes in several ticks', async () => {
    const index = await filled({ onOpen })
    pragma('max_page_count = 20')
    const numbers = Array.from({ length: 1000 }, (_, n) => n + 100)
    for (const n of numbers) await index.save(entry(n, { bytes: 1, name: 'x'.repeat(200) }))
    expect(index.connected).toBe(false)
    expect(stage.lines[0]?.fields.code).toBe('SQLITE_FULL')
    expect(await index.totals('a')).toEqual({ files: 1003, bytes: 1006 })
    expect(await index.leastRecent('a', 5000)).toHaveLength(1003)
    pragma('max_page_count = 100000')
    await healed(index)
    expect(inFile()).toHaveLength(1003)
    expect(await index.totals('a')).toEqual({ files: 1003, bytes: 1006 })
    expect(levels()).toEqual(['warn', 'info'])
  })
})

test('a long list yields to the event loop', async () => {
  const index = stage.open()
  for (let n = 0; n < 3000; n++) await index.save(entry(n))
  let turns = 0
  let running = true
  const count = async (): Promise<void> => {
    while (running) {
      await nextTurn()
      turns++
    }
  }
  const counting = count()
  const all = await index.leastRecent('a', 10_000).finally(() => {
    running = false
  })
  await counting
  expect(all).toHaveLength(3000)
  expect(turns).toBeGreaterThan(5)
})
