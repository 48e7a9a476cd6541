import { isVideo, lastSegment } from '../../common/media-types.ts'
import type { Title } from '../../common/title.ts'
import type { NameParser } from '../names/name-parser.ts'
import type { Selector } from '../source.ts'
import { match } from './match.ts'
import { type FileEntry, only } from './pack-episode.ts'
import type { FindTitleFacts } from './titles/title-facts.ts'

/** How names of files are held against a title. */
export interface ByTitle {
  readonly parser: NameParser
  readonly title: Title
  readonly factsOf: FindTitleFacts | undefined
}

/** Names in lists are cut, and cleaned of what no name should hold. */
const CUT = 190

/** The videos that a selector may mean, as indices in the list of files: the surest first. */
export function chosenFiles(
  files: readonly FileEntry[],
  { file, fileIdx, isHint }: Selector,
): readonly number[] {
  const path = fileIdx === undefined ? undefined : files[fileIdx]?.path
  const at = path !== undefined && isVideo(path) ? fileIdx : undefined
  if (file === undefined) return at === undefined ? [] : [at]
  const called = filesNamed(files, file, isHint)
  // The one at the index, if it is called so; else those that are: what is listed is what plays.
  if (path === undefined || at === undefined || !isCalled(path, file)) return called
  return [at, ...called.filter((one) => one !== at)]
}

/**
 * The whole path (of other servers a name alone is no path), else the only file whose path ends with it, else those that are called so but for blanks, dots
 * and signs: in folders of their own several may be.
 */
function filesNamed(files: readonly FileEntry[], name: string, isHint = false): readonly number[] {
  const wanted = name.normalize('NFC').replace(/^\.?\//, '')
  const paths = files.map(({ path }) => path.normalize('NFC'))
  const exact = isHint && !wanted.includes('/') ? -1 : paths.indexOf(wanted)
  const at =
    exact >= 0 ? exact : only(indicesOf(paths, (path) => `/${path}`.endsWith(`/${wanted}`)))
  const found =
    at === undefined ? indicesOf(paths, (path) => isVideo(path) && isCalled(path, wanted)) : [at]
  return found.filter((one) => isVideo(paths[one] ?? ''))
}

const indicesOf = (paths: readonly string[], is: (path: string) => boolean): number[] =>
  paths.flatMap((path, at) => (is(path) ? [at] : []))

const lettersOf = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

function isCalled(path: string, name: string): boolean {
  const [own, listed] = [lettersOf(lastSegment(path)), lettersOf(lastSegment(name))]
  return own === listed || (name.length >= CUT && listed !== '' && own.startsWith(listed))
}

/** `01. Iron Man (2008)`, `[04] Thor`; `James Bond 03 - Goldfinger`. */
const NUMBERED = [/^[[(#]{0,2}\d{1,3}[\])]?[ ._-]{1,3}/, /^.{1,40}?[ ._]\d{1,3} - /] as const
/** Folders of discs, which are called alike whatever is on them. */
const OF_DISC = /^(?:bdmv|stream|video_ts|(?:cd|dvd|dis[ck])[ ._-]?\d)$/i

/** What may say which film of a collection a file is, the surest first: its name, without its number, its folder. */
export function waysToName(videos: readonly FileEntry[]): readonly ((path: string) => string)[] {
  const unnumbered = (name: string): string =>
    NUMBERED.map((pattern) => name.replace(pattern, '')).find((rest) => rest !== name) ?? ''
  const ways = [lastSegment, (path: string) => unnumbered(lastSegment(path))]
  // What all have in common tells none from another.
  const isTold = new Set(videos.map(({ path }) => folderOf(path))).size > 1
  return isTold ? [...ways, folderOf, (path: string) => unnumbered(folderOf(path))] : ways
}

const folderOf = (path: string): string =>
  path
    .split('/')
    .slice(0, -1)
    .findLast((folder) => !OF_DISC.test(folder)) ?? ''

/**
 * Whether the name and the folders of a file say that it is something else than the title: another episode, or what
 * tells against the name of any release.
 */
export async function speaksAgainst(
  path: string,
  torrent: string,
  { parser, title, factsOf }: ByTitle,
): Promise<boolean> {
  const [[name], [marks], facts] = await Promise.all([
    parser.releases([lastSegment(path)]),
    title.type === 'series' ? parser.marks([path], torrent) : [],
    factsOf?.(title),
  ])
  if (name && match(name, title, facts, 'addon').kind === 'wrong') return true
  if (!marks || marks.episodes.length === 0 || title.type === 'movie') return false
  if (marks.season === title.season) return !marks.episodes.includes(title.episode)
  // What one server calls one season of an anime is two to others.
  const isFixed = facts !== undefined && !facts.countries?.includes('jp')
  return marks.season !== undefined && isFixed
}
