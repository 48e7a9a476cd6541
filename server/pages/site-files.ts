import { fileURLToPath } from 'node:url'
import { Router } from 'express'

/** Every list asked for searches, and every play fetches: nothing here is for a crawler (RFC 9309). */
const ROBOTS = 'User-agent: *\nDisallow: /\n'
const DAY_SECONDS = 86_400
const icon = fileURLToPath(new URL('./assets/pictures/logo.png', import.meta.url))

/** What crawlers and browsers ask of any site, whatever its pages name. */
export function createSiteFiles(): Router {
  const router = Router({ strict: true, caseSensitive: true })

  router.get('/robots.txt', (_req, res) => {
    res.set('Cache-Control', `public, max-age=${DAY_SECONDS}`).type('text/plain').send(ROBOTS)
  })

  // A PNG, which browsers take by its type; they ask here where a page names no icon, as a film does not.
  router.get('/favicon.ico', (_req, res) => {
    res.sendFile(icon, { maxAge: DAY_SECONDS * 1000 })
  })
  return router
}
