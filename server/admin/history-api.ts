import express, { type Router } from 'express'
import type { History } from './history.ts'

/** GET /api/history -> HistoryView: numbers without names, for everybody, as GET /api/cache-stats. */
export function createHistoryApi(history: Pick<History, 'view'>): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  router.get('/api/history', (_req, res) => {
    res.set('Cache-Control', 'no-store').json(history.view)
  })
  return router
}
