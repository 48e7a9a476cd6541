import { expect, test } from '@jest/globals'
import { parseBlocklist } from '../../../common/blocklist.ts'
import { episodeMarks } from '../../../sources/matching/episode-marks.ts'
import { parseName } from '../../../sources/matching/parse-name.ts'
import { wantedFile } from '../../../sources/matching/wanted-file.ts'

/** The best of six: patterns are compiled at their first uses, and machines have other things to do. */
function took(work: () => unknown): number {
  const times = [1, 2, 3, 4, 5, 6].map(() => {
    const began = performance.now()
    work()
    return performance.now() - began
  })
  return Math.min(...times)
}
const wanted = (name: string) =>
  wantedFile([{ path: `${name}.mkv`, size: 1 }], { type: 'movie', imdbId: 'tt1254207' }, {})
const blocked = parseBlocklist('evil.example').list
const ORDINARY = 'Some.Film.2010.1080p.WEB-DL.x264-GROUP'

/** As long as still ends before the mend: each of these took a thousand times as long and more. */
test.each<[string, (name: string) => unknown, string]>([
  ['digits behind a word', wanted, `Film trailer ${'1'.repeat(34)}q`],
  ['a row of separators', parseName, `season 1${'&'.repeat(28)}`],
  ['separators of all kinds', episodeMarks, `season 1${',&\\&'.repeat(7)}`],
  ['labels of a host', blocked.hasHost, 'a.'.repeat(10_000)],
])('%s take no longer than an ordinary name', (_, work, name) => {
  work(ORDINARY)
  const ordinary = took(() => {
    for (let time = 0; time < 20; time++) work(ORDINARY)
  })
  expect(took(() => work(name)) / ordinary).toBeLessThan(300)
})

test('a row of separators is read as one', () => {
  expect(parseName('Show season 1,, 2 & 3')).toEqual(parseName('Show season 1, 2 & 3'))
})

test.each([
  ['Film-trailer-2010', undefined],
  ['Film trailer 2 1080p', undefined],
  ['Film trailer12', undefined],
  ['Trailer 1080x', 0],
  ['Trailer Park 2', 0],
])('an extra, or none: %s', (name, at) => {
  expect(wanted(name)).toBe(at)
})

test('a pack of names made to be slow is given up, and an ordinary large one is not', () => {
  const episode = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 7 } as const
  const pack = (name: (n: number) => string) =>
    wantedFile(
      Array.from({ length: 2000 }, (_, n) => ({ path: `${name(n)}.mkv`, size: 1 })),
      episode,
      {},
    )
  const began = performance.now()
  expect(pack((n) => `${'第.'.repeat(110)}${n}`)).toBeUndefined()
  const slow = performance.now() - began
  expect(pack((n) => `Show.S01E${String(n).padStart(4, '0')}`)).toBe(7)
  // A name costs 13 ms here, 2,000 of them half a minute.
  expect(slow).toBeLessThan(10_000)
})
