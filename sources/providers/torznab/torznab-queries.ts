import type { Title } from '../../../common/title.ts'
import type { TitleFacts } from '../../matching/titles/title-facts.ts'
import type { TorznabCaps } from './torznab-format.ts'

export interface TorznabQuery {
  /** By the title's IMDb id, else by its name. */
  readonly byId: boolean
  readonly query: Readonly<Record<string, string>>
}
type Episode = Extract<Title, { type: 'series' }>

const MOVIES = '2000'
const TV = '5000'

/** Queries to try in this order, the most exact first; none when the indexer supports none. */
export function torznabQueries(
  caps: TorznabCaps,
  title: Title,
  facts: TitleFacts | undefined,
): readonly TorznabQuery[] {
  if (title.type === 'series') return episodeQueries(caps, title, facts)
  const queries: TorznabQuery[] = []
  if (caps.movie.has('imdbid')) {
    queries.push({ byId: true, query: { t: 'movie', cat: MOVIES, imdbid: title.imdbId } })
  }
  if (facts) queries.push(byWords(MOVIES, facts.name, `${facts.year ?? ''}`))
  return queries
}

function episodeQueries(
  { tv }: TorznabCaps,
  title: Episode,
  facts: TitleFacts | undefined,
): readonly TorznabQuery[] {
  const { imdbId: imdbid, season, episode } = title
  const search = { t: 'tvsearch', cat: TV }
  const exact = { season: `${season}`, ep: `${episode}` }
  const isAble = tv.has('season') && tv.has('ep')
  const queries: TorznabQuery[] = []
  if (tv.has('imdbid') && isAble)
    queries.push({ byId: true, query: { ...search, imdbid, ...exact } })
  if (!facts) return queries
  if (tv.has('q') && isAble)
    queries.push({ byId: false, query: { ...search, q: facts.name, ...exact } })
  else queries.push(byWords(TV, facts.name, `S${two(season)}E${two(episode)}`))
  // Fansubs count: `Name - 05`, whose season no indexer knows.
  if (facts.countries?.includes('jp')) queries.push(byWords(TV, facts.name, two(episode)))
  return queries
}

/**
 * For packs of its season, and of the whole series; by id where it can be, else by name. The same for every
 * episode of the season.
 */
export function packQueries(
  { tv }: TorznabCaps,
  { imdbId: imdbid, season }: Pick<Episode, 'imdbId' | 'season'>,
  facts: TitleFacts | undefined,
): readonly TorznabQuery[] {
  const byId = tv.has('imdbid')
  const named = facts && tv.has('q') ? { q: facts.name } : undefined
  const of = byId ? { imdbid } : named
  const queries: TorznabQuery[] = []
  if (of && tv.has('season')) {
    queries.push({ byId, query: { t: 'tvsearch', cat: TV, ...of, season: `${season}` } })
  } else if (facts) queries.push(byWords(TV, facts.name, `S${two(season)}`))
  if (of) queries.push({ byId, query: { t: 'tvsearch', cat: TV, ...of } })
  else if (facts) queries.push(byWords(TV, facts.name, 'complete'))
  return queries
}

const byWords = (cat: string, name: string, words: string): TorznabQuery => ({
  byId: false,
  query: { t: 'search', cat, q: `${name} ${words}`.trim() },
})

const two = (number: number): string => String(number).padStart(2, '0')
