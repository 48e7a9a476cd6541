import { fileURLToPath } from 'node:url'
import express, { type RequestHandler, Router } from 'express'
import { createExamplesRoutes, type ExampleRouteParts } from '../admin/examples-routes.ts'
import { openToAll } from '../http/cors.ts'
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

export interface PageParts
  extends Pick<InstallPageParts, 'manifest' | 'kept'>,
    Omit<ExampleRouteParts, 'isWatched'> {
  /** As the catalogue was last read. */
  readonly posterTitles: () => InstallPageParts['posterTitles']
  /** Names of those that a viewer can leave out. */
  readonly providers: readonly string[]
  /** What finds the next episode for who watches one; undefined: there is no /watch (BROWSER=off). */
  readonly watch?: NextRouteParts | undefined
}

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Links in the pages are relative, so that a path prefix of a proxy needs no rewriting. */
export function createPages(parts: PageParts): Router {
  const { manifest, kept, posterTitles, baseUrl } = parts
  const isWatched = parts.watch !== undefined
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
    const shown = { manifest, kept, posterTitles: titles, isWatched }
    const page = made.page([base, language, titles], () => installPage(shown, base, language))
    asPage(res, language).type('html').send(page)
  })

  router.use(createSiteFiles())
  router.use(createOpenapiRoute(parts))
  router.use(createChartFiles())
  router.use(createConfigureRoutes(parts))
  router.use(createExamplesRoutes({ ...parts, isWatched }))
  if (parts.watch) {
    router.use(createWatchRoutes(manifest))
    router.use(createNextRoute(parts.watch, parts.limits))
  }

  router.get('/test-source-selection', (req, res) => {
    const language = languageOf(req)
    const page = made.page(['status', language], () => statusPage(language))
    asPage(res, language).type('html').send(page)
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
