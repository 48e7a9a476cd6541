import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import { entry, key } from '../../../contracts/index-entries.ts'
import { eventually } from '../../../support/wait.ts'
import { type SqliteStage, sqliteStage } from './sqlite-stage.ts'

const HOUR = 3_600_000

let stage: SqliteStage
beforeEach(async () => {
  stage = await sqliteStage()
})
afterEach(() => stage.end())

const asideIn = async (): Promise<string[]> =>
  (await readdir(stage.folder)).filter((name) => name.includes('.corrupt-'))

describe('across restarts', () => {
  test('entries, values and revisions are there again; WAL mode and our application id', async () => {
    const first = stage.open()
    await first.save(entry(1))
    await first.writeValue('n', 'one', 0, HOUR)
    const before = await first.readValue('n')
    await first.close()
    const second = stage.open()
    expect(await second.find(key(1))).toEqual([entry(1)])
    expect(await second.readValue('n')).toEqual(before)
    expect(await second.writeValue('n', 'two', before?.revision ?? 0, HOUR)).toBe(true)
    expect((await second.readValue('n'))?.revision).toBeGreaterThan(before?.revision ?? 0)
    expect(stage.other((db) => db.pragma('journal_mode', { simple: true }))).toBe('wal')
    expect(stage.other((db) => db.pragma('user_version', { simple: true }))).toBe(1)
    expect(second.durable).toBe(true)
    expect(stage.lines).toEqual([])
  })

  test('not persistent: what an earlier run left does not count', async () => {
    const first = stage.open()
    await first.save(entry(1))
    await first.writeValue('n', 1, 0, HOUR)
    await first.close()
    const second = stage.open({ persistent: false })
    expect(second.durable).toBe(false)
    expect(await second.find(key(1))).toEqual([])
    expect(await second.readValue('n')).toBeUndefined()
  })

  test('no file is touched before the first use, nor after close', async () => {
    const index = stage.open()
    expect(await readdir(stage.folder)).toEqual([])
    await index.save(entry(1))
    await index.close()
    await index.save(entry(2))
    expect(await index.find(key(1))).toEqual([])
    expect(stage.other((db) => db.prepare('SELECT count(*) FROM entries').pluck().get())).toBe(1)
  })
})

describe('what is found at the start', () => {
  async function filled(): Promise<void> {
    const index = stage.open()
    for (let n = 0; n < 500; n++) await index.save(entry(n))
    await index.close()
  }
  async function begunAnew(): Promise<void> {
    const index = stage.open()
    expect(await index.find(key(1))).toEqual([])
    await index.save(entry(1))
    expect(await index.find(key(1))).toEqual([entry(1)])
    expect(index.connected).toBe(true)
    expect(await asideIn()).toHaveLength(1)
    expect(stage.lines).toHaveLength(1)
    expect(stage.lines[0]?.fields.aside).toMatch(/index\.sqlite\.corrupt-\d+$/)
  }

  test('no database at all: set aside', async () => {
    await writeFile(stage.path, 'these are no tables '.repeat(1000))
    await begunAnew()
    const [aside = ''] = await asideIn()
    expect(await readFile(join(stage.folder, aside), 'utf8')).toMatch(/^these are no tables/)
  })

  test('cut in the middle: set aside', async () => {
    await filled()
    await truncate(stage.path, 20_000)
    await begunAnew()
  })

  test('a page overwritten: set aside', async () => {
    await filled()
    const bytes = await readFile(stage.path)
    bytes.fill(0x55, 4096 * 3, 4096 * 9)
    await writeFile(stage.path, bytes)
    await begunAnew()
  })

  test.each([
    ['another schema version', 'PRAGMA user_version = 9'],
    ['a table missing', 'DROP TABLE notes'],
    ['a column of another name', 'ALTER TABLE entries RENAME COLUMN used_at TO moved'],
  ])('%s: set aside', async (_, sql) => {
    await filled()
    stage.other((db) => db.exec(sql))
    await begunAnew()
  })

  test('cut to nothing: begun again', async () => {
    await filled()
    await truncate(stage.path, 0)
    const index = stage.open()
    expect(await index.totals()).toEqual({ files: 0, bytes: 0 })
    await index.save(entry(1))
    expect(index.connected).toBe(true)
  })

  test('another program’s database: left as it is, and the index stays in memory', async () => {
    const theirs = new Sqlite(stage.path)
    theirs.exec('CREATE TABLE films (name TEXT); INSERT INTO films VALUES (1)')
    theirs.close()
    const before = await readFile(stage.path)
    const index = stage.open({ persistent: false })
    await index.save(entry(1))
    expect(await index.find(key(1))).toEqual([entry(1)])
    expect(index.connected).toBe(false)
    await index.close()
    expect((await readFile(stage.path)).equals(before)).toBe(true)
    expect(await asideIn()).toEqual([])
    expect(stage.lines.map(({ fields }) => fields.code)).toEqual([
      'FOREIGN_DATABASE',
      'FOREIGN_DATABASE',
    ])
  })
})

