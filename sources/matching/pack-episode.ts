import { lastSegment } from '../../common/media-types.ts'
import type { Title } from '../../common/title.ts'
import type { EpisodeMarks } from '../names/parsed-name.ts'
import { partNumber } from './film-parts.ts'

export interface FileEntry {
  /** Inside the torrent, `/` between segments. */
  readonly path: string
  readonly size: number
}

/** A video of a torrent; `at` is its index in the list of files. */
export type Video = FileEntry & { readonly at: number }

export interface Candidate extends Video {
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

export const largest = <T extends FileEntry>(files: readonly T[]): T | undefined =>
  files.toSorted((a, b) => b.size - a.size)[0]
export const only = <T>(found: readonly T[]): T | undefined =>
  found.length === 1 ? found[0] : undefined

/** The file of a pack that is the episode, by the names of all; undefined rather than a guess. */
export function episodeFile(
  candidates: readonly Candidate[],
  title: Episode,
  { whole, named }: PackNames,
): Candidate | undefined {
  const { season, episode } = title
  const exact = exactly(candidates, title)
  if (isSeveralSeries(exact)) return undefined
  if (exact.length > 0) return bestOf(exact)
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

const exactly = (candidates: readonly Candidate[], { season, episode }: Episode) =>
  candidates.filter(
    ({ marks }) => marks.sure && marks.season === season && marks.episodes.includes(episode),
  )

/**
 * Several files of one episode are versions of it, or halves: the one with the fewest other episodes, the first half,
 * then the largest.
 */
export function bestOf<T extends Candidate>(versions: readonly T[]): T | undefined {
  const fewest = Math.min(...versions.map(({ marks }) => marks.episodes.length))
  const alone = versions.filter(({ marks }) => marks.episodes.length === fewest)
  const halves = alone.map(({ path }) => halfOf(path) ?? Number.NaN)
  const first = Math.min(...halves)
  return largest(Number.isNaN(first) ? alone : alone.filter((_, at) => halves[at] === first))
}

/** `S01E02a`, `1x02.B`, `S01E02 Part 2`; not more of the name: `S01E02.A.Day` is no half, nor is its neighbour. */
const HALF = /(?:e|x|^)\d{2,3}[ ._-]?([a-d])(?![a-z\d])/i

function halfOf(path: string): number | undefined {
  const letter = HALF.exec(lastSegment(path))?.[1]
  return letter === undefined ? partNumber(path) : ' abcd'.indexOf(letter.toLowerCase())
}

/** Those of the episode, where they are of series with different names: the title says which is meant. */
export function rivals(candidates: readonly Candidate[], title: Episode): readonly Candidate[] {
  const exact = exactly(candidates, title)
  const names = new Set(exact.map(({ marks }) => marks.series).filter((name) => name !== ''))
  return names.size > 1 ? exact : []
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
