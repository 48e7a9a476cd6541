import type { Title } from '../../common/title.ts'
import { isImdbId } from '../../common/title.ts'
import type { FindTitleFacts, SeasonFacts } from '../matching/titles/title-facts.ts'
import type { AnimeRow, AnimeSite } from './anime-row.ts'

/** What Stremio asks for: `kitsu:7442:3`, `mal:16498:3`, or `kitsu:142` for a film. */
export interface AnimeId {
  readonly site: AnimeSite
  readonly id: number
  readonly episode: number | undefined
}

const ANIME_ID = /^(kitsu|mal):([1-9]\d{0,7})(?::([1-9]\d{0,3}))?$/

/** Undefined for any other text. */
export function parseAnimeId(text: string): AnimeId | undefined {
  const [, site, id, episode] = ANIME_ID.exec(text) ?? []
  if (id === undefined) return undefined
  return {
    site: site === 'mal' ? 'mal' : 'kitsu',
    id: Number(id),
    episode: episode === undefined ? undefined : Number(episode),
  }
}

/** The title under its IMDb id; undefined: the row does not say. */
export async function titleOfAnime(
  row: AnimeRow,
  type: string,
  episode: number | undefined,
  factsOf: FindTitleFacts,
): Promise<Title | undefined> {
  const { imdbId, kind, before, last } = row
  if (!isImdbId(imdbId)) return undefined
  if (kind === 'film') {
    // What is a film elsewhere may be a series of one episode there.
    const isWhole = type === 'movie' ? episode === undefined : type === 'series' && episode === 1
    return isWhole ? { type: 'movie', imdbId } : undefined
  }
  if (type === 'movie') {
    return kind === 'any' && episode === undefined ? { type, imdbId } : undefined
  }
  if (type !== 'series' || episode === undefined || episode > (last ?? Infinity)) return undefined
  const number = before + episode
  if (number > 9999) return undefined
  if (row.season !== undefined) return { type, imdbId, season: row.season, episode: number }
  const facts = await factsOf({ type, imdbId, season: 1, episode: number })
  return { type, imdbId, ...counted(number, facts?.seasons ?? []) }
}

/** The season and episode of a number over all seasons; what is newer than the last known one goes on from it. */
function counted(
  number: number,
  seasons: readonly SeasonFacts[],
): { readonly season: number; readonly episode: number } {
  const regular = seasons.filter(({ season }) => season > 0).toSorted((a, b) => a.season - b.season)
  let before = 0
  for (const { season, episodes } of regular.slice(0, -1)) {
    if (number <= before + episodes) return { season, episode: number - before }
    before += episodes
  }
  return { season: regular.at(-1)?.season ?? 1, episode: number - before }
}
