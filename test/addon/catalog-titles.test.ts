import { describe, expect, test } from '@jest/globals'
import { type CatalogParts, createCatalogTitles } from '../../addon/catalog-titles.ts'
import { Fault } from '../../common/errors.ts'
import type { Title } from '../../common/title.ts'
import type { CatalogueTitle, FreeFilms, UnknownTitles } from '../../sources/free-films.ts'
import { nearParser } from '../support/names.ts'
import { silent } from './fixtures.ts'

const { signal } = new AbortController()
const film = (imdbId: string, facts: Partial<CatalogueTitle> = {}): CatalogueTitle => ({
  type: 'movie',
  imdbId,
  name: `Film ${imdbId}`,
  year: 2001,
  licence: 'CC-BY-4.0',
  description: '',
  episodes: [],
  ...facts,
})
const local = (...films: readonly CatalogueTitle[]) =>
  new Map(films.map((one) => [`${one.type} ${one.imdbId}`, one]))
const many = (count: number) =>
  Array.from({ length: count }, (_, i) => film(`tt99${String(i).padStart(8, '0')}`))
const archive = (films: readonly CatalogueTitle[]): FreeFilms => ({
  list: async (skip) => films.slice(skip, skip + 100),
  search: async (words) => films.filter(({ name }) => name.includes(words)),
  known: async (id) => films.find(({ imdbId }) => imdbId === id),
  find: async (id) => films.find(({ imdbId }) => imdbId === id),
})
const down: FreeFilms = {
  ...archive([]),
  list: () => Promise.reject(new Fault('UPSTREAM_FAILED')),
}
const movie = (imdbId: string): Title => ({ type: 'movie', imdbId })
const stored = (...items: readonly [Title, string][]) =>
  items.map(([title, fileName]) => ({ title, fileName }))

const titlesOf = (parts: Partial<CatalogParts>) =>
  createCatalogTitles({
    naming: 'free',
    local: () => local(),
    elsewhere: undefined,
    stored: async () => [],
    blocklist: { hasTitle: () => false },
    parser: nearParser,
    log: silent,
    ...parts,
  })
const ids = (page: { readonly titles: readonly CatalogueTitle[] }) =>
  page.titles.map(({ imdbId }) => imdbId)

describe('free films', () => {
  const own = local(
    film('tt0000001'),
    film('tt0000002', { licence: undefined }),
    film('tt0000003', { licence: 'all rights reserved' }),
    film('tt0000004', { licence: 'Public Domain' }),
    film('tt0000005', { type: 'series' }),
  )

  test('first those of the own catalogue with a free licence, then those of elsewhere', async () => {
    const titles = titlesOf({ local: () => own, elsewhere: archive(many(2)) })
    expect(ids(await titles.free('movie', 0, signal))).toEqual([
      ...['tt0000001', 'tt0000004', 'tt9900000000', 'tt9900000001'],
    ])
    expect(ids(await titles.free('series', 0, signal))).toEqual(['tt0000005'])
    expect(ids(await titles.free('channel', 0, signal))).toEqual([])
  })

  test('come in pages of a hundred, none missing and none twice', async () => {
    const titles = titlesOf({ local: () => own, elsewhere: archive(many(250)) })
    const pages = await Promise.all(
      [0, 100, 200, 300].map(async (skip) => ids(await titles.free('movie', skip, signal))),
    )
    expect(pages.map(({ length }) => length)).toEqual([100, 100, 52, 0])
    expect(new Set(pages.flat()).size).toBe(252)
  })

  test('when the others cannot be reached, the own ones are listed and the page says that it is partial', async () => {
    const titles = titlesOf({ local: () => own, elsewhere: down })
    const page = await titles.free('movie', 0, signal)
    expect([ids(page), page.whole]).toEqual([['tt0000001', 'tt0000004'], false])
  })

  test('are found by a part of their name, but not by an empty text', async () => {
    const titles = titlesOf({
      local: () => local(film('tt0000001', { name: 'Amélie & Co.' })),
      elsewhere: archive([film('tt9900000000', { name: 'amelie too' })]),
    })
    expect(ids(await titles.search('movie', 'amelie', signal))).toEqual([
      ...['tt0000001', 'tt9900000000'],
    ])
    expect(ids(await titles.search('movie', ' ?!', signal))).toEqual([])
  })

  test('never list a blocked title', async () => {
    const titles = titlesOf({
      local: () => own,
      elsewhere: archive(many(1)),
      blocklist: { hasTitle: (id) => id === 'tt0000001' || id === 'tt9900000000' },
    })
    expect(ids(await titles.free('movie', 0, signal))).toEqual(['tt0000004'])
    expect(await titles.find('movie', 'tt0000001', signal)).toBeUndefined()
  })
})

