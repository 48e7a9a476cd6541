import { Fault } from '../common/errors.ts'
import { parseTitle, playPath, type Title } from '../common/title.ts'
import type { AnimeIds } from '../sources/anime/anime-ids.ts'

/**
 * Reads a Stremio video id, `tt1254207` or `tt0903747:1:2`.
 * Undefined for any other id: a client gets an empty list then, not an error.
 */
export function titleOfStremioId(type: string, id: string): Title | undefined {
  const [imdbId = '', season, episode, ...rest] = id.split(':')
  if (rest.length > 0) return undefined
  try {
    return parseTitle(type, imdbId, season, episode)
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

/** The same, and ids of sites about anime where a table knows them. */
export const titleOf = async (
  type: string,
  id: string,
  anime: Pick<AnimeIds, 'titleOf'> | undefined,
): Promise<Title | undefined> => titleOfStremioId(type, id) ?? anime?.titleOf(type, id)

/**
 * Where "Auto" plays: one address for each title, whatever its sources. `?s=auto` says that it
 * comes from a list, `c` holds the viewer's preferences as addon/preferences.ts writes them.
 */
export function autoPath(title: Title, preferences: string): string {
  const path = playPath(title, { number: 'auto', key: 'auto' })
  return preferences === '' ? path : `${path}&c=${preferences}`
}
