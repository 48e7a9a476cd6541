import { setImmediate as others } from 'node:timers/promises'
import { isVideo } from '../../common/media-types.ts'
import type { Title } from '../../common/title.ts'
import type { NameParser } from '../names/name-parser.ts'
import type { EpisodeMarks } from '../names/parsed-name.ts'
import type { Selector } from '../source.ts'
import { isExtra } from './extras.ts'
import { filmParts } from './film-parts.ts'

export interface FileEntry {
  /** Inside the torrent, `/` between segments. */
  readonly path: string
  readonly size: number
}

interface Candidate extends FileEntry {
  readonly at: number
  readonly marks: EpisodeMarks
}
/** What is known of the names of a torrent, beside its candidates. */
interface PackNames {
  /** Every candidate's name could be read. */
  readonly whole: boolean
  /** Of the torrent's own name, when it has one video only. */
  readonly named: EpisodeMarks | undefined
}
type Episode = Extract<Title, { type: 'series' }>

/** A torrent may have 20,000 files: others' requests come in between. */
const NAMES_AT_ONCE = 500
const ARCHIVE = /\.(?:rar|r\d\d|zip|7z|00\d)$/i
/** What a name says that cannot be read in time. */
const UNREAD: EpisodeMarks = { episodes: [], sure: false, series: '', aside: false }

/**
 * The index of the file of a torrent that a title means; undefined rather than a guess. `torrent`
 * is the torrent's own name, which may tell the season of a pack.
 */
export async function wantedFile(
  parser: NameParser,
  files: readonly FileEntry[],
  title: Title,
  selector: Selector,
  torrent = '',
): Promise<number | undefined> {
  if (selector.fileIdx !== undefined) {
    const file = files[selector.fileIdx]
    return file && isVideo(file.path) ? selector.fileIdx : undefined
  }
  if (selector.file !== undefined) return fileNamed(files, selector.file)
  const videos = await mainVideos(files)
  if (title.type === 'movie') return isSeveralFilms(videos) ? undefined : film(videos)?.at
  const paths = videos.map(({ path }) => path)
  const [marks, [named]] = await Promise.all([
    parser.marks(paths, torrent),
    videos.length === 1 ? parser.marks([torrent]) : [],
  ])
  const candidates = videos.map((file, at) => ({ ...file, marks: marks[at] ?? UNREAD }))
  const whole = marks.every((one) => one !== undefined)
  return episodeFile(candidates, title, { whole, named })?.at
}

/**
 * Indices of the further parts of a film of which `wantedFile` gives the first, in their order; none of
 * a film that is whole.
 */
export async function furtherParts(
  files: readonly FileEntry[],
  title: Title,
  { file, fileIdx }: Selector,
): Promise<readonly number[]> {
  if (title.type !== 'movie' || file !== undefined || fileIdx !== undefined) return []
  const videos = await mainVideos(files)
  const video = largest(videos)
  if (!video || isSeveralFilms(videos)) return []
  return filmParts(videos, video)
    .slice(1)
    .map(({ at }) => at)
}

/** The whole path, else the only file whose path ends with it. */
function fileNamed(files: readonly FileEntry[], name: string): number | undefined {
  const wanted = name.normalize('NFC').replace(/^\.?\//, '')
  const paths = files.map(({ path }) => path.normalize('NFC'))
  const exact = paths.indexOf(wanted)
  const ending = paths.flatMap((path, at) => (path.endsWith(`/${wanted}`) ? [at] : []))
  const at = exact >= 0 ? exact : ending.length === 1 ? ending[0] : undefined
  return at !== undefined && isVideo(paths[at] ?? '') ? at : undefined
}

/** The videos without extras; those too when there is nothing else (a film may be called Interview). */
async function mainVideos(
  files: readonly FileEntry[],
): Promise<readonly (FileEntry & { at: number })[]> {
  const videos = files
    .map((file, at) => ({ ...file, at }))
    .filter((file) => file.size > 0 && isVideo(file.path))
  const main: typeof videos = []
  for (const [count, video] of videos.entries()) {
    if (count % NAMES_AT_ONCE === NAMES_AT_ONCE - 1) await others()
    if (!isExtra(video.path)) main.push(video)
  }
  return main.length > 0 || isPacked(files, videos) ? main : videos
}

/** A film in archives, which cannot be played: its sample is no film. */
const isPacked = (files: readonly FileEntry[], videos: readonly FileEntry[]): boolean =>
  files.some(({ path, size }) => ARCHIVE.test(path) && size > (largest(videos)?.size ?? 0) / 2)

/** The largest video; of a film in parts the first one. */
function film<T extends FileEntry>(videos: readonly T[]): T | undefined {
  const video = largest(videos)
  return video && filmParts(videos, video)[0]
}

const largest = <T extends FileEntry>(files: readonly T[]): T | undefined =>
  files.toSorted((a, b) => b.size - a.size)[0]
const only = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined)

