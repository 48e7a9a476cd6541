import express, { type Router } from 'express'
import type { PlayerStatus } from '../../player/status.ts'
import { PLAY_PATTERN, parsePlay, playAddressOf } from './parse-play.ts'

/**
 * GET /api/play-state/..., the path and `?s=` as for /play: how far that play is, as JSON
 * (PlayProgress in player/play/play-progress.ts). Open to all, for it names no more than the asker did,
 * and starts nothing. 400 as /play.
 */
export function createPlayStateRoute(status: Pick<PlayerStatus, 'progress'>): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  router.get(`/api/play-state${PLAY_PATTERN.slice('/play'.length)}`, async (req, res) => {
    res.set('Cache-Control', 'no-store').json(await status.progress(parsePlay(playAddressOf(req))))
  })
  return router
}
