import { type Request, type Response, Router } from 'express'
import type { Addon } from '../addon/addon.ts'
import type { StreamList } from '../addon/streams-handler.ts'
import { titleOfStremioId } from '../addon/stremio-id.ts'
import { HOP_HEADER, hopOf } from '../common/hop.ts'
import type { Prefetch } from '../player/prefetch.ts'
import { openToAll } from './cors.ts'

export interface AddonRouteParts {
  readonly addon: Addon
  /** Absolute, without a slash at its end. May throw Fault BAD_HOST. */
  readonly baseUrl: (req: Request) => string
  readonly prefetch: Pick<Prefetch, 'listed'>
}

/**
 * What Stremio asks for: `/manifest.json` and `/stream/{type}/{id}[/{extra}].json`, ids with their
 * colons encoded or not. Our own router, because the SDK's turns every rejected handler into a
 * 500 of its own shape and reads whatever stands before the resource as a configuration.
 * Here such a segment matches nothing and is a 404. OPTIONS is answered at the door.
 */
export function createAddonRoutes({ addon, baseUrl, prefetch }: AddonRouteParts): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const streams = ['/stream/:type/:id.json', '/stream/:type/:id/:extra.json']
  const subtitles = ['/subtitles/:type/:id.json', '/subtitles/:type/:id/:extra.json']
  router.get(['/manifest.json', ...streams, ...subtitles], (_req, res, next) => {
    res.set(openToAll)
    next()
  })

  router.get('/manifest.json', (req, res) => {
    const manifest = addon.manifest(baseUrl(req))
    res.set('Cache-Control', 'public, max-age=600, stale-if-error=86400').json(manifest)
  })

  router.get(streams, async (req: Request<{ type: string; id: string }>, res) => {
    const { type, id } = req.params
    const hop = hopOf(req.headers[HOP_HEADER])
    const list = await addon.streams(type, id, baseUrl(req as Request), untilGone(res), hop)
    const title = titleOfStremioId(type, id)
    // Express answers HEAD here too; only a viewer who wants the list may go on to play from it.
    if (title && req.ip && req.method === 'GET' && hop === 'none') prefetch.listed(req.ip, title)
    // What an addon gets is no answer for viewers, and no cache in between may mistake it for one.
    res
      .set('Cache-Control', hop === 'none' ? cacheControl(list) : 'no-store')
      .json({ streams: list.streams })
  })

  router.get(subtitles, async (req: Request<{ type: string; id: string; extra?: string }>, res) => {
    const { type, id, extra } = req.params
    // As it was sent: decoded once by the router, a file name with `&` in it would fall apart.
    const sent = extra === undefined ? '' : (req.path.split('/').at(-1) ?? '').slice(0, -5)
    const asked = Object.fromEntries(new URLSearchParams(sent))
    const viewer = {
      baseUrl: baseUrl(req as Request),
      signal: untilGone(res),
      hop: 'none' as const,
    }
    const list = await addon.subtitles(type, id, asked, viewer)
    res.set('Cache-Control', cacheControl(list)).json({ subtitles: list.subtitles })
  })
  return router
}

/** Fires when the client has gone before its answer. The listener ends with the response. */
function untilGone(res: Response): AbortSignal {
  const gone = new AbortController()
  res.once('close', () => gone.abort())
  return gone.signal
}

type CacheAges = Pick<StreamList, 'cacheMaxAge' | 'staleRevalidate' | 'staleError'>

/** Clients ignore cacheMaxAge in the body: only these directives count (RFC 9111 5.2.2, RFC 5861). */
function cacheControl({ cacheMaxAge, staleRevalidate, staleError }: CacheAges): string {
  const directives = ['public', `max-age=${cacheMaxAge}`]
  if (staleRevalidate !== undefined) directives.push(`stale-while-revalidate=${staleRevalidate}`)
  if (staleError !== undefined) directives.push(`stale-if-error=${staleError}`)
  return directives.join(', ')
}
