import { describe, expect, test } from '@jest/globals'
import { FreeTitles } from '../../addon/free-titles.ts'
import type { CatalogueTitle } from '../../sources/free-films.ts'
import { timesAsFirst } from '../support/ratio.ts'

/** Titles whose names tell how often they were read. */
function catalogue(count: number, licence = 'CC0') {
  const reads = { names: 0 }
  const titles = Array.from({ length: count }, (_, i): [string, CatalogueTitle] => {
    const imdbId = `tt${1_000_000 + i}`
    const type = i % 4 === 0 ? 'series' : 'movie'
    const facts = { type, imdbId, year: 2001, licence, description: '', episodes: [] } as const
    const title = {
      ...facts,
      get name() {
        reads.names++
        return `Élégie Nº ${i} & more`
      },
    }
    return [`${type} ${imdbId}`, title]
  })
  return { reads, titles: new Map(titles) }
}
const all = () => true

describe('free titles of a large catalogue', () => {
  test('have their names read once, however often and by however many they are looked for', async () => {
    const { reads, titles } = catalogue(20_000)
    const free = new FreeTitles(() => titles)
    const search = (text: string) => free.search('movie', text, 100, all)
    const found = await Promise.all(Array.from({ length: 20 }, (_, i) => search(`elegie no ${i} `)))
    expect(found.every((one) => one.length <= 100)).toBe(true)
    await search('nobody')
    await free.of('series')
    expect(reads.names).toBe(20_000)
    expect(await search('elegie')).toHaveLength(100)
  })

  test('cost a search a small part of what reading them cost', async () => {
    const { titles } = catalogue(20_000)
    const free = new FreeTitles(() => titles)
    expect(await timesAsFirst(() => free.search('movie', 'nobody', 100, all))).toBeLessThan(0.2)
  })

  test('leave others their turns while they are read', async () => {
    const { titles } = catalogue(20_000)
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    try {
      await new FreeTitles(() => titles).of('movie')
    } finally {
      clearInterval(timer)
    }
    expect(turns).toBeGreaterThan(1)
  })

  test('are those of the last reading, and of them those that are allowed', async () => {
    let now = catalogue(10).titles
    const free = new FreeTitles(() => now)
    expect(await free.of('movie')).toHaveLength(7)
    now = catalogue(20).titles
    expect(await free.of('movie')).toHaveLength(15)
    expect(
      await free.search('series', 'elegie', 2, ({ imdbId }) => imdbId !== 'tt1000000'),
    ).toEqual([
      expect.objectContaining({ imdbId: 'tt1000004' }),
      expect.objectContaining({ imdbId: 'tt1000008' }),
    ])
    now = catalogue(20, 'all rights reserved').titles
    expect(await free.of('movie')).toEqual([])
  })
})
