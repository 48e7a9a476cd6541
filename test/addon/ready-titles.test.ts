import { describe, expect, test } from '@jest/globals'
import { type ReadyParts, ReadyTitles } from '../../addon/ready-titles.ts'
import type { CatalogueTitle, FreeFilms } from '../../sources/free-films.ts'
import { nearParser } from '../support/names.ts'

const FILMS = 2000
const all = () => true
const idOf = (n: number) => `tt${1_000_000 + n}`
const items = Array.from({ length: FILMS }, (_, n) => {
  return { title: { type: 'movie', imdbId: idOf(n) } as const, fileName: `Film.Nr.${n}.2001.mkv` }
})
const catalogue = (): Map<string, CatalogueTitle> =>
  new Map(
    items.map(({ title }, n) => {
      const facts = { year: 2001, licence: 'CC0', description: '', episodes: [] } as const
      return [`movie ${title.imdbId}`, { ...title, ...facts, name: `Film ${n}` }]
    }),
  )

/** Counts the names that were read, and the ids that another place was asked for. */
function counted(parts: Partial<ReadyParts>) {
  const asked = { names: 0, elsewhere: 0 }
  const elsewhere = {
    known: async () => void asked.elsewhere++,
  } as unknown as FreeFilms
  const parser: ReadyParts['parser'] = {
    ...nearParser,
    releases: (names: readonly string[]) => {
      asked.names += names.length
      return nearParser.releases(names)
    },
  }
  const titles = new ReadyTitles({
    naming: 'all',
    local: () => new Map(),
    stored: async () => items,
    ...{ elsewhere, parser },
    ...parts,
  })
  return { asked, titles }
}

describe('what the ready catalog names', () => {
  test('is looked up for the pages that were asked for, and once', async () => {
    const empty = new Map()
    const { asked, titles } = counted({ local: () => empty })
    expect(await titles.first('movie', 100, all)).toHaveLength(100)
    expect(asked).toEqual({ names: 100, elsewhere: 100 })
    for (let page = 1; page <= FILMS / 100; page++) await titles.first('movie', page * 100, all)
    expect(asked).toEqual({ names: FILMS, elsewhere: FILMS })
  })

  test('is looked up anew when the catalogue was read anew', async () => {
    let local = new Map<string, CatalogueTitle>()
    const { titles } = counted({ naming: 'free', local: () => local })
    expect(await titles.first('movie', 5, all)).toEqual([])
    local = catalogue()
    expect((await titles.first('movie', 5, all)).map(({ name }) => name)).toEqual(
      [0, 1, 2, 3, 4].map((n) => `Film ${n}`),
    )
  })

  test('is asked for again where the index or the worker of names did not say', async () => {
    const own = { title: { type: 'movie', imdbId: 'tt9900000001' } as const, fileName: 'x.mkv' }
    const empty = new Map()
    const { asked, titles } = counted({
      naming: 'free',
      local: () => empty,
      stored: async () => [own],
    })
    await titles.first('movie', 5, all)
    await titles.first('movie', 5, all)
    expect(asked.elsewhere).toBe(2)
  })

  test('leaves out what is not allowed, also of what it remembers', async () => {
    const local = catalogue()
    const { titles } = counted({ naming: 'free', local: () => local })
    await titles.first('movie', 5, all)
    const found = await titles.first('movie', 2, ({ imdbId }) => imdbId !== idOf(0))
    expect(found.map(({ imdbId }) => imdbId)).toEqual([idOf(1), idOf(2)])
  })
})
