import { describe, expect, test } from '@jest/globals'
import { type SearchParts, searchTitles } from '../../../addon/examples/search-titles.ts'
import { titleId } from '../../../common/title.ts'
import type { CatalogueTitle } from '../../../sources/free-films.ts'

const { signal } = new AbortController()
const stranger = { signal, isOperator: false }
const operator = { signal, isOperator: true }

const titleOf = (
  type: 'movie' | 'series',
  imdbId: string,
  name: string,
  episodes: CatalogueTitle['episodes'] = [],
): CatalogueTitle => ({
  ...{ type, imdbId, name, year: 2001, licence: undefined, description: '', episodes },
})

const OWN = [
  titleOf('movie', 'tt9000001', 'Our Holiday'),
  titleOf('series', 'tt9000002', 'Holidays, the series', [[2, 5]]),
]
const FREE = titleOf('movie', 'tt1727587', 'A free Holiday')

function partsOf(more: Partial<SearchParts> = {}): SearchParts & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    config: { catalogs: 'free' },
    blocklist: { hasTitle: () => false },
    catalogue: {
      named: () => new Map(OWN.map((title) => [`${title.type} ${title.imdbId}`, title])),
    },
    catalogTitles: {
      async search(type, words) {
        asked.push(`${type} ${words}`)
        return { titles: type === 'movie' ? [FREE] : [], whole: true }
      },
      unknown: async () => ({ titles: [], whole: true }),
      find: async (_type, imdbId) => (imdbId === FREE.imdbId ? FREE : undefined),
    },
    ...more,
  }
}

const idsOf = async (...[parts, text, viewer]: Parameters<typeof searchTitles>) =>
  (await searchTitles(parts, text, viewer)).map(({ title }) => titleId(title))

describe('a title is found', () => {
  test('by words: for everybody what catalogs name, for the operator the own ones first', async () => {
    expect(await idsOf(partsOf(), 'holiday', stranger)).toEqual(['tt1727587'])
    expect(await idsOf(partsOf(), 'HOLIDAY', operator)).toEqual([
      'tt9000001',
      'tt9000002:2:5',
      'tt1727587',
    ])
  })

  test('once, also where two places have it', async () => {
    const catalogTitles = {
      search: async () => ({ titles: OWN, whole: true }),
      unknown: async () => ({ titles: OWN, whole: true }),
      find: async () => undefined,
    }
    expect(await idsOf(partsOf({ catalogTitles }), 'holiday', operator)).toEqual([
      'tt9000001',
      'tt9000002:2:5',
    ])
  })

  test.each([
    ['tt1254207', 'tt1254207', 'tt1254207'],
    [' tt1727587 ', 'tt1727587', 'A free Holiday'],
    ['tt0903747:3', 'tt0903747:3:1', 'tt0903747, season 3 episode 1'],
    ['tt0903747:1:2', 'tt0903747:1:2', 'tt0903747, season 1 episode 2'],
  ])('by its id %s, without asking for names', async (text, id, name) => {
    const parts = partsOf()
    const found = await searchTitles(parts, text, stranger)
    expect(found.map((one) => [titleId(one.title), one.name])).toEqual([[id, name]])
    expect(parts.asked).toEqual([])
  })

  test('by an id of the own catalogue, which names it to the operator alone', async () => {
    const nameOf = async (viewer: typeof stranger) =>
      (await searchTitles(partsOf(), 'tt9000001', viewer)).map(({ name }) => name)
    expect(await nameOf(operator)).toEqual(['Our Holiday'])
    expect(await nameOf(stranger)).toEqual(['tt9000001'])
    const quiet = partsOf({ config: { catalogs: 'off' } })
    const [free] = await searchTitles(quiet, 'tt1727587', stranger)
    expect(free?.name).toBe('tt1727587')
  })

  test('by an id whose name nobody can tell now; who has left is told nothing', async () => {
    const { catalogTitles } = partsOf()
    const find = () => Promise.reject(new Error('the archive rests'))
    const parts = partsOf({ catalogTitles: { ...catalogTitles, find } })
    const [found] = await searchTitles(parts, 'tt1727587', stranger)
    expect(found?.name).toBe('tt1727587')
    const gone = { ...stranger, signal: AbortSignal.abort(new Error('gone')) }
    await expect(searchTitles(parts, 'tt1727587', gone)).rejects.toThrow('gone')
  })

  test.each(['tt12', 'tt0903747:', 'tt0903747:1:2:3', 'tt0903747:x'])(
    '%s is no id, but words',
    async (text) => {
      const parts = partsOf()
      await searchTitles(parts, text, stranger)
      expect(parts.asked).toEqual([`movie ${text}`, `series ${text}`])
    },
  )
})

describe('nothing is found', () => {
  test('of what is blocked', async () => {
    const blocklist = { hasTitle: (imdbId: string) => imdbId !== 'tt9000002' }
    expect(await idsOf(partsOf({ blocklist }), 'tt1254207', operator)).toEqual([])
    const catalogTitles = {
      search: async () => ({ titles: [], whole: true }),
      unknown: async () => ({ titles: [], whole: true }),
      find: async () => undefined,
    }
    const own = await idsOf(partsOf({ blocklist, catalogTitles }), 'holiday', operator)
    expect(own).toEqual(['tt9000002:2:5'])
  })

  test('by strangers with CATALOGS=off; nobody else is asked then', async () => {
    const parts = partsOf({ config: { catalogs: 'off' } })
    expect(await idsOf(parts, 'holiday', stranger)).toEqual([])
    expect(await idsOf(parts, 'holiday', operator)).toEqual(['tt9000001', 'tt9000002:2:5'])
    expect(parts.asked).toEqual([])
  })

  test('by words that are none', async () =>
    expect(await idsOf(partsOf({ config: { catalogs: 'off' } }), '?!', operator)).toEqual([]))
})
