import { expect } from '@jest/globals'
import fc from 'fast-check'
import { pino } from 'pino'
import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import { fileKey } from '../../common/bittorrent/file-key.ts'
import { systemClock } from '../../common/clock.ts'
import type { Title } from '../../common/title.ts'
import { createKnownFiles } from '../../player/files/known-files.ts'
import { externalSubtitles } from '../../sources/matching/external-subtitles.ts'
import { fileNameOf } from '../../sources/matching/file-name.ts'
import type { TitleFacts } from '../../sources/matching/titles/title-facts.ts'
import { wantedFile } from '../../sources/matching/wanted-file.ts'
import { readStream } from '../../sources/providers/addons/addon-format.ts'
import { sourceKey } from '../../sources/source-key.ts'
import { nearParser } from '../support/names.ts'
import { fuzz } from './fuzz.ts'
import { pack, type TrueFile, type TruePack } from './pack-arbitraries.ts'

const HASH = 'a'.repeat(40)
const FACTS: TitleFacts = { name: 'Show', year: 2010, countries: ['us'] }
const factsOf = async () => FACTS
const RUNS = 300

const title = fc
  .record({ season: fc.integer({ min: 1, max: 5 }), episode: fc.integer({ min: 1, max: 8 }) })
  .map(
    (asked): Extract<Title, { type: 'series' }> => ({
      type: 'series',
      imdbId: 'tt0903747',
      ...asked,
    }),
  )

/** What another addon may say: nothing, an index, a name, both; right only by chance. */
const hints = fc.record(
  {
    fileIdx: fc.nat({ max: 40 }),
    named: fc.oneof(fc.nat({ max: 40 }), fc.constantFrom(...['Show.S01E02.mkv', 'x.mkv', '?'])),
  },
  { requiredKeys: [] },
)
type Hints = typeof hints extends fc.Arbitrary<infer T> ? T : never

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const letters = (text: string): string =>
  nameOf(text)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

function sourceOf({ files }: TruePack, { fileIdx, named }: Hints) {
  const filename =
    typeof named === 'number' ? nameOf(files[named % files.length]?.path ?? '') : named
  const stream = {
    ...{ infoHash: HASH, title: 'Show 1080p' },
    ...(fileIdx !== undefined && { fileIdx }),
    ...(filename !== undefined && { behaviorHints: { filename } }),
  }
  const source = readStream(stream, 'addon', () => true)?.source
  if (!source) throw new Error('a magnet is a source')
  return { ...source, number: 0, key: sourceKey(source), listed: true, retired: false }
}

const play = ({ files, name }: TruePack, asked: Title, { selector }: ReturnType<typeof sourceOf>) =>
  wantedFile(nearParser, files, asked, selector, name, factsOf)

const isAsked = (
  file: TrueFile | undefined,
  { season, episode }: { season: number; episode: number },
) => file?.kind === 'video' && file.episode === `${season}:${episode}`

fuzz(
  'of a pack without hints the episode plays, and nothing else',
  fc.asyncProperty(pack, title, async (torrent, asked) => {
    const at = await play(torrent, asked, sourceOf(torrent, {}))
    const wanted = torrent.files.findIndex((file) => isAsked(file, asked))
    expect(at ?? -1).toBe(wanted)
  }),
  RUNS,
)

fuzz(
  'whatever another addon says of a pack, a video plays: the one that the list names, or the episode',
  fc.asyncProperty(pack, title, hints, async (torrent, asked, told) => {
    const source = sourceOf(torrent, told)
    const at = await play(torrent, asked, source)
    if (at === undefined) return
    const played = torrent.files[at]
    if (source.selector.file !== undefined) {
      expect(letters(played?.path ?? '')).toBe(letters(fileNameOf(asked, source)))
      return
    }
    expect(played?.path).toMatch(/\.(?:mkv|mp4)$/)
    // What says nothing of its episode may be what the addon says that it is.
    const saysNothing = torrent.isBare || played?.kind === 'other'
    if (!(saysNothing && at === told.fileIdx))
      expect(played?.episode).toBe(`${asked.season}:${asked.episode}`)
  }),
  RUNS,
)

fuzz(
  'of several files of one name that of the title plays',
  fc.asyncProperty(pack, title, fc.boolean(), async (torrent, asked, withIndex) => {
    const wanted = torrent.files.findIndex((file) => isAsked(file, asked))
    if (wanted < 0) return
    const hinted = { named: wanted, ...(withIndex && { fileIdx: wanted }) }
    expect(await play(torrent, asked, sourceOf(torrent, hinted))).toBe(wanted)
  }),
  RUNS,
)

fuzz(
  'what is known of a source before its torrent is, and behind a restart, is the file that plays',
  fc.asyncProperty(pack, title, title, hints, async (torrent, asked, other, told) => {
    const source = sourceOf(torrent, told)
    const index = createMemoryIndex({ clock: systemClock })
    const log = pino({ enabled: false })
    const known = createKnownFiles({ index, log })
    const before = known.peek(asked, source)
    const at = await play(torrent, asked, source)
    if (before) expect(before.key).toBe(fileKey(HASH, at ?? -1))
    if (at === undefined) return
    const played = { infoHash: HASH, fileIdx: at, name: 'x', key: fileKey(HASH, at) }
    const file = { ...played, layout: { size: 1 }, spec: {} } as never
    await known.remember(asked, source, file)
    expect(known.peek(asked, source)?.key).toBe(fileKey(HASH, at))
    expect((await createKnownFiles({ index, log }).recall(asked, source))?.key).toBe(
      fileKey(HASH, at),
    )
    // Another episode of the same source is not known by it.
    const same = other.season === asked.season && other.episode === asked.episode
    if (!same) expect(known.peek(other, source)).toBeUndefined()
    await index.close?.()
  }),
)

fuzz(
  'subtitles are those of the episode that plays',
  fc.asyncProperty(pack, title, async (torrent, asked) => {
    const at = torrent.files.findIndex((file) => isAsked(file, asked))
    if (at < 0) return
    const found = await externalSubtitles(nearParser, torrent.files, at, asked)
    const own = torrent.files.flatMap(({ kind, episode }, index) =>
      kind === 'subtitle' && episode === torrent.files[at]?.episode ? [index] : [],
    )
    expect(found.map((one) => one.at)).toEqual(own)
  }),
  RUNS,
)
