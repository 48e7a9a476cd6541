import { describe, expect, test } from '@jest/globals'
import { isOwnId } from '../../../../sources/free-films.ts'
import { createArchiveCatalog } from '../../../../sources/providers/archive/archive-catalog.ts'
import type { FreeFilm } from '../../../../sources/providers/archive/archive-films.ts'
import { createArchiveIds } from '../../../../sources/providers/archive/archive-ids.ts'
import { fakeIndex, handClock, never } from '../../fakes.ts'

const DAY_MS = 86_400_000
const film = (identifier: string): FreeFilm => ({
  identifier,
  title: `The ${identifier}`,
  year: 1930,
  licence: 'public domain',
})
const films = (count: number) => Array.from({ length: count }, (_, i) => film(`item${i}`))

describe('ids of our own', () => {
  test('are tt99 and eight digits, the same on every server, and lead back', async () => {
    const [index, clock] = [fakeIndex(), handClock()]
    const one = await createArchiveIds(index, clock).idOf(film('his_girl_friday'))
    const two = await createArchiveIds(fakeIndex(), clock).idOf(film('his_girl_friday'))
    expect(one).toBe(two)
    expect(isOwnId(one ?? '')).toBe(true)
    expect(await createArchiveIds(index, clock).filmOf(one ?? '')).toEqual(film('his_girl_friday'))
  })

  test('IMDb’s ids are not ours', () => {
    for (const id of ['tt0032599', 'tt9900782', 'tt99123456', 'tt991234567', 'tt0000000']) {
      expect(isOwnId(id)).toBe(false)
    }
  })

  test('two items with the same number get an id each', async () => {
    const [index, clock] = [fakeIndex(), handClock()]
    const first = await createArchiveIds(index, clock).idOf(film('a'))
    const stored = { ...film('another'), at: clock.now }
    await index.writeValue(`archive-id:${first}`, stored, 1, DAY_MS)
    const second = await createArchiveIds(index, clock).idOf(film('a'))
    expect(second).not.toBe(first)
    expect(await createArchiveIds(index, clock).filmOf(first ?? '')).toMatchObject({
      identifier: 'another',
    })
  })

  test('an id in use is not forgotten, and is written once a day', async () => {
    const [index, clock] = [fakeIndex(), handClock()]
    const id = await createArchiveIds(index, clock).idOf(film('a'))
    await createArchiveIds(index, clock).filmOf(id ?? '')
    expect(index.writes).toHaveLength(1)
    clock.now += DAY_MS + 1
    await createArchiveIds(index, clock).filmOf(id ?? '')
    expect(index.writes).toHaveLength(2)
  })

  test('without an index there is no id, because nobody would know it again', async () => {
    const index = fakeIndex()
    index.down = true
    const ids = createArchiveIds(index, handClock())
    expect(await ids.idOf(film('a'))).toBeUndefined()
    expect(await ids.filmOf('tt9900000001')).toBeUndefined()
  })
})

describe('the catalog', () => {
  /** Pages as the archive gives them: some hold fewer than they should, films move between them. */
  function catalogOf(pages: readonly (readonly FreeFilm[])[]) {
    const asked: number[] = []
    const archive = {
      popular: async (page: number) => {
        asked.push(page)
        return pages[page - 1] ?? []
      },
      search: async (words: string) => pages.flat().filter(({ title }) => title.includes(words)),
      read: async (identifier: string) => ({
        film: { ...film(identifier), description: 'A film.' },
        sources: [],
      }),
    }
    const catalog = createArchiveCatalog(archive, createArchiveIds(fakeIndex(), handClock()))
    return { catalog, asked }
  }

  test('has pages of a hundred, however many films the archive’s pages hold', async () => {
    const all = films(240)
    const { catalog } = catalogOf([
      ...[all.slice(0, 50), all.slice(45, 80), all.slice(80, 130)],
      ...[all.slice(130, 180), all.slice(180, 230), all.slice(230)],
    ])
    const pages = await Promise.all([0, 100, 200, 300].map((skip) => catalog.list(skip, never)))
    expect(pages.map(({ length }) => length)).toEqual([100, 100, 40, 0])
    expect(pages.flat().map(({ name }) => name)).toEqual(all.map(({ title }) => title))
  })

  test('asks for no more pages than it needs, and for a limited number', async () => {
    const { catalog, asked } = catalogOf(
      Array.from({ length: 99 }, (_, i) => films(50 * (i + 1)).slice(50 * i)),
    )
    await catalog.list(0, never)
    expect(asked).toEqual([1, 2])
    expect(await catalog.list(100_000, never)).toEqual([])
    expect(Math.max(...asked)).toBe(40)
  })

  test('searches, and describes a film', async () => {
    const { catalog } = catalogOf([films(20)])
    const [found] = await catalog.search('item7', never)
    expect(found).toMatchObject({ type: 'movie', name: 'The item7', year: 1930 })
    const id = found?.imdbId ?? ''
    expect(await catalog.known(id)).toEqual(found)
    expect(await catalog.find(id, never)).toEqual({ ...found, description: 'A film.' })
    expect(await catalog.find('tt9912312312', never)).toBeUndefined()
  })
})
