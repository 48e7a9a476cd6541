import { expect, test } from '@jest/globals'
import { postersSection } from '../../../server/pages/posters-section.ts'
import { wordsIn } from '../../../server/words/install/words.ts'
import type { PosterTitle } from '../../../sources/providers/catalogue/poster-titles.ts'
import { read } from '../../docs/project-files.ts'

const { posters: words } = wordsIn('en')
const film: PosterTitle = {
  title: { type: 'movie', imdbId: 'tt1254207' },
  name: 'Big <Buck> Bunny',
  year: 2008,
  licence: 'CC-BY-3.0',
}
const series: PosterTitle = {
  title: { type: 'series', imdbId: 'tt1748166', season: 1, episode: 1 },
  name: 'Pioneer One',
  year: undefined,
  licence: 'CC-BY-SA-3.0',
}

const linksOf = (titles: readonly PosterTitle[], isWatched: boolean): string[] =>
  [...postersSection(titles, isWatched, words).markup.matchAll(/href="([^"]*)"/g)].map(
    ([, to = '']) => to,
  )

test('a poster leads to the page that plays it, else to what plays', () => {
  expect(linksOf([film, series], true)).toEqual([
    'watch/movie/tt1254207/0',
    'watch/series/tt1748166/0/1/1',
  ])
  expect(linksOf([film, series], false)).toEqual([
    'play/movie/tt1254207/auto',
    'play/series/tt1748166/auto/1/1',
  ])
})

test('it has the name as text, the year where it is known, and the licence', () => {
  const { markup } = postersSection([film, series], true, words)
  expect(markup).toContain('<bdi class="name">Big &lt;Buck&gt; Bunny</bdi>')
  expect(markup).toContain('<span>2008</span> <span>CC-BY-3.0</span>')
  expect(markup).toContain('<span></span> <span>CC-BY-SA-3.0</span>')
})

test('every look is one of the style sheet', () => {
  const sheet = read('server/pages/assets/styles/posters.css')
  const ids = Array.from({ length: 60 }, (_, i) => `tt${1_000_000 + i * 7}`)
  const titles = ids.map((imdbId) => ({ ...film, title: { type: 'movie', imdbId } as const }))
  const { markup } = postersSection(titles, true, words)
  const looks = new Set([...markup.matchAll(/data-look="(\d+)"/g)].map(([, look]) => look))
  expect(looks.size).toBeGreaterThan(3)
  for (const look of looks) {
    if (look !== '0') expect(sheet).toContain(`.poster[data-look="${look}"]`)
  }
})

test('where nothing is free nothing is shown', () =>
  expect(postersSection([], true, words).markup).toBe(''))