describe('a bad row is a miss, and is removed', () => {
  test.each([
    ['bytes below zero', 'UPDATE entries SET bytes = -1'],
    ['neither complete nor not', 'UPDATE entries SET complete = 2'],
    ['a size beyond numbers', 'UPDATE entries SET size = 9223372036854775807'],
    ['a time that is none', 'UPDATE entries SET used_at = 9e999'],
  ])('entry with %s', async (_, sql) => {
    const index = stage.open()
    await index.save(entry(1))
    stage.other((db) => db.exec(sql))
    expect(await index.find(key(1))).toEqual([])
    expect(await index.totals()).toEqual({ files: 0, bytes: 0 })
    await index.save(entry(1))
    stage.other((db) => db.exec(sql))
    expect(await index.leastRecent('a', 10)).toEqual([])
    expect(await index.totals('a')).toEqual({ files: 0, bytes: 0 })
    expect(index.connected).toBe(true)
  })

  test('entry whose key is no file key', async () => {
    const index = stage.open()
    await index.save(entry(1))
    stage.other((db) => db.exec("UPDATE entries SET key = '../../etc/passwd'"))
    expect(await index.leastRecent('a', 10)).toEqual([])
    expect(await index.totals()).toEqual({ files: 0, bytes: 0 })
  })

  test.each(['json = \'{"a":\'', 'revision = 0', 'revision = -5'])('value with %s', async (set) => {
    const index = stage.open()
    await index.writeValue('n', { a: 1 }, 0, HOUR)
    stage.other((db) => db.exec(`UPDATE notes SET ${set}`))
    expect(await index.readValue('n')).toBeUndefined()
    expect(await index.writeValue('n', { a: 2 }, 0, HOUR)).toBe(true)
    expect((await index.readValue('n'))?.value).toEqual({ a: 2 })
  })

  test('sums that no number can hold throw nothing', async () => {
    const index = stage.open()
    await index.save(entry(1))
    await index.save(entry(2))
    stage.other((db) => db.exec('UPDATE entries SET bytes = 9223372036854775807'))
    expect((await index.totals()).files).toBe(2)
  })
})

test('expired values are removed from the file in time', async () => {
  const index = stage.open()
  await index.writeValue('short', 1, 0, 1000)
  await index.writeValue('long', 1, 0, HOUR)
  stage.clock.pass(120_000)
  await index.save(entry(1))
  const names = () => stage.other((db) => db.prepare('SELECT name FROM notes').pluck().all())
  await eventually('the expired one is gone', () => !names().includes('short'))
  expect(names()).toEqual(['long'])
})

test('the log is checkpointed between calls, not only at close', async () => {
  const index = stage.open()
  for (let n = 0; n < 2000; n++) await index.save(entry(n))
  // The log is a file of its own: the database grows at a checkpoint.
  await eventually('a checkpoint', async () => (await stat(stage.path)).size > 100_000)
})

test('an error of this program is not taken for a failure of the database', async () => {
  const index = stage.open()
  await expect(index.save(entry(1, { usedAt: Number.NaN }))).rejects.toThrow('NOT NULL')
  expect(index.connected).toBe(true)
})
