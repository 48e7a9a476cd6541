import type { Title } from '../../common/title.ts'
import { MAX_NAME } from '../names/name-limits.ts'
import type { ParsedName } from '../names/parsed-name.ts'
import { plainName } from '../names/plain-name.ts'

/** Name and year of a title, as a metadata server tells them. */
export interface TitleFacts {
  readonly name: string
  /** Of a movie, or a series' first. */
  readonly year: number | undefined
}

/** Name and year in a file's name; undefined when it has none. */
export const factsInName = ({ title, year }: ParsedName): TitleFacts | undefined =>
  title ? { name: title, year } : undefined

/**
 * Whether a release's name is this title: the same name, the same year for a movie, the episode or
 * its whole season for a series. A wrong film is worse than none. `foundById`: whoever gave it was
 * asked for the title's id, so its year may be missing, or the next one (of another premiere).
 */
export function isReleaseOf(
  release: ParsedName,
  title: Title,
  facts: TitleFacts,
  foundById = false,
): boolean {
  const { plainTitle, year, seasons, episodes } = release
  if (plainTitle === '' || plainTitle !== plainName(facts.name).slice(0, MAX_NAME)) return false
  if (title.type === 'movie') {
    if (seasons.length + episodes.length > 0 || facts.year === undefined) return false
    if (foundById && (!year || Math.abs(year - facts.year) === 1)) return true
    return year === facts.year
  }
  // An earlier year is that of another series with the same name.
  if (year && facts.year !== undefined && year < facts.year) return false
  return namesEpisode(release, title)
}

/** Whether a name is of this episode or its whole season; false when it says neither. */
export function namesEpisode(
  { seasons, episodes }: ParsedName,
  title: Extract<Title, { type: 'series' }>,
): boolean {
  if (!seasons.includes(title.season)) return false
  return episodes.length === 0 || episodes.includes(title.episode)
}

/**
 * Whether a name is of one episode, not of a pack: then the torrent's size is about that of the
 * file.
 */
export const isOneEpisode = ({ episodes }: ParsedName): boolean => episodes.length === 1
