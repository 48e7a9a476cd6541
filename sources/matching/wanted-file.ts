import { setImmediate as others } from 'node:timers/promises'
import { isVideo, lastSegment } from '../../common/media-types.ts'
import type { Title } from '../../common/title.ts'
import type { NameParser } from '../names/name-parser.ts'
import type { EpisodeMarks } from '../names/parsed-name.ts'
import type { Selector } from '../source.ts'
import { type ByTitle, chosenFiles, speaksAgainst, waysToName } from './chosen-file.ts'
import { isExtra } from './extras.ts'
import { filmOfYear } from './film-of-year.ts'
import { filmParts, isCalledPart } from './film-parts.ts'
import { isByLess, match, type ReadName } from './match.ts'
import {
  bestOf,
  episodeFile,
  type FileEntry,
  largest,
  only,
  rivals,
  type Video,
} from './pack-episode.ts'
import type { FindTitleFacts, TitleFacts } from './titles/title-facts.ts'
import type { Verdict } from './verdict.ts'

export type { FileEntry } from './pack-episode.ts'

/** A torrent may have 20,000 files: others' requests come in between. */
const NAMES_AT_ONCE = 500
const ARCHIVE = /\.(?:rar|r\d\d|zip|7z|00\d)$/i
/** `2024.03.06`, `20240306` */
const DAY = /(?<!\d)(?:19|20)\d\d([ ._-]?)[01]\d\1[0-3]\d(?!\d)/
/** What a name says that cannot be read in time. */
const UNREAD: EpisodeMarks = { episodes: [], sure: false, series: '', aside: false }

/**
 * The index of the file of a torrent that a title means; undefined rather than a guess. `torrent`
 * is the torrent's own name, which may tell the season of a pack. `factsOf` is asked only where names alone
 * do not tell: a collection of films, numbers over all seasons, days.
 */
export async function wantedFile(
  parser: NameParser,
  files: readonly FileEntry[],
  title: Title,
  selector: Selector,
  torrent = '',
  factsOf?: FindTitleFacts,
): Promise<number | undefined> {
  const byTitle = { parser, title, factsOf }
  const isChosen = selector.fileIdx !== undefined || selector.file !== undefined
  return isChosen
    ? chosenFile(files, selector, torrent, byTitle)
    : fileOfTitle(files, torrent, byTitle)
}

/** By names and sizes alone. */
async function fileOfTitle(
  files: readonly FileEntry[],
  torrent: string,
  byTitle: ByTitle,
): Promise<number | undefined> {
  const { parser, title } = byTitle
  const videos = await mainVideos(files)
  if (title.type === 'movie') return (await filmFile(videos, torrent, byTitle))?.at
  const paths = videos.map(({ path }) => path)
  const [marks, [named]] = await Promise.all([
    parser.marks(paths, torrent),
    videos.length === 1 ? parser.marks([torrent]) : [],
  ])
  const candidates = videos.map((file, at) => ({ ...file, marks: marks[at] ?? UNREAD }))
  const whole = marks.every((one) => one !== undefined)
  const own = await ofTitle(rivals(candidates, title), byTitle)
  const found = bestOf(own) ?? episodeFile(candidates, title, { whole, named })
  if (found && videos.length === 1 && DAY.test(lastSegment(found.path))) {
    return (await speaksAgainst(found.path, torrent, byTitle)) ? undefined : found.at
  }
  if (found || !whole) return found?.at
  const near = candidates.filter(
    ({ marks: { season } }) => (season ?? title.season) === title.season,
  )
  const called = only(await ofTitle(near, byTitle))
  if (called) return called.at
  // `The Daily Show 2024/2024-03-05.mkv`: the day says its year too.
  const series = torrent.replace(/(?:19|20)\d\d/g, ' ')
  const dated = near.filter(({ path }) => DAY.test(lastSegment(path)))
  return only(await ofTitle(dated, byTitle, [(path) => `${series} ${lastSegment(path)}`]))?.at
}

/**
 * The file that a selector means. Of several that are called so the title decides; an index that another server told
 * does not count where the name of the file there speaks against the title.
 */
