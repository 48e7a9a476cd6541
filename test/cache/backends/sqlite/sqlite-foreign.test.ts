import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { entry, key } from '../../../contracts/index-entries.ts'
import { type SqliteStage, sqliteStage } from './sqlite-stage.ts'

const HOUR = 3_600_000
const LARGE = 'x'.repeat(5 * 2 ** 20)

let stage: SqliteStage
beforeEach(async () => {
  stage = await sqliteStage()
})
afterEach(() => stage.end())

/** Opens an index, lets another program write, and opens the index again. */
async function afterOther(write: (db: Parameters<Parameters<SqliteStage['other']>[0]>[0]) => void) {
  const first = stage.open()
  for (const n of [1, 2]) await first.save(entry(n))
  await first.writeValue('kept', 1, 0, HOUR)
  await first.close()
  stage.other(write)
  return stage.open()
}

describe('of what another program wrote only as much is read as may be ours', () => {
  test('a value of 5 MB is a miss, and removed', async () => {
    const index = await afterOther((db) =>
      db.prepare('INSERT INTO notes VALUES (?, ?, 7, 9e15)').run('large', JSON.stringify(LARGE)),
    )
    expect(await index.readValue('large')).toBe(undefined)
    expect((await index.readValue('kept'))?.value).toBe(1)
    expect(await index.writeValue('large', 2, 0, HOUR)).toBe(true)
    expect((await index.readValue('large'))?.value).toBe(2)
  })

  test.each([
    ['name', `UPDATE entries SET name = ? WHERE key = '${key(1)}'`],
    ['key', `UPDATE entries SET key = ? WHERE key = '${key(1)}'`],
  ])('an entry with a %s of 5 MB is none, and removed', async (_, sql) => {
    const index = await afterOther((db) => db.prepare(sql).run(LARGE))
    expect(await index.find(key(1))).toEqual([])
    expect(await index.leastRecent('a', 1_000_000)).toEqual([entry(2)])
    expect(await index.totals('a')).toEqual({ files: 1, bytes: entry(2).bytes })
  })

  test('of the nodes that hold one file a thousand are read', async () => {
    const index = await afterOther((db) => {
      const put = db.prepare('INSERT INTO entries VALUES (?, ?, ?, 1, 1, 1, 1, 1)')
      db.transaction(() => {
        for (let n = 0; n < 20_000; n++) put.run(key(1), `foreign ${n}`, 'x')
      })()
    })
    expect(await index.find(key(1))).toHaveLength(1000)
    await index.close()
  })
})
