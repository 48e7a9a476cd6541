import { describe, expect, test } from '@jest/globals'
import type { Title } from '../../../../common/title.ts'
import type { CatalogueTitle } from '../../../../sources/free-films.ts'
import {
  type PosterParts,
  posterTitles,
} from '../../../../sources/providers/catalogue/poster-titles.ts'

const film = (imdbId: string): Title => ({ type: 'movie', imdbId })
const episode = (imdbId: string, number: number): Title => ({
  type: 'series',
  imdbId,
  season: 1,
  episode: number,
})

function partsOf(
  titles: readonly (readonly [Title, licence: string | undefined])[],
  more: Partial<PosterParts> = {},
): PosterParts & { readonly asked: number[] } {
  const asked: number[] = []
  const named = new Map<string, CatalogueTitle>()
  for (const [{ type, imdbId }, licence] of titles) {
    const key = `${type} ${imdbId}`
    const about = { year: 2010, description: '', episodes: [] }
    if (!named.has(key)) named.set(key, { type, imdbId, name: `of ${imdbId}`, licence, ...about })
  }
  const catalogue = {
    titles(limit: number) {
      asked.push(limit)
      return titles.slice(0, limit).map(([title]) => ({ title, name: 'another name' }))
    },
    named: () => named,
  }
  const open = { hasTitle: () => false }
  return { catalogue, blocklist: open, config: { catalogs: 'free' }, asked, ...more }
}

const idsOf = (parts: PosterParts): string[] => posterTitles(parts).map(({ title }) => title.imdbId)

describe('titles that have a poster', () => {
  test('are the free ones, a series once, by its first episode and its own name', () => {
    const parts = partsOf([
      [film('tt1'), 'CC-BY-3.0'],
      [film('tt2'), undefined],
      [film('tt3'), 'All rights reserved'],
      [episode('tt4', 1), 'CC0-1.0'],
      [episode('tt4', 2), 'CC0-1.0'],
    ])
    expect(posterTitles(parts)).toEqual([
      { title: film('tt1'), name: 'of tt1', year: 2010, licence: 'CC-BY-3.0' },
      { title: episode('tt4', 1), name: 'of tt4', year: 2010, licence: 'CC0-1.0' },
    ])
  })

  test('are not those that are blocked, and none with CATALOGS=off', () => {
    const free = [
      [film('tt1'), 'CC0'],
      [film('tt2'), 'CC0'],
    ] as const
    const blocklist = { hasTitle: (imdbId: string) => imdbId === 'tt1' }
    expect(idsOf(partsOf(free, { blocklist }))).toEqual(['tt2'])
    expect(idsOf(partsOf(free, { config: { catalogs: 'off' } }))).toEqual([])
    expect(idsOf(partsOf(free, { config: { catalogs: 'all' } }))).toEqual(['tt1', 'tt2'])
  })

  test('are few, and few are looked at, whatever the catalogue holds', () => {
    const parts = partsOf(Array.from({ length: 1000 }, (_, i) => [film(`tt${i}`), 'CC0'] as const))
    expect(posterTitles(parts)).toHaveLength(8)
    expect(parts.asked).toEqual([100])
  })
})
