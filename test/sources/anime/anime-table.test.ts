import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { AnimeRow } from '../../../sources/anime/anime-row.ts'
import {
  AnimeTable,
  formatTable,
  parseTable,
  readPublicTable,
} from '../../../sources/anime/anime-table.ts'
import { titleOfAnime } from '../../../sources/anime/anime-title.ts'

const noFacts = async () => undefined

/** An entry of anime-list-full.json, in its shape; ids are made up but for the first test. */
const entry = (kitsu: number, imdb: string | undefined, facts: object = {}) => ({
  type: 'TV',
  anidb_id: kitsu + 1000,
  anilist_id: kitsu + 2000,
  'anime-planet_id': `anime-${kitsu}`,
  ...(imdb === undefined ? {} : { imdb_id: [imdb] }),
  kitsu_id: kitsu,
  livechart_id: kitsu + 3000,
  mal_id: kitsu + 5000,
  themoviedb_id: { tv: 1 },
  tvdb_id: 2,
  ...facts,
})
const season = (number: number) => ({ season: { tvdb: number, tmdb: number } })
const offset = (number: number) => ({ episode_offset: { tvdb: number, tmdb: number } })
const film = { type: 'MOVIE', themoviedb_id: { movie: [9] } }
const special = { type: 'SPECIAL' }

const rowsOf = (value: unknown): readonly AnimeRow[] => readPublicTable(value)?.rows ?? []
/** `tt0000001:1:5`, `tt0000001`, or `-`. */
async function asked(rows: readonly AnimeRow[], type: string, kitsu: number, episode?: number) {
  const row = new AnimeTable(rows).find('kitsu', kitsu)
  const title = row && (await titleOfAnime(row, type, episode, noFacts))
  if (!title) return '-'
  return title.type === 'movie' ? title.imdbId : `${title.imdbId}:${title.season}:${title.episode}`
}

