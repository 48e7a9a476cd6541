import { Fault } from '../common/errors.ts'
import { parseTitle, type Title } from '../common/title.ts'

/**
 * Reads a Stremio video id, `tt1254207` or `tt0903747:1:2`.
 * undefined for whatever is not ours: to a client that is an empty list, not an error.
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

/** Where a numbered source plays, from the base URL on (docs/decisions/0002). */
export function playPath(
  title: Title,
  source: { readonly number: number; readonly key: string },
): string {
  const episode = title.type === 'series' ? `/${title.season}/${title.episode}` : ''
  return `/play/${title.type}/${title.imdbId}/${source.number}${episode}?s=${source.key}`
}

/**
 * Where "Auto" plays: the same for a title whatever its sources. `?s=` says that it was listed, `c`
 * what the viewer wishes (addon/preferences.ts writes it).
 */
export function autoPath(title: Title, wishes: string): string {
  const episode = title.type === 'series' ? `/${title.season}/${title.episode}` : ''
  return `/play/${title.type}/${title.imdbId}/auto${episode}?s=auto${wishes === '' ? '' : `&c=${wishes}`}`
}

/** Where a subtitle file of a numbered source is read, as WebVTT. */
export function subtitlePath(
  title: Title,
  source: { readonly number: number; readonly key: string },
  track: string,
): string {
  const [path = '', query = ''] = playPath(title, source).split('?')
  return `/subtitles${path.slice('/play'.length)}/${track}.vtt?${query}`
}
