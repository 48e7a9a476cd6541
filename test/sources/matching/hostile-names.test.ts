import { expect, jest, test } from '@jest/globals'
import { parseBlocklist } from '../../../common/blocklist.ts'
import { episodeMarks } from '../../../sources/matching/episode-marks.ts'
import { parseName } from '../../../sources/matching/parse-name.ts'
import { wantedFile } from '../../../sources/matching/wanted-file.ts'
import { timesAsLong } from '../../support/ratio.ts'

const wanted = (name: string) =>
  wantedFile([{ path: `${name}.mkv`, size: 1 }], { type: 'movie', imdbId: 'tt1254207' }, {})
const blocked = parseBlocklist('evil.example').list
const ORDINARY = 'Some.Film.2010.1080p.WEB-DL.x264-GROUP'

/** As long as still ends before the mend: each of these took a thousand times as long and more. */
test.each<[string, (name: string) => unknown, string]>([
  ['digits behind a word', wanted, `Film trailer ${'1'.repeat(34)}q`],
  ['a row of separators', parseName, `season 1${'&'.repeat(28)}`],
  ['separators of all kinds', episodeMarks, `season 1${',&\\&'.repeat(7)}`],
  ['a row of numbers', episodeMarks, `Show ${'.01'.repeat(60)}.`],
  ['a row of episodes', episodeMarks, `Show ${'e11-'.repeat(60)}`],
  ['numbers and letters in turn', episodeMarks, `Show ${'1x2.'.repeat(50)}.`],
  ['numbers in brackets', episodeMarks, `Show ${'[01]('.repeat(50)}.`],
  ['a row of numbers in a pack', wanted, `Show ${'.01'.repeat(60)}.`],
  ['labels of a host', blocked.hasHost, 'a.'.repeat(10_000)],
])('%s take no longer than an ordinary name', async (_, work, name) => {
  // Patterns are compiled at their first uses.
  work(ORDINARY)
  const ordinary = () => {
    for (let time = 0; time < 20; time++) work(ORDINARY)
  }
  expect(await timesAsLong(() => work(name), ordinary)).toBeLessThan(300)
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

test('a pack of names made to be slow is given up; a large ordinary one is not', () => {
  const episode = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 7 } as const
  const pack = (name: (n: number) => string) =>
    wantedFile(
      Array.from({ length: 2000 }, (_, n) => ({ path: `${name(n)}.mkv`, size: 1 })),
      episode,
      {},
    )
  const ordinary = (n: number): string => `Show.S01E${String(n).padStart(4, '0')}`
  // A clock that goes on by so much a look: names made to be slow cost 13 ms here, others 0.1.
  let perName = 0.1
  let now = 0
  const looked = jest.spyOn(performance, 'now').mockImplementation(() => (now += perName))
  try {
    expect(pack(ordinary)).toBe(7)
    looked.mockClear()
    perName = 13
    expect(pack(ordinary)).toBeUndefined()
    // Two seconds of them, not 26.
    expect(looked.mock.calls.length).toBeLessThan(200)
  } finally {
    looked.mockRestore()
  }
})
