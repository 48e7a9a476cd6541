import { type Request, type Response, Router } from 'express'
import type { Addon } from '../addon/addon.ts'
import { type Preferences, readPreferences } from '../addon/preferences.ts'
import type { Viewer } from '../addon/sdk-builder.ts'
import type { StreamList } from '../addon/streams-handler.ts'
import { checkLoop, LOOP_HEADER } from '../common/network/loop-header.ts'
import type { NextEpisodePredictor } from '../player/prefetch/next-episode-predictor.ts'
import { untilGone } from './http/connections.ts'
import { openToAll } from './http/cors.ts'
import { goOnFairly } from './http/fair-queue.ts'
import type { Limits } from './limits/limits.ts'

export interface AddonRouteParts {
  readonly addon: Addon
  /** Absolute, without a slash at its end. May throw Fault BAD_HOST. */
  readonly baseUrl: (req: Request) => string
  /** PUBLIC_URL is set and viewers have no tokens: else addresses hold what each request said. */
  readonly equalForAll: boolean
  /** Undefined: nothing is counted. */
  readonly limits?: Limits | undefined
  readonly prefetch: Pick<NextEpisodePredictor, 'listRequested'>
}

/** `config` is the viewer's preferences; what cannot be read as such gets an addon that says so. */
type Configured = Request<{ config?: string; type: string; id: string; extra?: string }>

/**
 * What Stremio asks for: `[/{config}]/manifest.json` and
 * `[/{config}]/{resource}/{type}/{id}[/{extra}].json`, ids with their colons encoded or not.
 * Our own router, because the SDK's turns every rejected handler into a 500 of its own shape and
 * reads a configuration as JSON. OPTIONS is answered by the request checks.
 */
export function createAddonRoutes(parts: AddonRouteParts): Router {
  const { addon, baseUrl } = parts
  const cacheControl = cacheControlOf(parts)
  const router = Router({ strict: true, caseSensitive: true })
  const manifests = ['/manifest.json', '/:config/manifest.json']
  const [streams, subtitles] = [addressesOf('stream'), addressesOf('subtitles')]
  const [catalogs, metas] = [addressesOf('catalog'), addressesOf('meta')]
  router.get([...manifests, ...streams, ...subtitles, ...catalogs, ...metas], (_req, res, next) => {
    res.set(openToAll)
    next()
  })
  const viewerOf = (req: Configured, res: Response): Viewer => ({
    baseUrl: baseUrl(req as Request),
    signal: untilGone(res),
    address: parts.limits?.visitorOf(req as Request).address,
    loopCheck: 'viewer',
  })

  router.get([...catalogs, ...metas, ...subtitles], async (req: Request, _res, next) => {
    await parts.limits?.visitorOf(req).search()
    next()
  })
  router.get(manifests, (req: Request<{ config?: string }>, res) => {
    const preferences = preferencesOf(req.params.config)
    const manifest = addon.manifest(baseUrl(req as Request), preferences)
    const age = preferences === 'broken' ? 60 : 600
    const control = cacheControl({ cacheMaxAge: age, staleError: 86_400 }, preferences)
    res.set('Cache-Control', control).json(manifest)
  })

  router.get(streams, (req: Configured, res) => answerStreams(parts, req, res))

  router.get(subtitles, async (req: Configured, res) => {
    const { type, id, config } = req.params
    const list = await addon.subtitles(type, id, extraOf(req as Request), viewerOf(req, res))
    res.set('Cache-Control', cacheControl(list, config)).json({ subtitles: list.subtitles })
  })

  router.get(catalogs, async (req: Configured, res) => {
    const { type, id, config } = req.params
    const page = await addon.catalog(type, id, extraOf(req as Request), viewerOf(req, res))
    res.set('Cache-Control', cacheControl(page, config)).json({ metas: page.metas })
  })

  router.get(metas, async (req: Configured, res) => {
    const { type, id, config } = req.params
    const answer = await addon.meta(type, id, viewerOf(req, res))
    res.set('Cache-Control', cacheControl(answer, config)).json({ meta: answer.meta })
  })
  return router
}

async function answerStreams(
  parts: AddonRouteParts,
  req: Configured,
  res: Response,
): Promise<void> {
  const { addon, baseUrl, limits, prefetch } = parts
  const cacheControl = cacheControlOf(parts)
  const { type, id, config } = req.params
  const preferences = preferencesOf(config)
  if (preferences === 'broken') {
    res.set('Cache-Control', cacheControl({ cacheMaxAge: 60 }, preferences)).json({ streams: [] })
    return
  }
  const visitor = limits?.visitorOf(req as Request)
  await visitor?.askProviders()
  const loopCheck = checkLoop(req.headers[LOOP_HEADER])
  const { address } = visitor ?? {}
  const goOn = () => goOnFairly(req as Request)
  const viewer = { loopCheck, address, goOn, ...(preferences ? { preferences } : {}) }
  const list = await addon.streams(type, id, baseUrl(req as Request), untilGone(res), viewer)
  const title = await addon.titleOf(type, id)
  // Express answers HEAD here too; only a viewer who wants the list may go on to play from it.
  if (title && req.ip && req.method === 'GET' && loopCheck === 'viewer')
    prefetch.listRequested(req.ip, title)
  // What an addon gets is no answer for viewers, and no cache in between may mistake it for one.
  res
    .set('Cache-Control', loopCheck === 'viewer' ? cacheControl(list, preferences) : 'no-store')
    .json({ streams: list.streams })
}

function preferencesOf(config: string | undefined): Preferences | 'broken' | undefined {
  return config === undefined ? undefined : (readPreferences(config) ?? 'broken')
}

const addressesOf = (resource: string): string[] =>
  ['', '/:config'].flatMap((front) => [
    `${front}/${resource}/:type/:id.json`,
    `${front}/${resource}/:type/:id/:extra.json`,
  ])

/** As it was sent: decoded once by the router, a file name with `&` in it would fall apart. */
function extraOf({ params, path }: Request): Readonly<Record<string, string>> {
  if (params.extra === undefined) return {}
  const sent = (path.split('/').at(-1) ?? '').slice(0, -'.json'.length)
  return Object.fromEntries(new URLSearchParams(sent))
}

type CacheAges = Pick<StreamList, 'cacheMaxAge' | 'staleRevalidate' | 'staleError'>

/**
 * Clients ignore cacheMaxAge in the body: only these directives count (RFC 9111 5.2.2, RFC 5861).
 * What one viewer chose is worth no place in a cache for all, and what was made of a request's
 * headers must not get there: the next viewer would be sent where a stranger's header said.
 */
const cacheControlOf =
  ({ equalForAll }: Pick<AddonRouteParts, 'equalForAll'>) =>
  (ages: CacheAges, preferences: unknown): string => {
    const { cacheMaxAge, staleRevalidate, staleError } = ages
    const shared = equalForAll && preferences === undefined
    const directives = [shared ? 'public' : 'private', `max-age=${cacheMaxAge}`]
    if (staleRevalidate !== undefined) {
      directives.push(`stale-while-revalidate=${staleRevalidate}`)
    }
    if (staleError !== undefined) directives.push(`stale-if-error=${staleError}`)
    return directives.join(', ')
  }
