import express, { type Router } from 'express'
import type { Freed, Janitor } from '../../cache/limits/janitor.ts'
import { Fault } from '../../common/errors.ts'
import { SingleFlight } from '../../common/single-flight.ts'
import { readJsonBody } from '../http/json-body.ts'
import { CACHE_CONFIG_PATH } from '../http/request-checks.ts'
import { type Admins, createAdminGuard } from './admin-guard.ts'
import { CleanupOrder, MAX_BODY } from './orders.ts'

export interface CacheApiDeps {
  readonly admins: Pick<Admins, 'refusalOf'>
  /** Sums only: no titles, file names or addresses, for everybody may read them. */
  readonly report: { stats(): Promise<object>; config(): Promise<object> }
  readonly janitor: Pick<Janitor, 'clear' | 'disk'>
}

const NOTHING: Freed = { files: 0, bytes: 0, keptInUse: 0 }

/**
 * GET /api/cache-stats, GET /api/cache-config, and POST /api/cache-config
 * `{"forceCleanup": true}` -> `{removedFiles, freedBytes, keptInUse, before, after}` (bytes).
 * `{"remove": ["<info hash>/<file index>", ...]}` does it to these contents alone. Files in use are
 * kept. `{}` and `false` free nothing and answer the same shape.
 */
export function createCacheApi({ report, janitor, admins }: CacheApiDeps): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  // The index and the disk are asked for it: once, for all who ask meanwhile.
  const reports = new SingleFlight<object>({ whenAbandoned: 'finish' })
  router.use('/api', (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store')
    next()
  })
  router.get('/api/cache-stats', async (_req, res) => {
    res.json(await reports.join('stats', undefined, () => report.stats()))
  })
  router.get(CACHE_CONFIG_PATH, async (_req, res) => {
    res.json(await reports.join('config', undefined, () => report.config()))
  })
  router.post(CACHE_CONFIG_PATH, createAdminGuard(admins), async (req, res) => {
    const order = CleanupOrder.safeParse(await readJsonBody(req, MAX_BODY.cleanup))
    if (!order.success) throw new Fault('BAD_BODY')
    const before = await janitor.disk()
    const { forceCleanup, remove } = order.data
    const only = forceCleanup ? undefined : new Set(remove)
    const freed = only?.size === 0 ? NOTHING : await janitor.clear(only)
    res.json({
      removedFiles: freed.files,
      freedBytes: freed.bytes,
      keptInUse: freed.keptInUse,
      before,
      after: await janitor.disk(),
    })
  })
  return router
}
