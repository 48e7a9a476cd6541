import express, { type Router } from 'express'
import { Fault } from '../../common/errors.ts'
import { type Admins, createAdminGuard } from '../admin/admin-guard.ts'
import { MAX_BODY, StopOrder } from '../admin/orders.ts'
import { readJsonBody } from '../http/json-body.ts'
import { PLAYS_PATH } from '../http/request-checks.ts'
import type { RunningPlays } from './running-plays.ts'

export interface PlaysApiDeps {
  readonly admins: Pick<Admins, 'refusalOf'>
  readonly running: Pick<RunningPlays, 'views' | 'stop'>
}

/**
 * For administrators: GET /api/plays -> `{plays: PlayView[]}`; POST `{"stop": <id of a play>}` ->
 * `{stopped: boolean}`, false when it is over.
 */
export function createPlaysApi({ admins, running }: PlaysApiDeps): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  router.use(PLAYS_PATH, createAdminGuard(admins))
  router.get(PLAYS_PATH, (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ plays: running.views() })
  })
  router.post(PLAYS_PATH, async (req, res) => {
    const order = StopOrder.safeParse(await readJsonBody(req, MAX_BODY.stop))
    if (!order.success) {
      throw new Fault('BAD_BODY', {
        message: 'The body must be a JSON object: "stop" a play’s id.',
      })
    }
    res.set('Cache-Control', 'no-store').json({ stopped: running.stop(order.data.stop) })
  })
  return router
}