/** Large files with different years are several films: which one is meant cannot be told. */
function isSeveralFilms(videos: readonly FileEntry[]): boolean {
  const size = largest(videos)?.size ?? 0
  const years = videos
    .filter((video) => video.size > size / 3)
    .flatMap(
      ({ path }) => /[([. _]((?:19|20)\d\d)[)\]. _]/.exec(path.split('/').at(-1) ?? '')?.[1] ?? [],
    )
  return new Set(years).size > 1
}

function episodeFile(
  candidates: readonly Candidate[],
  title: Episode,
  { whole, named }: PackNames,
): Candidate | undefined {
  const { season, episode } = title
  const sure = candidates.filter(({ marks }) => marks.sure)
  const exact = sure.filter((c) => c.marks.season === season && c.marks.episodes.includes(episode))
  // Several files of one episode are versions of it: the one with the fewest other episodes, then
  // the largest.
  const fewest = Math.min(...exact.map(({ marks }) => marks.episodes.length))
  if (isSeveralSeries(exact)) return undefined
  if (exact.length > 0) return largest(exact.filter((c) => c.marks.episodes.length === fewest))
  // What cannot be read may be the wanted one: nothing is guessed beside it.
  if (!whole && candidates.length > 1) return undefined
  const loose = candidates.filter(({ marks }) => !marks.sure)
  const inSeason = loose.filter(({ marks }) => {
    return marks.season === season && marks.episodes.includes(episode)
  })
  if (inSeason.length > 0) return only(inSeason)
  return (
    seasonless(loose, title) ??
    runTogether(loose, title) ??
    counted(candidates, title) ??
    // A torrent of one video whose names say nothing: believe the provider that listed it for the
    // episode.
    (candidates.length === 1 && !namesAnother(named, title)
      ? only(loose.filter((c) => saysNothing(c, season)))
      : undefined)
  )
}

/**
 * `Show A S01E01` and `Show B S01E01` are not versions of one episode; `Show` and `Show US` may be.
 */
function isSeveralSeries(exact: readonly Candidate[]): boolean {
  const names = [...new Set(exact.map(({ marks }) => marks.series))].filter((name) => name !== '')
  // Each begins with all shorter ones, or two are of different series.
  names.sort((a, b) => a.length - b.length)
  return names.some((name, at) => !name.startsWith(names[at - 1] ?? ''))
}

/** `Part 1`, `Part 2`, ...: only if every video has such a number, and no two the same. */
function counted(candidates: readonly Candidate[], { season, episode }: Episode) {
  const numbers = new Set(candidates.map(({ marks }) => marks.guess))
  if (numbers.has(undefined) || numbers.size !== candidates.length) return undefined
  return only(
    candidates.filter(({ marks }) => marks.guess === episode && (marks.season ?? 1) === season),
  )
}

/** Whether the torrent's own name is of another episode. */
const namesAnother = (named: EpisodeMarks | undefined, { season, episode }: Episode): boolean =>
  named?.sure === true && !(named.season === season && named.episodes.includes(episode))

/** `Show - 05` in a torrent without a season is of the first one. */
function seasonless(loose: readonly Candidate[], { season, episode }: Episode) {
  if (season !== 1) return undefined
  return only(
    loose.filter(({ marks }) => marks.season === undefined && marks.episodes.includes(episode)),
  )
}

/**
 * `117` is 1x17 and `0307` 3x07, unless the torrent numbers its episodes through all seasons.
 */
function runTogether(loose: readonly Candidate[], { season, episode }: Episode) {
  const counts = loose.some(({ marks: { bare, episodes } }) =>
    bare === undefined
      ? episodes.some((one) => one > 0 && one < 100)
      : /^0\d\d$|00$/.test(bare) || Number(bare.slice(-2)) > 40,
  )
  if (counts) return undefined
  const written = [1, 2].map((width) => {
    return `${String(season).padStart(width, '0')}${String(episode).padStart(2, '0')}`
  })
  const fits = ({ marks }: Candidate): boolean =>
    marks.bare !== undefined &&
    written.includes(marks.bare) &&
    (marks.season === undefined || marks.season === season)
  // An episode of three digits is never written together with a season.
  return episode > 0 && episode < 100 && season > 0 ? only(loose.filter(fits)) : undefined
}

const saysNothing = ({ marks }: Candidate, season: number): boolean =>
  !marks.aside &&
  marks.episodes.length === 0 &&
  marks.bare === undefined &&
  (marks.season === undefined || marks.season === season)