describe('anime-list-full.json', () => {
  const table = rowsOf([
    entry(1, 'tt0000001', season(1)),
    entry(2, 'tt0000002', season(1)),
    entry(3, 'tt0000002', season(2)),
    // A season in two halves, and what follows.
    entry(4, 'tt0000004', season(1)),
    entry(5, 'tt0000004', { ...season(1), ...offset(12) }),
    entry(6, 'tt0000004', season(2)),
    entry(7, 'tt0000007', film),
    entry(8, 'tt0000008', { ...film, type: 'OVA' }),
    // Counted over all seasons.
    entry(9, 'tt0000009'),
    entry(10, 'tt0000010', { ...special, ...season(0), ...offset(3) }),
    entry(11, 'tt0000011', { type: 'OVA', ...season(1) }),
    { ...entry(12, 'tt0000012', season(1)), kitsu_id: undefined },
    { ...entry(13, undefined, season(1)), imdb_id: 'tt0000013' },
  ])

  test.each([
    ['series', 1, 5, 'tt0000001:1:5'],
    ['series', 2, 1, 'tt0000002:1:1'],
    ['series', 3, 1, 'tt0000002:2:1'],
    ['series', 4, 12, 'tt0000004:1:12'],
    // It has no thirteenth: that is the first one of the second half.
    ['series', 4, 13, '-'],
    ['series', 5, 1, 'tt0000004:1:13'],
    ['series', 6, 1, 'tt0000004:2:1'],
    ['movie', 7, undefined, 'tt0000007'],
    ['series', 7, 1, 'tt0000007'],
    ['series', 7, 2, '-'],
    ['series', 7, undefined, '-'],
    ['movie', 7, 1, '-'],
    ['series', 8, 1, 'tt0000008'],
    ['series', 9, 61, 'tt0000009:1:61'],
    ['series', 10, 1, 'tt0000010:0:4'],
    ['series', 11, 2, 'tt0000011:1:2'],
    ['series', 13, 2, 'tt0000013:1:2'],
    ['movie', 1, undefined, '-'],
    ['series', 1, undefined, '-'],
    ['channel', 1, 1, '-'],
    ['series', 99, 1, '-'],
    ['series', 5, 9999, '-'],
  ])('%s kitsu:%i:%p is %s', async (type, kitsu, episode, title) => {
    expect(await asked(table, type, kitsu, episode)).toBe(title)
  })

  test('an anime that has an id of one site only', () => {
    expect(new AnimeTable(table).find('mal', 5012)?.imdbId).toBe('tt0000012')
    expect(new AnimeTable(table).find('kitsu', 12)).toBeUndefined()
  })

  test.each<[string, readonly object[]]>([
    ['no IMDb id', [entry(1, undefined, season(1))]],
    ['no IMDb id', [entry(1, 'tt1', season(1))]],
    ['several IMDb ids', [entry(1, 'tt0000001', { ...film, imdb_id: ['tt0000001', 'tt0000002'] })]],
    ['several IMDb ids', [entry(1, '', { ...film, imdb_id: 'tt0000001,tt0000002' })]],
    [
      'no id of its site',
      [{ type: 'TV', imdb_id: ['tt0000001'], mal_id: 'unknown', ...season(1) }],
    ],
    ['not read', [['no entry']]],
    ['no season', [entry(1, 'tt0000001', { type: 'OVA' })]],
    ['its seasons differ', [entry(1, 'tt0000001', { season: { tvdb: 17, tmdb: 2 } })]],
    ['its offsets differ', [entry(1, 'tt0000001', { ...season(1), episode_offset: { tvdb: 12 } })]],
    ['a special without its number', [entry(1, 'tt0000001', { ...special, ...season(0) })]],
    // A series of its own on IMDb, which begins with one again.
    ['no first season has its IMDb id', [entry(1, 'tt0000001', season(2))]],
    [
      'no first season has its IMDb id',
      [entry(1, 'tt0000001', season(3)), entry(2, 'tt0000001', { ...season(3), ...offset(12) })],
    ],
    [
      'begins where another begins',
      [entry(1, 'tt0000001', season(1)), entry(2, 'tt0000001', season(1))],
    ],
    ['no season, and others have its IMDb id', [entry(1, 'tt0000001'), entry(2, 'tt0000001')]],
    [
      'a film whose IMDb id others have too',
      [entry(1, 'tt0000001', film), entry(2, 'tt0000001', film)],
    ],
  ])('left out: %s', (reason, entries) => {
    const read = readPublicTable(entries)
    expect(read).toEqual({ rows: [], leftOut: { [reason]: entries.length } })
  })

  test('a film under the id of its series is left out, and the series stays', async () => {
    const rows = rowsOf([entry(1, 'tt0000001', season(1)), entry(2, 'tt0000001', film)])
    expect(await asked(rows, 'series', 1, 1)).toBe('tt0000001:1:1')
    expect(await asked(rows, 'movie', 2)).toBe('-')
  })

  test('an id that two entries have is of neither', async () => {
    const rows = rowsOf([entry(1, 'tt0000001', season(1)), entry(1, 'tt0000002', season(1))])
    expect(await asked(rows, 'series', 1, 1)).toBe('-')
  })
})

describe('imdb_mapping.json', () => {
  const table = rowsOf({
    '1': { imdb_id: 'tt0000001', title: 'One' },
    '2': { imdb_id: 'tt0000002', fanartLogoId: '7', title: 'Two', fromSeason: 1, fromEpisode: 1 },
    '3': { imdb_id: 'tt0000002', title: 'Two', fromSeason: 2, fromEpisode: 1 },
    '4': { imdb_id: 'tt0000002', title: 'Two', fromSeason: 2, fromEpisode: 14 },
    '5': { imdb_id: 'tt0000002', title: 'Two', fromSeason: 0, fromEpisode: 3 },
    '6': { tmdb_id: '372757', title: 'Without' },
    '7': { imdb_id: 'tt0000007', title: 'Seven', fromSeason: 1, nonImdbEpisodes: [5, 9] },
    abc: { imdb_id: 'tt0000008' },
  })

  test.each([
    ['series', 1, 7, 'tt0000001:1:7'],
    ['movie', 1, undefined, 'tt0000001'],
    ['series', 2, 3, 'tt0000002:1:3'],
    ['movie', 2, undefined, '-'],
    ['series', 3, 13, 'tt0000002:2:13'],
    ['series', 3, 14, '-'],
    ['series', 4, 1, 'tt0000002:2:14'],
    ['series', 5, 1, 'tt0000002:0:3'],
    ['series', 6, 1, '-'],
    ['series', 7, 4, 'tt0000007:1:4'],
    // From an episode on that IMDb does not have the numbers differ.
    ['series', 7, 5, '-'],
    ['series', 7, 6, '-'],
  ])('%s kitsu:%i:%p is %s', async (type, kitsu, episode, title) => {
    expect(await asked(table, type, kitsu, episode)).toBe(title)
  })

  test('says what is left out', () => {
    expect(readPublicTable({ '6': { title: 'x' }, abc: {} })?.leftOut).toEqual({
      'no IMDb id': 1,
      'not read': 1,
    })
    for (const value of [null, 1, 'text', undefined, Array(200_001).fill(1)])
      expect(readPublicTable(value)).toBeUndefined()
  })
})

