import { expect } from '@jest/globals'
import fc from 'fast-check'
import type { Title } from '../../common/title.ts'
import { fileNameOf } from '../../sources/matching/file-name.ts'
import { wantedFile } from '../../sources/matching/wanted-file.ts'
import { readStream } from '../../sources/providers/addons/addon-format.ts'
import { nearParser } from '../support/names.ts'
import { fuzz } from './fuzz.ts'

const FILM: Title = { type: 'movie', imdbId: 'tt0120737' }
const EPISODE: Title = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 2 }
const NAMES = [
  ...['1 - The Fellowship.mkv', '2 - The Two Towers.mkv', 'Show.S01E02.mkv', 'Show.S01E03.mkv'],
  ...[
    'show s01e02.MKV',
    'Show.S01E02.srt',
    'Film.2001.mp4',
    'Film 2001.mp4',
    'Extras.mkv',
    'a.txt',
  ],
]
const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 40 }))
const folder = fc.constantFrom('', 'Season 1/', 'A/B/', 'Extras/')
const files = fc.array(
  fc.record({
    path: fc.tuple(folder, name).map(([where, one]) => `${where}${one}`),
    size: fc.integer({ min: 0, max: 5000 }),
  }),
  { maxLength: 12 },
)
const stream = fc.record(
  {
    title: name,
    fileIdx: fc.integer({ min: 0, max: 13 }),
    behaviorHints: fc.record({ filename: name }),
  },
  { requiredKeys: [] },
)
const letters = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
const last = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

fuzz(
  'a list never names one file of a torrent and plays another',
  fc.asyncProperty(
    files,
    stream,
    fc.constantFrom(FILM, EPISODE),
    async (inTorrent, hints, title) => {
      const stream = { ...hints, infoHash: 'a'.repeat(40) }
      const source = readStream(stream, 'addon', () => true)?.source
      if (!source) return
      const at = await wantedFile(nearParser, inTorrent, title, source.selector, 'Torrent')
      if (at === undefined || source.selector.file === undefined) return
      const listed = letters(last(fileNameOf(title, source)))
      expect(letters(last(inTorrent[at]?.path ?? ''))).toBe(listed)
    },
  ),
)
