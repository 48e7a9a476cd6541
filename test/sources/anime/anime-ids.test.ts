import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Log } from '../../../common/log.ts'
import { type AnimeIdsFile, createAnimeIds } from '../../../sources/anime/anime-ids.ts'
import type { AnimeRow } from '../../../sources/anime/anime-row.ts'
import { formatTable } from '../../../sources/anime/anime-table.ts'
import { parseAnimeId } from '../../../sources/anime/anime-title.ts'
import { eventually } from '../../support/wait.ts'
import { silent } from '../fakes.ts'

let folder: string
let path: string
const open: AnimeIdsFile[] = []
const told: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-anime-'))
  path = join(folder, 'anime-ids.json')
  told.length = 0
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
  await rm(folder, { recursive: true })
})

const row = (kitsu: number, mal: number, facts: Partial<AnimeRow> = {}): AnimeRow => ({
  ...{ kitsu, mal, imdbId: `tt000000${kitsu}`, kind: 'series', season: 1 },
  ...{ before: 0, last: undefined, ...facts },
})
const write = (...rows: readonly AnimeRow[]) => writeFile(path, formatTable(rows, 'a test'))
async function idsAt(at: string | undefined) {
  const tell = (facts: object, text: string) => void told.push(`${JSON.stringify(facts)} ${text}`)
  const log = { ...silent, info: tell, warn: tell } as unknown as Log
  const ids = createAnimeIds({ path: at, factsOf: async () => undefined, log, pollMs: 20 })
  open.push(ids)
  await ids.start()
  return ids
}

test('ids of both sites are titles', async () => {
  await write(row(7, 70, { season: 2, before: 12 }))
  const ids = await idsAt(path)
  const title = { type: 'series', imdbId: 'tt0000007', season: 2, episode: 15 }
  expect(await ids.titleOf('series', 'kitsu:7:3')).toEqual(title)
  expect(await ids.titleOf('series', 'mal:70:3')).toEqual(title)
  expect(ids.sites).toEqual(['kitsu', 'mal'])
  expect(told).toEqual(['{"kitsu":1,"mal":1} table of anime ids read'])
})

test('an id that is not in the table is told once, with what to do', async () => {
  await write(row(7, 70, { last: 5 }))
  const ids = await idsAt(path)
  told.length = 0
  for (const id of ['kitsu:8:1', 'kitsu:8:1', 'kitsu:8:2', 'kitsu:7:6', 'kitsu:7:6']) {
    expect(await ids.titleOf('series', id)).toBeUndefined()
  }
  expect(told).toHaveLength(2)
  expect(told[0]).toMatch(/^\{"anime":"kitsu:8"\} .*npm run anime-ids/)
  expect(told[1]).toMatch(/^\{"anime":"kitsu:7"\} .*this film or episode/)
})

test.each([
  ...['kitsu:abc:1', 'kitsu:1:0', 'kitsu:0:1', 'kitsu:-1:1', 'kitsu:01:1', 'kitsu:1:01'],
  ...['kitsu:1:1:1', 'kitsu::1', 'kitsu:', 'kitsu', 'kitsu:1:', 'KITSU:1:1', ' kitsu:1:1'],
  ...[
    'kitsu:1:10000',
    'kitsu:999999999:1',
    'kitsu:1e3:1',
    'kitsu:1:1\n',
    'anilist:1:1',
    'tt0000007',
  ],
  ...['constructor:1:1', '__proto__:1', `kitsu:${'9'.repeat(5000)}`],
])('%j is no such id, and nothing is told of it', async (id) => {
  await write(row(1, 1))
  const ids = await idsAt(path)
  told.length = 0
  expect(await ids.titleOf('series', id)).toBeUndefined()
  expect(told).toEqual([])
})

test('any text is an id as it is written, or none', () => {
  const parts = fc.constantFrom('kitsu', 'mal', ':', '1', '0', '42', '9999', ' ', 'x')
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 7 }), (texts) => {
      const text = texts.join('')
      const read = parseAnimeId(text)
      if (!read) return
      const episode = read.episode === undefined ? '' : `:${read.episode}`
      expect(`${read.site}:${read.id}${episode}`).toBe(text)
    }),
  )
})

test('a newer table is read while the server runs; a broken one leaves the last', async () => {
  const ids = await idsAt(path)
  expect(told).toEqual([
    expect.stringMatching(/"why":"ENOENT"\} ANIME_IDS cannot be read.*npm run/),
  ])
  expect(ids.sites).toEqual([])
  await write(row(7, 70))
  await eventually('it is read', async () => (ids.sites.length > 0 ? true : undefined))
  await writeFile(path, '{"no":"table"}')
  await eventually('it is told', async () =>
    told.some((line) => line.includes('it is no table')) ? true : undefined,
  )
  expect(await ids.titleOf('series', 'kitsu:7:1')).toBeDefined()
  await write(row(8, 80))
  await eventually('it is read', async () => await ids.titleOf('series', 'kitsu:8:1'))
  expect(await ids.titleOf('series', 'kitsu:7:1')).toBeUndefined()
})

test('without a setting there are no such ids, and the log says which', async () => {
  const ids = await idsAt(undefined)
  expect(ids.sites).toEqual([])
  expect(await ids.titleOf('series', 'kitsu:7:1')).toBeUndefined()
  expect(told).toEqual([
    '{"anime":"kitsu:7"} an anime id was asked for, and there is no table: set ANIME_IDS',
  ])
})
