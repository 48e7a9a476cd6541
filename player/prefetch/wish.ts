import { type Magnet, parseMagnet } from '../../common/bittorrent/magnet.ts'
import { ValidationError } from '../../common/bittorrent/validation-error.ts'
import { isImdbId, parseSmallNumber, type Title } from '../../common/title.ts'

/** What the operator wants to have on disk before somebody plays it. */
export type Wish =
  | { readonly kind: 'title'; readonly title: Title }
  | { readonly kind: 'season'; readonly imdbId: string; readonly season: number }
  /** The largest video of a torrent. */
  | { readonly kind: 'magnet'; readonly magnet: Magnet }

/**
 * Reads `tt1254207` (a film), `tt0903747:1` (a season), `tt0903747:1:2` (an episode), or a magnet link.
 * Undefined for anything else.
 */
export function parseWish(text: string): Wish | undefined {
  const trimmed = text.trim()
  if (/^magnet:/i.test(trimmed)) return magnetWish(trimmed)
  const [imdbId = '', ...rest] = trimmed.split(':')
  const numbers = rest.map(parseSmallNumber)
  if (!isImdbId(imdbId) || numbers.length > 2 || numbers.includes(undefined)) return undefined
  const [season, episode] = numbers
  if (season === undefined) return { kind: 'title', title: { type: 'movie', imdbId } }
  if (episode === undefined) return { kind: 'season', imdbId, season }
  return { kind: 'title', title: { type: 'series', imdbId, season, episode } }
}

function magnetWish(text: string): Wish | undefined {
  try {
    return { kind: 'magnet', magnet: parseMagnet(text) }
  } catch (error) {
    if (error instanceof ValidationError) return undefined
    throw error
  }
}