describe('ready to play', () => {
  const here = stored(
    [movie('tt7777777'), 'The.Secret.Film.1999.1080p.mkv'],
    [movie('tt9900000001'), 'archive.mp4'],
    [movie('tt0000001'), 'x.mkv'],
    [{ type: 'series', imdbId: 'tt0000005', season: 1, episode: 2 }, 'b.mkv'],
    [{ type: 'series', imdbId: 'tt0000005', season: 1, episode: 1 }, 'a.mkv'],
    [movie('tt0000001'), 'the same in 720p.mkv'],
  )
  const parts = {
    stored: async () => here,
    local: () => local(film('tt0000001'), film('tt0000005', { type: 'series' })),
    elsewhere: archive(many(2)),
  }

  test('with naming of free titles, no others are named', async () => {
    const page = await titlesOf(parts).ready('movie', 0)
    expect(ids(page)).toEqual(['tt9900000001', 'tt0000001'])
    expect(JSON.stringify(page)).not.toMatch(/secret|7777777/i)
    expect(ids(await titlesOf(parts).ready('series', 0))).toEqual(['tt0000005'])
  })

  test('with naming of all, an unknown title has the name in its file name', async () => {
    const page = await titlesOf({ ...parts, naming: 'all' }).ready('movie', 0)
    expect(ids(page)).toEqual(['tt7777777', 'tt9900000001', 'tt0000001'])
    expect(page.titles[0]).toMatchObject({ name: 'The Secret Film', year: 1999 })
  })

  test('has a second page', async () => {
    const lots = many(130)
    const titles = titlesOf({
      stored: async () => lots.map(({ imdbId }) => ({ title: movie(imdbId), fileName: '' })),
      elsewhere: archive(lots),
    })
    expect((await titles.ready('movie', 0)).titles).toHaveLength(100)
    expect((await titles.ready('movie', 100)).titles).toHaveLength(30)
  })
})

test('metadata is given of free titles, and of all when all are named', async () => {
  const own = local(film('tt0000001'), film('tt0000002', { licence: undefined }))
  const free = titlesOf({ local: () => own })
  expect(await free.find('movie', 'tt0000001', signal)).toMatchObject({ imdbId: 'tt0000001' })
  expect(await free.find('movie', 'tt0000002', signal)).toBeUndefined()
  expect(await free.find('series', 'tt0000001', signal)).toBeUndefined()
  const all = titlesOf({ local: () => own, naming: 'all' })
  expect(await all.find('movie', 'tt0000002', signal)).toMatchObject({ imdbId: 'tt0000002' })
})

describe('files of the library that no title is known of', () => {
  const file = (number: number, facts: Partial<CatalogueTitle> = {}) =>
    film(`tt98${String(number).padStart(8, '0')}`, { licence: undefined, ...facts })
  const library = (...files: readonly CatalogueTitle[]): UnknownTitles => ({
    list: async (type) => files.filter((one) => one.type === type),
    find: async (type, id) => files.find((one) => one.type === type && one.imdbId === id),
  })
  const files = Array.from({ length: 250 }, (_, i) => file(i, { name: `Wedding ${i}` }))

  test('come in pages, by type, without those that are blocked', async () => {
    const blocklist = { hasTitle: (id: string) => id === 'tt9800000003' }
    const titles = titlesOf({
      library: library(...files, file(900, { type: 'series' })),
      blocklist,
    })
    const pages = await Promise.all([0, 100, 200, 300].map((skip) => titles.unknown('movie', skip)))
    expect(pages.map((page) => page.titles.length)).toEqual([100, 100, 49, 0])
    expect(pages.flatMap(ids)).not.toContain('tt9800000003')
    expect(ids(await titles.unknown('series', 0))).toEqual(['tt9800000900'])
    expect(await titles.find('movie', 'tt9800000003', signal)).toBeUndefined()
    expect((await titles.find('movie', 'tt9800000004', signal))?.name).toBe('Wedding 4')
  })

  test('are found by words of their names or file names, but not by an empty text', async () => {
    const one = file(1, { name: 'Été', description: 'MVI_0042.mov' })
    const titles = titlesOf({ library: library(...files, one) })
    expect(ids(await titles.unknown('movie', 0, 'ete'))).toEqual(['tt9800000001'])
    expect(ids(await titles.unknown('movie', 0, 'mvi 0042'))).toEqual(['tt9800000001'])
    expect(ids(await titles.unknown('movie', 0, '...'))).toEqual([])
    expect((await titles.unknown('movie', 200, 'wedding')).titles).toHaveLength(50)
  })

  test('there are none without a library', async () => {
    const titles = titlesOf({ elsewhere: down })
    expect(ids(await titles.unknown('movie', 0))).toEqual([])
    expect(await titles.find('movie', 'tt9800000001', signal)).toBeUndefined()
  })
})
