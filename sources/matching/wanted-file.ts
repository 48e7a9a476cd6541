import { setImmediate as others } from 'node:timers/promises'
import { isVideo } from '../../common/media-types.ts'
import type { Title } from '../../common/title.ts'
import type { NameParser } from '../names/name-parser.ts'
import type { EpisodeMarks } from '../names/parsed-name.ts'
import type { Selector } from '../source.ts'
import { isExtra } from './extras.ts'
import { filmParts } from './film-parts.ts'
import { match } from './match.ts'
import { episodeFile, type FileEntry, largest, only, type Video } from './pack-episode.ts'
import type { TitleFacts } from './title-facts.ts'

export type { FileEntry } from './pack-episode.ts'
/** What a metadata server tells of a title; undefined when it is not known in time. Never rejects. */
export type FindTitleFacts = (title: Title) => Promise<TitleFacts | undefined>

/** A torrent may have 20,000 files: others' requests come in between. */
const NAMES_AT_ONCE = 500
const ARCHIVE = /\.(?:rar|r\d\d|zip|7z|00\d)$/i
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
  if (selector.fileIdx !== undefined || selector.file !== undefined) return chosen(files, selector)
  const videos = await mainVideos(files)
  const byTitle = { parser, title, factsOf }
  if (title.type === 'movie') return (await filmFile(videos, torrent, byTitle))?.at
  const paths = videos.map(({ path }) => path)
  const [marks, [named]] = await Promise.all([
    parser.marks(paths, torrent),
    videos.length === 1 ? parser.marks([torrent]) : [],
  ])
  const candidates = videos.map((file, at) => ({ ...file, marks: marks[at] ?? UNREAD }))
  const whole = marks.every((one) => one !== undefined)
  const found = episodeFile(candidates, title, { whole, named })
  if (found || !whole) return found?.at
  const near = candidates.filter(
    ({ marks: { season } }) => (season ?? title.season) === title.season,
  )
  return only(await ofTitle(near, byTitle))?.at
}

/** How names of files are held against a title. */
interface ByTitle {
  readonly parser: NameParser
  readonly title: Title
  readonly factsOf: FindTitleFacts | undefined
}

/** Those whose own names are right, or lack only the year of a film. */
async function ofTitle<T extends Video>(
  videos: readonly T[],
  { parser, title, factsOf }: ByTitle,
): Promise<readonly T[]> {
  const facts = videos.length === 0 ? undefined : await factsOf?.(title)
  if (!facts) return []
  const names = await parser.releases(videos.map(({ path }) => nameOf(path)))
  const verdicts = names.map((name) => match(name, title, facts))
  const right = videos.filter((_, at) => verdicts[at]?.kind === 'right')
  if (right.length > 0 || title.type === 'series') return right
  return videos.filter((_, at) => verdicts[at]?.kind === 'unsure')
}

/** Of a collection the film that is called so; a film in parts, or alone, may be called anything. */
async function filmFile(
  videos: readonly Video[],
  torrent: string,
  byTitle: ByTitle,
): Promise<Video | undefined> {
  const size = largest(videos)?.size ?? 0
  const large = videos.filter((video) => video.size > size / 3)
  const whole = film(videos)
  if (large.length < 2 || (whole && filmParts(videos, whole).length > 1)) {
    return isSeveralFilms(videos) ? undefined : whole
  }
  const named = await ofTitle(large, byTitle)
  if (named.length > 0) return film(named)
  if (isSeveralFilms(videos)) return undefined
  const facts = await byTitle.factsOf?.(byTitle.title)
  const [own] = facts ? await byTitle.parser.releases([torrent]) : []
  const isNamed = !facts || (own && match(own, byTitle.title, facts).kind === 'right')
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
  const video = largest(videos)
  if (!video || isSeveralFilms(videos)) return []
  return filmParts(videos, video)
    .slice(1)
    .map(({ at }) => at)
}

/** The file at the index, if it is called so; else the one that is: what is listed is what plays. */
function chosen(files: readonly FileEntry[], { file, fileIdx }: Selector): number | undefined {
  const path = fileIdx === undefined ? undefined : files[fileIdx]?.path
  const at = path !== undefined && isVideo(path) ? fileIdx : undefined
  if (file === undefined) return at
  return path !== undefined && at !== undefined && isCalled(path, file)
    ? at
    : fileNamed(files, file)
}

/**
 * The whole path, else the only file whose path ends with it, else the only one that is called so but for
 * blanks, dots and signs.
 */
function fileNamed(files: readonly FileEntry[], name: string): number | undefined {
  const wanted = name.normalize('NFC').replace(/^\.?\//, '')
  const paths = files.map(({ path }) => path.normalize('NFC'))
  const exact = paths.indexOf(wanted)
  const at = exact >= 0 ? exact : only(indicesOf(paths, (path) => path.endsWith(`/${wanted}`)))
  const found = at ?? only(indicesOf(paths, (path) => isVideo(path) && isCalled(path, wanted)))
  return found !== undefined && isVideo(paths[found] ?? '') ? found : undefined
}

const indicesOf = (paths: readonly string[], is: (path: string) => boolean): number[] =>
  paths.flatMap((path, at) => (is(path) ? [at] : []))

/** Names in lists are cut, and cleaned of what no name should hold. */
const CUT = 190
const lettersOf = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

function isCalled(path: string, name: string): boolean {
  const [own, listed] = [lettersOf(nameOf(path)), lettersOf(nameOf(name))]
  return own === listed || (name.length >= CUT && listed !== '' && own.startsWith(listed))
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

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

/** The largest video; of a film in parts the first one. */
function film<T extends FileEntry>(videos: readonly T[]): T | undefined {
  const video = largest(videos)
  return video && filmParts(videos, video)[0]
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
