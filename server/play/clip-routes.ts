import { fileURLToPath } from 'node:url'
import express, { type Router } from 'express'
import { openToAll } from '../http/cors.ts'

const folder = fileURLToPath(new URL('./clips', import.meta.url))

/** GET /clips/<reason>.mp4: the cards of scripts/make-clips.ts, with ranges; the same for a version. */
export function createClipRoutes(): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  router.use(
    '/clips',
    express.static(folder, {
      cacheControl: false,
      index: false,
      redirect: false,
      setHeaders: (res) => {
        for (const [name, value] of Object.entries(openToAll)) res.setHeader(name, value)
        res.setHeader('Cache-Control', 'public, max-age=86400')
        res.setHeader('X-Content-Type-Options', 'nosniff')
      },
    }),
  )
  return router
}
