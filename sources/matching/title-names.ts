import type { Title } from '../../common/title.ts'
import { parseName } from './parse-name.ts'

/** Name and year of a title, as a metadata server tells them. */
export interface TitleFacts {
  readonly name: string
  /** Of a movie, or a series' first. */
  readonly year: number | undefined
}

/** Letters and digits alone: `Amélie & Co.` and `amelie and co` are the same name. */
export function plainName(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/&/g, ' and ')
    .replace(/\p{M}|['’`]/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** Name and year in a file's name; undefined when it has none. */
export function factsInName(release: string): TitleFacts | undefined {
  const { title, year } = parseName(release)
  return title ? { name: title, year: year ? Number(year) : undefined } : undefined
}

/**
 * Whether a release's name is this title: the same name, the same year for a movie, the episode or
 * its whole season for a series. A wrong film is worse than none. `foundById`: whoever gave it was
 * asked for the title's id, so its year may be missing, or the next one (of another premiere).
 */
export function isReleaseOf(
  release: string,
  title: Title,
  facts: TitleFacts,
  foundById = false,
): boolean {
  const parsed = parseName(release)
  if (plainName(parsed.title ?? '') !== plainName(facts.name) || plainName(facts.name) === '') {
    return false
  }
  const year = Number(parsed.year)
  if (title.type === 'movie') {
    const episodic = (parsed.seasons?.length ?? 0) + (parsed.episodes?.length ?? 0) > 0
    if (episodic || facts.year === undefined) return false
    if (foundById && (!parsed.year || Math.abs(year - facts.year) === 1)) return true
    return year === facts.year
  }
  // An earlier year is that of another series with the same name.
  if (parsed.year && facts.year !== undefined && year < facts.year) return false
  return namesEpisode(release, title)
}

/** Whether a name is of this episode or its whole season; false when it says neither. */
export function namesEpisode(release: string, title: Extract<Title, { type: 'series' }>): boolean {
  const { seasons = [], episodes = [] } = parseName(release)
  if (!seasons.includes(title.season)) return false
  return episodes.length === 0 || episodes.includes(title.episode)
}

/**
 * Whether a name is of one episode, not of a pack: then the torrent's size is about that of the
 * file.
 */
export const isOneEpisode = (release: string): boolean => parseName(release).episodes?.length === 1
