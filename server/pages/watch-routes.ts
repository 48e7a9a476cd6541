import { createRequire } from 'node:module'
import { type Request, Router } from 'express'
import type { Manifest } from '../../addon/manifest.ts'
import { upToRoot } from '../http/base-url.ts'
import { PLAY_PATTERN, parsePlay, playAddressOf } from '../play/parse-play.ts'
import { languageOf } from '../words/languages.ts'
import { asPage, policyWith } from './as-page.ts'
import { packageFile } from './package-file.ts'
import { PageMemory } from './page-memory.ts'
import { watchPage } from './watch-page.ts'

/** hls.js, as its authors built it: what gives a browser the segments of a film (docs/decisions/0031). */
const HLS = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.mjs')

/** Its media comes from a script (Media Source Extensions), as do tracks of subtitles: empty ones at first. */
const POLICY = policyWith('blob: data:')

/** GET /watch/..., the path and `?s=` as for /play: a page that plays it. 400 as /play. */
export function createWatchRoutes(manifest: Manifest): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const made = new PageMemory()
  router.get(`/watch${PLAY_PATTERN.slice('/play'.length)}`, (req: Request, res) => {
    parsePlay(playAddressOf(req))
    const language = languageOf(req)
    const root = upToRoot(req.path)
    const page = made.page([root, language], () => watchPage(manifest, root, language))
    asPage(res, language).set('Content-Security-Policy', POLICY).type('html').send(page)
  })
  router.get('/assets/hls.mjs', packageFile(HLS, 'text/javascript'))
  return router
}
