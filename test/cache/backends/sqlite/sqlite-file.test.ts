import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { CacheIndex } from '../../../../cache/index/cache-index.ts'
import { entry, key } from '../../../contracts/index-entries.ts'
import { eventually } from '../../../support/wait.ts'
import { type SqliteStage, sqliteStage } from './sqlite-stage.ts'

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

async function filled(): Promise<CacheIndex> {
  const index = stage.open()
  for (const n of [1, 2, 3]) await index.save(entry(n, { bytes: n }))
  await index.writeValue('old', 'from before', 0, 3_600_000)
  return index
}

describe('the file cannot be reached', () => {
  test('the folder cannot be made: memory, and the file as soon as it can', async () => {
    const blocker = join(stage.folder, 'blocked')
    await writeFile(blocker, 'a file where a folder should be')
    const path = join(blocker, 'index.sqlite')
    const index = stage.open({ path })
    await index.save(entry(1))
    expect(index.connected).toBe(false)
    expect(await index.find(key(1))).toEqual([entry(1)])
    await rm(blocker)
    await healed(index)
    expect(existsSync(path)).toBe(true)
    expect(await index.find(key(1))).toEqual([entry(1)])
    expect(levels()).toEqual(['warn', 'info'])
  })

  test('a folder in its place, and a folder where nobody may write', async () => {
    await mkdir(stage.path)
    for (const path of [stage.path, '/proc/index.sqlite', '/proc/playlink/index.sqlite']) {
      const index = stage.open({ path })
      await index.save(entry(1))
      expect(index.connected).toBe(false)
      expect(await index.totals()).toEqual({ files: 1, bytes: 101 })
      await index.close()
    }
  })
})

describe('the file is changed while it is open', () => {
  const removed = async (): Promise<void> => {
    for (const part of ['', '-wal', '-shm']) await rm(stage.path + part, { force: true })
  }
  const later = (): void => stage.clock.pass(1000)

  test.each([
    ['the database alone', () => rm(stage.path)],
    ['with its log', removed],
  ])('removed, %s: written again with all that was in it', async (_, remove) => {
    const index = await filled()
    await remove()
    later()
    expect((await index.readValue('old'))?.value).toBe('from before')
    await index.save(entry(4, { bytes: 4 }))
    expect(inFile()).toEqual([1, 2, 3, 4].map((n) => [key(n), n]))
    expect(index.connected).toBe(true)
    expect(levels()).toEqual(['warn'])
    await index.close()
    expect(await readdir(stage.folder)).toEqual(['index.sqlite'])
  })

  test('removed with its whole folder: a new file', async () => {
    const index = await filled()
    await rm(stage.folder, { recursive: true })
    later()
    await index.save(entry(4, { bytes: 4 }))
    await healed(index)
    expect(inFile()).toEqual([[key(4), 4]])
  })

  test('replaced by another index: that one counts', async () => {
    const path = join(stage.folder, 'other.sqlite')
    const other = stage.open({ path })
    await other.save(entry(8, { bytes: 8 }))
    await other.close()
    const index = await filled()
    stage.other((db) => db.pragma('wal_checkpoint(TRUNCATE)'))
    await removed()
    await rename(path, stage.path)
    later()
    expect((await index.leastRecent('a', 5)).map((e) => e.key)).toEqual([key(8)])
    expect(levels()).toEqual(['warn'])
  })

  test('broken while it is open: set aside, and soon a new file', async () => {
    const index = await filled()
    stage.other((db) => db.exec('DROP TABLE notes'))
    expect(await index.readValue('old')).toBeUndefined()
    expect(index.connected).toBe(false)
    expect(stage.lines[0]?.fields.code).toMatch(/^SQLITE_(CORRUPT|ERROR)/)
    expect(stage.lines[0]?.fields.aside).toMatch(/\.corrupt-/)
    await index.save(entry(5, { bytes: 5 }))
    await healed(index)
    expect(inFile()).toEqual([[key(5), 5]])
    expect(levels()).toEqual(['warn', 'info'])
  })
})
