import { describe, expect, test } from '@jest/globals'
import { parseCatalogue } from '../../../../sources/providers/catalogue/catalogue-format.ts'
import { namedTitles } from '../../../../sources/providers/catalogue/catalogue-titles.ts'

const url = { url: 'https://a.example/a.mp4' }
const magnet = { magnet: `magnet:?xt=urn:btih:${'a'.repeat(40)}` }
const titles = [
  { id: 'tt0000001', type: 'movie', name: 'A film\u202e', sources: [url] },
  { id: 'tt0000002', type: 'movie', sources: [url] },
  {
    id: 'tt0000003',
    type: 'series',
    name: 'Episodes',
    episodes: { '2:1': [url], '2:3': [url], '2:4': [url] },
  },
  { id: 'tt0000004', type: 'series', name: 'A pack', packs: [{ ...magnet, seasons: [5, 6] }] },
]

/** As the catalogue's index has them. */
function named(most: number) {
  const parsed = parseCatalogue(JSON.stringify({ version: 1, titles }))
  return namedTitles(
    parsed.titles.map((title) => [[title, undefined] as const]),
    most,
  )
}

describe('titles to try', () => {
  test('movies by name or id, series by their first episodes', () => {
    const series = (imdbId: string, season: number, episode: number) => ({
      type: 'series',
      imdbId,
      season,
      episode,
    })
    expect(named(10)).toEqual([
      { title: { type: 'movie', imdbId: 'tt0000001' }, name: 'A film' },
      { title: { type: 'movie', imdbId: 'tt0000002' }, name: 'tt0000002' },
      { title: series('tt0000003', 2, 1), name: 'Episodes, season 2 episode 1' },
      { title: series('tt0000003', 2, 3), name: 'Episodes, season 2 episode 3' },
      { title: series('tt0000004', 5, 1), name: 'A pack, season 5 episode 1' },
    ])
  })

  test('no more than asked for', () => {
    expect(named(3).map(({ name }) => name)).toEqual([
      'A film',
      'tt0000002',
      'Episodes, season 2 episode 1',
    ])
    expect(named(0)).toEqual([])
  })
})
