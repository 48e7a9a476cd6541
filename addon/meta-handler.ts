import { asFault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { CatalogueTitle } from '../sources/free-films.ts'
import type { CatalogTitles } from './catalog-titles.ts'
import { type MetaPreview, metaPreview } from './catalogs-handler.ts'
import type { HandlerArgs } from './sdk-builder.ts'

/** Docs: stremio-addon-sdk docs/api/responses/meta.md. */
export interface Meta extends MetaPreview {
  readonly videos?: readonly {
    readonly id: string
    readonly title: string
    readonly season: number
    readonly episode: number
    /** ISO 8601; clients drop an episode without it. */
    readonly released: string
  }[]
  readonly behaviorHints?: { readonly defaultVideoId: string }
}

export interface MetaAnswer {
  readonly meta: Meta | null
  /** Seconds. */
  readonly cacheMaxAge: number
}

const KNOWN_AGE = 3600
const UNKNOWN_AGE = 60
/** Of a series; 200 bytes each. */
const MAX_EPISODES = 5000

/**
 * The `meta` resource, for titles that IMDb does not have. The manifest names only the prefix of
 * their ids, so that clients go on asking the viewer's metadata addon for all other titles.
 */
export function createMetaHandler(titles: CatalogTitles, log: Log) {
  return async ({ type, id, config }: HandlerArgs): Promise<MetaAnswer> => {
    try {
      const found = await titles.find(type, id, config.signal, config.address)
      if (found) return { meta: metaOf(found, config.baseUrl), cacheMaxAge: KNOWN_AGE }
    } catch (error) {
      log.warn({ code: asFault(error).code }, 'what a free film is did not come')
    }
    return { meta: null, cacheMaxAge: UNKNOWN_AGE }
  }
}

function metaOf(title: CatalogueTitle, baseUrl: string): Meta {
  const { imdbId, type, year, episodes } = title
  const preview = metaPreview(title, baseUrl)
  if (type === 'movie') return { ...preview, behaviorHints: { defaultVideoId: imdbId } }
  const videos = episodes.slice(0, MAX_EPISODES).map(([season, episode]) => ({
    id: `${imdbId}:${season}:${episode}`,
    title: `Episode ${episode}`,
    season,
    episode,
    released: `${year ?? 2000}-01-01T00:00:00.000Z`,
  }))
  return { ...preview, videos }
}
