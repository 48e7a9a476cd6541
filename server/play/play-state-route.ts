import express, { type Router } from 'express'
import type { PlayerStatus } from '../../player/status.ts'
import { handedOf } from '../http/handed-check.ts'
import type { Limits } from '../limits/limits.ts'
import { PLAY_PATTERN, parsePlay, playAddressOf } from './parse-play.ts'

/**
 * GET /api/play-state/..., the path and `?s=` as for /play: how far that play is, as JSON
 * (PlayProgress in player/play/play-progress.ts). Open to all, for it names no more than the asker did,
 * and starts nothing; but the index is read for it, so each address may ask so often only
 * (LIMIT_STATES). Another node that sends its viewer's play here asks so too. 400 as /play, 429.
 */
export function createPlayStateRoute(
  status: Pick<PlayerStatus, 'progress'>,
  limits?: Limits,
): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  router.get(`/api/play-state${PLAY_PATTERN.slice('/play'.length)}`, async (req, res) => {
    const play = parsePlay(playAddressOf(req))
    const handed = handedOf(req)
    if (!handed) await limits?.visitorOf(req).askHowFar()
    const progress = await status.progress(play, handed ? 'node' : 'viewer')
    res.set('Cache-Control', 'no-store').json(progress)
  })
  return router
}
