import { type Request, Router } from 'express'
import { bingeGroup } from '../../addon/binge-group.ts'
import { watchPath } from '../../common/title.ts'
import { type NextEpisodeParts, nextEpisode } from '../../player/prefetch/next-episode.ts'
import type { NextEpisodePredictor } from '../../player/prefetch/next-episode-predictor.ts'
import { upToRoot } from '../http/base-url.ts'
import { untilGone } from '../http/connections.ts'
import type { Limits } from '../limits/limits.ts'
import { PLAY_PATTERN, parsePlay, playAddressOf } from '../play/parse-play.ts'

export interface NextRouteParts extends Omit<NextEpisodeParts, 'groupOf'> {
  readonly prefetch: Pick<NextEpisodePredictor, 'playStarted' | 'listRequested'>
}

/**
 * GET /api/next/..., the path and `?s=` as for /play: where its viewer goes on after that episode, as JSON.
 * `{ next: { season, episode, url } }`, the page of it relative to this address; `{ next: null }` for a
 * film, after the last episode, and where the next has no source. 400 as /play, 429, 502.
 */
export function createNextRoute(made: NextRouteParts, limits?: Limits): Router {
  const parts = { ...made, groupOf: bingeGroup }
  const router = Router({ strict: true, caseSensitive: true })
  router.get(`/api/next${PLAY_PATTERN.slice('/play'.length)}`, async (req: Request, res) => {
    const play = parsePlay(playAddressOf(req))
    const visitor = limits?.visitorOf(req)
    const found = await nextEpisode(parts, play, {
      signal: untilGone(res),
      address: visitor?.address,
      askProviders: async () => visitor?.askProviders(),
    })
    if (found && req.ip && req.method === 'GET') {
      // The page that asks plays it, in segments: the ends of the next may be fetched ahead.
      parts.prefetch.playStarted(req.ip, play)
      parts.prefetch.listRequested(req.ip, found.title)
    }
    const next = found && {
      season: found.title.season,
      episode: found.title.episode,
      url: upToRoot(req.path) + watchPath(found.title, found.source).slice(1),
    }
    res.set('Cache-Control', 'no-store').json({ next: next ?? null })
  })
  return router
}
