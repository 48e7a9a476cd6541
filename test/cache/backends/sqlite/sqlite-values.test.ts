import { stat } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { entry, key } from '../../../contracts/index-entries.ts'
import { eventually } from '../../../support/wait.ts'
import { type SqliteStage, sqliteStage } from './sqlite-stage.ts'

const HOUR = 3_600_000

let stage: SqliteStage
beforeEach(async () => {
  stage = await sqliteStage()
})
afterEach(() => stage.end())

describe('the bytes of values', () => {
  const room = { maxValueBytes: 500_000 }
  const large = 'x'.repeat(20_000)
  const names = (): unknown[] =>
    stage.other((db) => db.prepare('SELECT name FROM notes ORDER BY name').pluck().all())
  /** The sum that is kept, and the one that is made anew. */
  const sums = (): unknown[] =>
    stage.other((db) => [
      db.prepare('SELECT value FROM note_bytes').pluck().get(),
      db
        .prepare('SELECT total(octet_length(name) + octet_length(json) + 200) FROM notes')
        .pluck()
        .get(),
    ])

  test('the file stays small however much is written, and the sum is right', async () => {
    const index = stage.open(room)
    for (let n = 0; n < 1000; n++) await index.writeValue(`book:${n}`, large, 0, HOUR)
    await index.close()
    expect((await stat(stage.path)).size).toBeLessThan(2 * room.maxValueBytes)
    const [kept, anew] = sums()
    expect(kept).toBe(anew)
    expect(kept).toBeLessThanOrEqual(room.maxValueBytes)
  })

  test('what was read is known after a restart', async () => {
    const first = stage.open(room)
    for (let n = 10; n < 30; n++) await first.writeValue(`book:${n}`, large, 0, HOUR)
    await first.readValue('book:10')
    await first.close()
    const second = stage.open(room)
    for (let n = 30; n < 50; n++) await second.writeValue(`book:${n}`, large, 0, HOUR)
    await second.close()
    expect(names()).toContain('book:10')
    expect(names()).not.toContain('book:11')
  })

  test('a lower limit holds from the start, and the file shrinks', async () => {
    const first = stage.open({ maxValueBytes: 40e6 })
    for (let n = 0; n < 1500; n++) await first.writeValue(`book:${n}`, large, 0, HOUR)
    await first.close()
    const before = (await stat(stage.path)).size
    expect(before).toBeGreaterThan(20e6)
    const second = stage.open(room)
    expect((await second.valueBytes()).used).toBeLessThanOrEqual(room.maxValueBytes)
    expect(await second.readValue('book:1499')).toBeDefined()
    await eventually('pages given back', async () => {
      stage.clock.pass(60_001)
      await second.save(entry(1))
      return (stage.other((db) => db.pragma('freelist_count', { simple: true })) as number) <= 2000
    })
    await second.close()
    expect((await stat(stage.path)).size).toBeLessThan(before / 2)
  })

  test('a file of an earlier version without bounds: within them at the start, and small', async () => {
    const first = stage.open()
    await first.save(entry(1))
    await first.close()
    stage.other((db) => {
      for (const table of ['note_uses', 'note_bytes']) db.exec(`DROP TABLE ${table}`)
      for (const trigger of ['note_added', 'note_changed', 'note_removed']) {
        db.exec(`DROP TRIGGER ${trigger}`)
      }
      db.pragma('auto_vacuum = NONE')
      db.exec('VACUUM')
      const put = db.prepare('INSERT INTO notes VALUES (?, ?, ?, 9e15)')
      for (let n = 0; n < 300; n++) put.run(`book:${n}`, JSON.stringify('x'.repeat(89_000)), n + 1)
      db.exec('UPDATE last_revision SET value = 300')
    })
    expect((await stat(stage.path)).size).toBeGreaterThan(20e6)
    const index = stage.open(room)
    expect(await index.find(key(1))).toEqual([entry(1)])
    expect((await index.readValue('book:299'))?.revision).toBe(300)
    expect(await index.readValue('book:0')).toBeUndefined()
    await index.close()
    expect((await stat(stage.path)).size).toBeLessThan(2 * room.maxValueBytes)
    expect(stage.lines).toEqual([])
  })

  test('what waits in memory while the file cannot be written has a bound', async () => {
    const index = stage.open({ maxValueBytes: 100e6 })
    const release = await stage.holder('BEGIN EXCLUSIVE')
    for (let n = 0; n < 2000; n++) await index.writeValue(`book:${n}`, large, 0, HOUR)
    expect((await index.valueBytes()).used).toBeLessThanOrEqual(16e6)
    expect(index.connected).toBe(false)
    expect(await index.readValue('book:1999')).toBeDefined()
    await release()
  })
})
