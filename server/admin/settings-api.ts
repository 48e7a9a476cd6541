import express, { type Router } from 'express'
import type { SettingInForce } from '../../config/settings-in-force.ts'
import { type Admins, createAdminGuard } from './admin-guard.ts'

export interface SettingsApiDeps {
  readonly admins: Pick<Admins, 'refusalOf'>
  readonly settings: readonly SettingInForce[]
}

/** For administrators: GET /api/settings -> `{settings: SettingInForce[]}`, as they were read at the start. */
export function createSettingsApi({ admins, settings }: SettingsApiDeps): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  router.get('/api/settings', createAdminGuard(admins), (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ settings })
  })
  return router
}
