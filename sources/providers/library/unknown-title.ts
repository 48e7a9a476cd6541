import { cleanText } from '../../../common/clean-text.ts'
import { type CatalogueTitle, digestId } from '../../free-films.ts'
import { FIRST_YEAR } from '../../matching/episode-verdict.ts'
import type { EpisodeMarks, ParsedName } from '../../names/parsed-name.ts'
import { plainName } from '../../names/plain-name.ts'
import { type Candidate, ownName } from './judge.ts'
import { beginsWithMark, isInnerFolder, isNameless, withoutTags } from './library-names.ts'
import { identityOf } from './library-place.ts'

/** Files that stand in the catalog as one film, or as one series. */
export interface UnknownTitle {
  readonly title: CatalogueTitle
  /** By `season:episode`; a film's by ''. */
  readonly files: ReadonlyMap<string, readonly Candidate[]>
  /** Its names say what a title is found by; it is listed behind those whose names do not. */
  readonly isFindable: boolean
}

/** A candidate with what its names say. */
export interface Read {
  readonly candidate: Candidate
  readonly marks: EpisodeMarks | undefined
  readonly parsed: ParsedName
}

const MAX_NAME = 200
const MAX_NUMBER = 9999

/**
 * Of what the files are called below their folder of the setting: the same after a restart and wherever the folder
 * lies.
 */
const idFor = (identity: string): string => digestId('tt98', identity)

/** Which series a file belongs to, and as which episode; undefined: it is shown as a film. */
export interface Place {
  /** Equal for the files of one series. */
  readonly series: string
  readonly season: number
  readonly episode: number
}

/** An episode of the series that its folder, and the words before its number, are called. */
export function placeIn({ candidate, marks, parsed }: Read): Place | undefined {
  const [episode] = marks?.episodes ?? []
  if (!marks || marks.aside || episode === undefined || episode > MAX_NUMBER) return undefined
  const { sure, season = 1 } = marks
  if (!sure && (season < 1 || season >= FIRST_YEAR || marks.episodes.length > 1)) return undefined
  if (season > MAX_NUMBER) return undefined
  const name = ownName(candidate)
  // `Show - 05` and `Lesson 7`: those whose words are the same are one series.
  const words = sure ? marks.series : beginsWithMark(name) ? '' : wordsBefore(parsed.title)
  const folder = titleFolder(candidate.folder)
  if (folder === '' && words === '') return undefined
  return { series: `${candidate.root} ${folder}\n${words}`, season, episode }
}

const wordsBefore = (title = ''): string => plainName(title.replace(/\d+/g, ''))

/** Without the folders of one season or disc. */
function titleFolder(folder: string): string {
  const segments = folder.split('/')
  while (segments.length > 0 && isInnerFolder(segments.at(-1) ?? '')) segments.pop()
  return segments.join('/')
}

/** One file. */
export function unknownFilm({ candidate, parsed }: Read, rootName: string): UnknownTitle {
  const own = ownName(candidate)
  const isFindable = parsed.title !== undefined && parsed.year !== undefined
  const folder = lastOf(titleFolder(candidate.folder))
  const name = isFindable ? parsed.title : isNameless(own) && folder ? folder : spaced(own)
  return {
    title: {
      type: 'movie',
      imdbId: idFor(identityOf(rootName, candidate)),
      name: nameOf(name, candidate),
      year: parsed.year,
      licence: undefined,
      description: cleanText(candidate.name, MAX_NAME),
      episodes: [],
    },
    files: new Map([['', [candidate]]]),
    isFindable,
  }
}

/** @param reads of one series, at least one */
export function unknownSeries(
  reads: readonly (readonly [Place, Read])[],
  rootName: string,
): UnknownTitle {
  const files = new Map<string, Candidate[]>()
  const episodes: (readonly [number, number])[] = []
  for (const [{ season, episode }, { candidate }] of reads) {
    const key = `${season}:${episode}`
    const before = files.get(key)
    if (before) before.push(candidate)
    else files.set(key, [candidate])
    if (!before) episodes.push([season, episode])
  }
  const [place, first] = reads[0] as readonly [Place, Read]
  const folder = titleFolder(first.candidate.folder)
  const words = place.series.slice(place.series.indexOf('\n') + 1)
  const said = words === '' ? undefined : withoutNumber(first.parsed.title ?? '')
  return {
    title: {
      type: 'series',
      imdbId: idFor(`${identityOf(rootName, { folder, name: '' })}\n${words}`),
      name: nameOf(said || lastOf(folder), first.candidate),
      year: undefined,
      licence: undefined,
      description: '',
      episodes: episodes.toSorted(([s, e], [t, f]) => s - t || e - f),
    },
    files,
    isFindable: reads.every(([, { marks }]) => marks?.sure === true),
  }
}

const lastOf = (folder: string): string => withoutTags(folder.split('/').at(-1) ?? '')
const spaced = (stem: string): string => stem.replace(/[._]+/g, ' ').trim()
const nameOf = (name: string | undefined, { name: file }: Candidate): string =>
  cleanText(name ?? '', MAX_NAME) || cleanText(file, MAX_NAME) || 'Video'

/** Without the number at its end, which is of an episode, and what stands before that. By hand: a pattern would be quadratic. */
function withoutNumber(text: string): string {
  const isOneOf = (chars: string, at: number): boolean => at >= 0 && chars.includes(text[at] ?? '')
  let end = text.length
  while (isOneOf('0123456789', end - 1)) end--
  if (end === text.length) return text
  while (isOneOf(' -', end - 1)) end--
  return text.slice(0, end)
}