async function chosenFile(
  files: readonly FileEntry[],
  selector: Selector,
  torrent: string,
  byTitle: ByTitle,
): Promise<number | undefined> {
  const found = chosenFiles(files, selector)
  const [first] = found
  const among = (indices: readonly number[]) =>
    fileOfTitle(
      files.map((file, at) => (indices.includes(at) ? file : { ...file, size: 0 })),
      torrent,
      byTitle,
    )
  if (found.length > 1) {
    const told = first === selector.fileIdx ? first : undefined
    const own = told === undefined ? undefined : await among([told])
    return own ?? (await among(found)) ?? told
  }
  if (!selector.isHint || selector.file !== undefined) return first
  const named = await fileOfTitle(files, torrent, byTitle)
  if (first === undefined || first === named) return named
  const file = files[first]
  if (!file || (await speaksAgainst(file.path, torrent, byTitle))) return named
  const isLess = byTitle.title.type === 'series' || file.size < (files[named ?? first]?.size ?? 0)
  return isLess && named !== undefined && isExtra(file.path) ? named : first
}

/**
 * Those whose own names are right, or lack only the year of a film.
 * @param ways what may say it, the surest first
 */
async function ofTitle<T extends Video>(
  videos: readonly T[],
  { parser, title, factsOf }: ByTitle,
  ways = title.type === 'series' ? [lastSegment] : waysToName(videos),
): Promise<readonly T[]> {
  const facts = videos.length === 0 ? undefined : await factsOf?.(title)
  if (!facts) return []
  let unsure: readonly T[] = []
  for (const way of ways) {
    const names = await parser.releases(videos.map(({ path }) => way(path)))
    const verdicts = names.map((name) => name.tokens !== '' && kindOf(name, title, facts))
    const right = videos.filter((_, at) => verdicts[at] === 'right')
    if (right.length > 0) return right
    if (unsure.length === 0) unsure = videos.filter((_, at) => verdicts[at] === 'unsure')
  }
  return title.type === 'series' ? [] : unsure
}

/** Of several files one that leaves out its part, or 3D, is another film. */
function kindOf(name: ReadName, title: Title, facts: TitleFacts): Verdict['kind'] {
  const { kind } = match(name, title, facts)
  return kind !== 'wrong' && isByLess(name, title, facts) ? 'wrong' : kind
}

/** Of a collection the film that is called so; a film in parts, or alone, may be called anything. */
async function filmFile(
  videos: readonly Video[],
  torrent: string,
  byTitle: ByTitle,
): Promise<Video | undefined> {
  const size = largest(videos)?.size ?? 0
  const large = videos.filter((video) => video.size > size / 3)
  const parts = partsOf(videos)
  const [whole] = parts
  const isInParts = parts.length > 1
  if (large.length < 2 || (isInParts && !parts.some(({ path }) => isCalledPart(path)))) {
    return isSeveralFilms(videos) ? undefined : whole
  }
  const named = await ofTitle(large, byTitle)
  if (named.length > 0) return partsOf(named)[0]
  if (isSeveralFilms(videos)) return filmOfYear(large, byTitle)
  if (isInParts && large.every((video) => parts.includes(video))) return whole
  const facts = await byTitle.factsOf?.(byTitle.title)
  const [own] = facts ? await byTitle.parser.releases([torrent]) : []
  const isNamed = !facts || (own && kindOf(own, byTitle.title, facts) === 'right')
  return isNamed ? whole : undefined
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
  if (isSeveralFilms(videos)) return []
  return partsOf(videos)
    .slice(1)
    .map(({ at }) => at)
}

/** The videos without extras; those too when there is nothing else (a film may be called Interview). */
async function mainVideos(files: readonly FileEntry[]): Promise<readonly Video[]> {
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

/** The largest video; of a film in parts all of them, in their order. */
function partsOf<T extends FileEntry>(videos: readonly T[]): readonly T[] {
  const video = largest(videos)
  return video ? filmParts(videos, video) : []
}

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
