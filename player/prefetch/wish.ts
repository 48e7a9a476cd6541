import { type Magnet, parseMagnet } from '../../common/bittorrent/magnet.ts'
import { ValidationError } from '../../common/bittorrent/validation-error.ts'
import { partsOfId, type Title } from '../../common/title.ts'

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
  const id = partsOfId(trimmed)
  if (!id) return undefined
  const { imdbId, season, episode } = id
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