describe('a number over all seasons', () => {
  const row = rowsOf([entry(9, 'tt0000009')])[0] as AnimeRow
  const seasons = (...episodes: readonly number[]) =>
    episodes.map((count, at) => ({ season: at, episodes: count, years: [] }))
  test.each([
    [[], 30, [1, 30]],
    [[0, 50], 30, [1, 30]],
    [[5, 12, 13], 12, [1, 12]],
    [[5, 12, 13], 13, [2, 1]],
    [[5, 12, 13], 25, [2, 13]],
    // Newer than what the metadata has.
    [[5, 12, 13], 26, [2, 14]],
    [[3, 61, 16, 14], 78, [3, 1]],
  ])('seasons %j, episode %i', async (counts, episode, [s, e] = []) => {
    const facts = { name: 'One', year: 1999, seasons: seasons(...counts) }
    const title = await titleOfAnime(row, 'series', episode, async () => facts)
    expect(title).toEqual({ type: 'series', imdbId: 'tt0000009', season: s, episode: e })
  })
})

describe('the file', () => {
  test('is read as it was written', async () => {
    const rows = rowsOf([
      entry(1, 'tt0000001', season(1)),
      entry(2, 'tt0000001', { ...season(1), ...offset(12) }),
      entry(3, 'tt0000003', film),
      entry(4, 'tt0000004'),
    ])
    const table = await parseTable(formatTable(rows, 'a "place"'))
    expect(table.ids('kitsu')).toEqual([1, 2, 3, 4])
    for (const row of rows) expect(table.find('kitsu', row.kitsu ?? 0)).toEqual(row)
    expect(table.sites).toEqual(['kitsu', 'mal'])
    expect(
      (await parseTable(formatTable(rowsOf({ '1': { imdb_id: 'tt0000001' } }), ''))).sites,
    ).toEqual(['kitsu'])
  })

  test.each([
    '',
    'null',
    '{}',
    '[]',
    '{"playlinkAnimeIds":2,"source":"","rows":[]}',
    '{"playlinkAnimeIds":1,"source":"","rows":[[1,2,"tt1","film",null,0,null]]}',
    '{"playlinkAnimeIds":1,"source":"","rows":[[0,2,"tt0000001","film",null,0,null]]}',
    '{"playlinkAnimeIds":1,"source":"","rows":[[1,2,"tt0000001","film",null,-1,null]]}',
    '{"playlinkAnimeIds":1,"source":"","rows":[[1,2,"tt0000001","film"]]}',
  ])('%s is none', async (text) => {
    await expect(parseTable(text)).rejects.toThrow()
  })

  test('whatever entries say, no two anime are one episode, and every title is one that can be asked for', async () => {
    const number = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined })
    const written = fc.record({
      type: fc.constantFrom('TV', 'ONA', 'OVA', 'MOVIE', 'SPECIAL', undefined),
      kitsu_id: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
      imdb_id: fc.constantFrom(['tt0000001'], ['tt0000002'], ['tt0000001', 'tt0000002'], []),
      themoviedb_id: fc.constantFrom({ tv: 1 }, { movie: [1] }, undefined),
      season: fc.record({ tvdb: number, tmdb: number }),
      episode_offset: fc.option(fc.record({ tvdb: number, tmdb: number }), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(written, { maxLength: 12 }), async (entries) => {
        const table = new AnimeTable(rowsOf(entries))
        const seen = new Map<string, number>()
        for (const id of table.ids('kitsu')) {
          const row = table.find('kitsu', id) as AnimeRow
          for (const episode of [1, 2, 3, 4, 5]) {
            const title = await titleOfAnime(row, 'series', episode, noFacts)
            if (!title) continue
            const name = JSON.stringify(title)
            expect([undefined, id]).toContain(seen.get(name))
            seen.set(name, id)
            expect(title.imdbId).toMatch(/^tt\d{7}$/)
          }
        }
      }),
    )
  })
})
