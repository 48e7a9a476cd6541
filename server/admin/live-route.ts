import express, { type Request, type Response, type Router } from 'express'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { PlayerStatus } from '../../player/status.ts'
import type { Questions } from '../../sources/providers/shared/questions.ts'
import type { Lifecycle } from '../http/lifecycle.ts'
import type { Limits } from '../limits/limits.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Admins } from './admin-guard.ts'
import { createLiveFacts, type KnownNodes } from './live-facts.ts'
import { keepTelling } from './live-listener.ts'

export interface LivePace {
  /** Milliseconds between two lines. 1000. */
  readonly everyMs?: number
  readonly maxListeners?: number
}

export interface LiveRouteDeps extends LivePace {
  readonly admins: Admins
  readonly report: { stats(): Promise<object> }
  readonly status: Pick<PlayerStatus, 'downloads' | 'firstBytes' | 'starts'>
  readonly lifecycle: Pick<Lifecycle, 'draining'>
  readonly metrics: Pick<Metrics, 'providers'>
  readonly questions: Pick<Questions, 'troubles'>
  /** Undefined: nothing is counted. */
  readonly limits?: Limits | undefined
  /** Where several nodes share one cache. */
  readonly cluster?: KnownNodes | undefined
  readonly log: Log
}

const EVERY_MS = 1000
const MAX_LISTENERS = 32
const RETRY_AFTER_SECONDS = 15

/**
 * GET /api/live: one JSON object a line (NDJSON), about one a second, until the listener leaves or
 * the server shuts down; an empty line when there was nothing to say in time. Lines are LiveLine of
 * live-facts.ts, the last one of a shutdown `{"end":"draining"}`.
 * Sums only; administrators (server/admin/admin-guard.ts) see what arrives as well. A wrong token
 * gets 401, rather than the public sums without a word. 503 with Retry-After when too many listen, 429
 * when too many do so from one address. Administrators have places of their own: others cannot take them.
 */
export function createLiveRoute(deps: LiveRouteDeps): Router {
  const { everyMs = EVERY_MS, maxListeners = MAX_LISTENERS } = deps
  const facts = createLiveFacts({ ...deps, adminBy: deps.admins.by })
  const listeners = { admins: 0, others: 0 }

  function admit(req: Request, res: Response, kind: keyof typeof listeners): void {
    if (deps.lifecycle.draining.aborted) throw new Fault('DRAINING', { retryAfterSeconds: 5 })
    if (listeners[kind] >= maxListeners) {
      throw new Fault('TOO_MANY_LISTENERS', { retryAfterSeconds: RETRY_AFTER_SECONDS })
    }
    if (kind === 'others') deps.limits?.visitorOf(req).enter('live', res)
    listeners[kind]++
    res.once('close', () => listeners[kind]--)
  }

  const router = express.Router({ strict: true, caseSensitive: true })
  router.get('/api/live', (req, res) => {
    const refusal = deps.admins.refusalOf(req)
    if (refusal === 'UNAUTHORIZED' && req.headers.authorization !== undefined) {
      res.setHeader('WWW-Authenticate', 'Bearer')
      throw new Fault(refusal)
    }
    res.set({
      'Content-Type': 'application/x-ndjson; charset=utf-8',
      'Cache-Control': 'no-store',
      // nginx would hold lines back until its buffer is full.
      'X-Accel-Buffering': 'no',
    })
    if (req.method === 'HEAD') return void res.end()
    admit(req, res, refusal === undefined ? 'admins' : 'others')
    res.flushHeaders()
    const line = (): Promise<string> => facts.line(refusal === undefined)
    keepTelling(res, line, { everyMs, until: deps.lifecycle.draining, log: deps.log })
  })
  return router
}
