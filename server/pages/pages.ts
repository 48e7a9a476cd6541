import { fileURLToPath } from 'node:url'
import express, { type Request, type RequestHandler, Router } from 'express'
import type { Example } from '../../addon/examples.ts'
import { openToAll } from '../http/cors.ts'
import type { Limits } from '../limits/limits.ts'
import { languageOf } from '../words/languages.ts'
import { asPage } from './as-page.ts'
import { createChartFiles } from './chart-files.ts'
import { createConfigureRoutes } from './configure-routes.ts'
import { type InstallPageParts, installPage } from './install-page.ts'
import { createNextRoute, type NextRouteParts } from './next-route.ts'
import { createOpenapiRoute } from './openapi-route.ts'
import { PageMemory } from './page-memory.ts'
import { createSiteFiles } from './site-files.ts'
import { statusPage } from './status-page.ts'
import { createWatchRoutes } from './watch-routes.ts'

export interface PageParts extends Pick<InstallPageParts, 'manifest' | 'kept'> {
  /** As the catalogue was last read. */
  readonly posterTitles: () => InstallPageParts['posterTitles']
  /** With `own` those of the operator's own catalogue too. */
  readonly examples: (
    signal: AbortSignal,
    own: boolean,
    address?: string,
  ) => Promise<readonly Example[]>
  /** Undefined: nothing is counted. */
  readonly limits?: Limits | undefined
  /** Who may see them; nobody when there is no such check. */
  readonly isAdmin?: (req: Request) => boolean
  /** Names of those that a viewer can leave out. */
  readonly providers: readonly string[]
  /** What finds the next episode for who watches one; undefined: there is no /watch (BROWSER=off). */
  readonly watch?: NextRouteParts | undefined
  /** Absolute, without a slash at its end. May throw Fault BAD_HOST. */
  readonly baseUrl: (req: Request) => string
}

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Links in the pages are relative, so that a path prefix of a proxy needs no rewriting. */
export function createPages(parts: PageParts): Router {
  const { manifest, kept, posterTitles, examples, baseUrl } = parts
  const router = Router({ strict: true, caseSensitive: true })
  const made = new PageMemory()

  router.get('/', (req, res) => {
    const base = baseUrl(req)
    // From the bare host a client finds the manifest by this header.
    res.set({
      ...openToAll,
      'Access-Control-Expose-Headers': 'X-Stremio-Addon',
      'X-Stremio-Addon': `${base}/manifest.json`,
    })
    const language = languageOf(req)
    const titles = posterTitles()
    const shown = { manifest, kept, posterTitles: titles, isWatched: parts.watch !== undefined }
    const page = made.page([base, language, titles], () => installPage(shown, base, language))
    asPage(res, language).type('html').send(page)
  })

  router.use(createSiteFiles())
  router.use(createOpenapiRoute(parts))
  router.use(createChartFiles())
  router.use(createConfigureRoutes(parts))
  if (parts.watch) {
    router.use(createWatchRoutes(manifest))
    router.use(createNextRoute(parts.watch, parts.limits))
  }

  router.get('/test-source-selection', (req, res) => {
    const language = languageOf(req)
    const page = made.page(['status', language], () => statusPage(language))
    asPage(res, language).type('html').send(page)
  })

  router.get('/api/examples', async (req, res) => {
    const base = baseUrl(req)
    const isAdmin = parts.isAdmin?.(req) ?? false
    const visitor = isAdmin ? undefined : parts.limits?.visitorOf(req)
    await visitor?.askProviders()
    const gone = new AbortController()
    res.once('close', () => gone.abort())
    const list = await examples(gone.signal, isAdmin, visitor?.address)
    // `path` is where it plays for who sees the page, whatever address is handed out to others.
    const absolute = list.map((example) => ({
      ...example,
      path: example.url.slice(1),
      watch: parts.watch ? example.url.slice(1).replace(/^play/, 'watch') : undefined,
      url: `${base}${example.url}`,
    }))
    res.set('Cache-Control', 'private, no-cache').json({ examples: absolute })
  })

  for (const folder of ['pictures', 'scripts', 'styles']) {
    router.use('/assets', assets(file(`./assets/${folder}`)))
  }
  return router
}

/** The address names no folder: where a file lies is nobody's business but ours. */
function assets(folder: string): RequestHandler {
  return express.static(folder, {
    cacheControl: false,
    index: false,
    redirect: false,
    setHeaders: (res) => {
      res.setHeader('Cache-Control', 'no-cache')
      res.setHeader('X-Content-Type-Options', 'nosniff')
      // Stremio shows the logo inside its own page: an image of another origin.
      res.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
    },
  })
}
