import express, { type Router } from 'express'
import type { Lifecycle } from '../http/lifecycle.ts'
import type { Metrics } from '../metrics/metrics.ts'

/**
 * For the machine that watches: /health answers 200 as long as anything does, /ready says whether
 * to send traffic (503 while starting and draining), /metrics is Prometheus' text.
 */
export function createHealthRoutes(lifecycle: Lifecycle, metrics: Metrics): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  router.get(['/health', '/ready'], (req, res) => {
    const ready = lifecycle.state === 'serving'
    res
      .status(req.path === '/ready' && !ready ? 503 : 200)
      .set('Cache-Control', 'no-store')
      .json({ status: lifecycle.state, uptimeSeconds: Math.round(lifecycle.uptimeSeconds) })
  })
  router.get('/metrics', async (_req, res) => {
    const text = await metrics.text()
    res.set({ 'Cache-Control': 'no-store', 'Content-Type': metrics.contentType }).send(text)
  })
  return router
}
