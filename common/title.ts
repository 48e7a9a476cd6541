import { Fault } from './errors.ts'

/** A movie, or one episode of a series. */
export type Title =
  | { readonly type: 'movie'; readonly imdbId: string }
  | {
      readonly type: 'series'
      readonly imdbId: string
      readonly season: number
      readonly episode: number
    }

const IMDB_ID = /^tt\d{7,10}$/
/** At most four digits, no sign, no leading zero. parseInt would accept `1e3` and `1x` as 1. */
const SMALL_NUMBER = /^(0|[1-9]\d{0,3})$/

export const isImdbId = (text: string): boolean => IMDB_ID.test(text)

/** A whole number from 0 to 9999; undefined for any other text. */
export function parseSmallNumber(text: string): number | undefined {
  return SMALL_NUMBER.test(text) ? Number(text) : undefined
}

/** `tt1254207`, `tt0903747:1` or `tt0903747:1:2` taken apart; undefined for any other text. */
export function partsOfId(
  text: string,
): { readonly imdbId: string; readonly season?: number; readonly episode?: number } | undefined {
  const [imdbId = '', ...rest] = text.trim().split(':')
  const [season, episode, ...more] = rest.map(parseSmallNumber)
  const isWhole = rest.length < 1 || season !== undefined
  if (!isImdbId(imdbId) || !isWhole || (rest.length > 1 && episode === undefined)) return undefined
  if (more.length > 0) return undefined
  return {
    imdbId,
    ...(season !== undefined && { season }),
    ...(episode !== undefined && { episode }),
  }
}

/** The Stremio id of a title, which also names it in the cache: `tt1254207` or `tt0903747:1:2`. */
export function titleId(title: Title): string {
  return title.type === 'movie' ? title.imdbId : `${title.imdbId}:${title.season}:${title.episode}`
}

/**
 * Parses the title in the parameters of a path.
 * @throws Fault BAD_TYPE, BAD_IMDB_ID, BAD_SEASON, BAD_EPISODE
 */
export function parseTitle(
  type: string,
  imdbId: string,
  season: string | undefined,
  episode: string | undefined,
): Title {
  if (type !== 'movie' && type !== 'series') throw new Fault('BAD_TYPE')
  if (!isImdbId(imdbId)) throw new Fault('BAD_IMDB_ID')
  if (type === 'movie') {
    if (season !== undefined || episode !== undefined) throw new Fault('BAD_SEASON')
    return { type, imdbId }
  }
  const s = parseSmallNumber(season ?? '')
  if (s === undefined) throw new Fault('BAD_SEASON')
  const e = parseSmallNumber(episode ?? '')
  if (e === undefined) throw new Fault('BAD_EPISODE')
  return { type, imdbId, season: s, episode: e }
}

/**
 * Where a numbered source plays, below the base URL: with its number and its key
 * (docs/decisions/0002-numbered-book.md), which may be unknown; or `auto`, where the server chooses.
 */
export function playPath(
  title: Title,
  source: { readonly number: number | 'auto'; readonly key?: string | undefined },
): string {
  const episode = title.type === 'series' ? `/${title.season}/${title.episode}` : ''
  const path = `/play/${title.type}/${title.imdbId}/${source.number}${episode}`
  return source.key === undefined ? path : `${path}?s=${source.key}`
}

/** The subtitles of such a source, as WebVTT. */
export function subtitlePath(
  title: Title,
  source: { readonly number: number; readonly key?: string | undefined },
  track: string,
): string {
  const [path = '', query] = playPath(title, source).split('?')
  const ofTrack = `${path.replace('/play/', '/subtitles/')}/${track}.vtt`
  return query === undefined ? ofTrack : `${ofTrack}?${query}`
}

/** Where the same plays in the page for it. */
export const watchPath = (...play: Parameters<typeof playPath>): string =>
  playPath(...play).replace('/play/', '/watch/')
