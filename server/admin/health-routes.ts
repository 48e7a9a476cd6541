import express, { type Router } from 'express'
import type { Janitor } from '../../cache/limits/janitor.ts'
import type { Lifecycle } from '../http/lifecycle.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** Pieces have up to 16 MiB as a rule: with less room than one nothing can be played that is not here. */
const LEAST_ROOM = 16 << 20

/** Whether the volume leaves the cache so little that it holds no film and can take none. */
async function lacksRoom(janitor: Pick<Janitor, 'disk'>): Promise<boolean> {
  const { maxBytes, configuredBytes } = await janitor.disk()
  return maxBytes < Math.min(configuredBytes, LEAST_ROOM)
}

/**
 * For the machine that watches: /health answers 200 as long as anything does, /ready says whether
 * to send traffic (503 while starting and draining, and where the volume has no room for any film),
 * /metrics is Prometheus' text.
 */
export function createHealthRoutes(
  lifecycle: Lifecycle,
  metrics: Metrics,
  janitor: Pick<Janitor, 'disk'>,
): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  const uptime = () => ({ uptimeSeconds: Math.round(lifecycle.uptimeSeconds) })
  router.get('/health', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ status: lifecycle.state, ...uptime() })
  })
  router.get('/ready', async (_req, res) => {
    const isServing = lifecycle.state === 'serving'
    const status = isServing && (await lacksRoom(janitor)) ? 'no-room' : lifecycle.state
    res
      .status(status === 'serving' ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ status, ...uptime() })
  })
  router.get('/metrics', async (_req, res) => {
    const text = await metrics.text()
    res.set({ 'Cache-Control': 'no-store', 'Content-Type': metrics.contentType }).send(text)
  })
  return router
}
