import { expect, test } from '@jest/globals'
import { parseBlocklist } from '../../../common/blocklist.ts'
import { type FileEntry, wantedFile } from '../../../sources/matching/wanted-file.ts'
import { nameTokens } from '../../../sources/names/name-tokens.ts'
import { plainName } from '../../../sources/names/plain-name.ts'
import { statedFacts } from '../../../sources/providers/shared/stated-facts.ts'
import { nearParser } from '../../support/names.ts'
import { timesAsLong } from '../../support/ratio.ts'

const wanted = (name: string, ...others: readonly FileEntry[]) =>
  wantedFile(
    nearParser,
    [{ path: `${name}.mkv`, size: 1 }, ...others],
    { type: 'movie', imdbId: 'tt1254207' },
    {},
  )
const blocked = parseBlocklist('evil.example').list
const ORDINARY = 'Some.Film.2010.1080p.WEB-DL.x264-GROUP'

/** What the main thread does with names itself: about linear, or of a bounded length. */
test.each<[string, (name: string) => unknown, string]>([
  ['digits behind a word', wanted, `Film trailer ${'1'.repeat(34)}q`],
  ['a row of extras', wanted, 'trailer '.repeat(5000)],
  ['blanks behind an extra', wanted, `trailer${' _'.repeat(9000)}q`],
  ['a row of samples', wanted, 'sample'.repeat(5000)],
  ['dots in a folder', wanted, `${'. '.repeat(9000)}/film`],
  ['blanks behind a size', statedFacts, `size${' '.repeat(1990)}x`],
  ['blanks behind seeders', statedFacts, `${'seeders'.repeat(20)}${'\t'.repeat(1800)}x`],
  ['letters with marks', plainName, 'ﷺ'.repeat(255)],
  ['a row of marks', nameTokens, 'S01E01-E02.'.repeat(20)],
  ['seasons without end', nameTokens, 'season 1, '.repeat(25)],
  ['brackets with numbers', nameTokens, '[1-'.repeat(80)],
  ['labels of a host', blocked.hasHost, 'a.'.repeat(10_000)],
])('%s take no longer than an ordinary name', async (_, work, name) => {
  // Patterns are compiled at their first uses.
  work(ORDINARY)
  const ordinary = () => {
    for (let time = 0; time < 20; time++) work(ORDINARY)
  }
  expect(await timesAsLong(() => work(name), ordinary)).toBeLessThan(300)
})

test.each([
  ['Film-trailer-2010', 1],
  ['Film trailer 2 1080p', 1],
  ['Film trailer12', 1],
  ['Trailer 1080x', 0],
  ['Trailer Park 2', 0],
])('an extra beside a film, or none: %s', async (name, at) => {
  expect(await wanted(name, { path: 'film.mkv', size: 0.5 })).toBe(at)
})
