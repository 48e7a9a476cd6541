import express, { type Router } from 'express'
import type { Player } from '../../player/player.ts'
import { PLAY_PATTERN, parsePlay } from './play-request.ts'

/**
 * GET /api/play-state/..., the path and `?s=` as for /play: how far that play is, as JSON
 * (PlayProgress in player/trace/play-progress.ts). Open to all, for it names no more than the asker did,
 * and starts nothing. 400 as /play.
 */
export function createPlayStateRoute(player: Pick<Player, 'progress'>): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  router.get(`/api/play-state${PLAY_PATTERN.slice('/play'.length)}`, async (req, res) => {
    res.set('Cache-Control', 'no-store').json(await player.progress(parsePlay(req)))
  })
  return router
}
