import express, { type Request, type Response, type Router } from 'express'
import { Fault } from '../../common/errors.ts'
import { LOOP_HEADER } from '../../common/network/loop-header.ts'
import type { SubtitleTrack } from '../../common/subtitles/subtitle-track.ts'
import { languageTag, trackNames } from '../../common/subtitles/track-names.ts'
import { SUBTITLES_STAY } from '../../player/subtitles/subtitle-request.ts'
import type { Subtitles } from '../../player/subtitles/subtitles.ts'
import { untilGone } from '../http/connections.ts'
import { openToAll } from '../http/cors.ts'
import { handedOf } from '../http/handed-check.ts'
import type { Limits } from '../limits/limits.ts'
import { askerOf } from './handed-asker.ts'
import { parsePlay, playAddressOf } from './parse-play.ts'

const MOVIE = '/subtitles/:type/:imdbId/:fileIdx/:track.vtt'
const EPISODE = '/subtitles/:type/:imdbId/:fileIdx/:season/:episode/:track.vtt'
const LISTS = [
  '/subtitles/:type/:imdbId/:fileIdx/tracks.json',
  '/subtitles/:type/:imdbId/:fileIdx/:season/:episode/tracks.json',
]
const TRACK = /^(?:0|[1-9]\d{0,4}|[0-9a-f]{12}|embedded-(?:0|[1-9]\d{0,9}))$/

/**
 * GET /subtitles/:type/:imdbId/:fileIdx{/:season/:episode}/:track.vtt, `?s=` as for /play: a subtitle
 * file beside that source's video or a track within, as WebVTT whatever it was. HEAD starts nothing. 400 as /play, 404, 429.
 * .../tracks.json: those that are known, for a menu; starts nothing.
 */
export function createSubtitleRoute(
  subtitles: Pick<Subtitles, 'text' | 'isKnown' | 'listed'>,
  limits?: Limits,
): Router {
  const router = express.Router({ strict: true, caseSensitive: true })
  router.get(LISTS, async (req: Request, res: Response) => {
    res.set({ ...openToAll, 'Cache-Control': 'private, no-cache' })
    const play = parsePlay(playAddressOf(req))
    await limits?.visitorOf(req).search()
    res.json({ tracks: forMenu(await subtitles.listed(play), play.sourceKey) })
  })
  router.get([MOVIE, EPISODE], async (req: Request, res: Response) => {
    res.set(openToAll)
    const { track } = req.params
    const play = parsePlay(playAddressOf(req))
    if (typeof track !== 'string' || !TRACK.test(track)) throw new Fault('NOT_FOUND')
    const handed = handedOf(req)
    const visitor = handed ? undefined : limits?.visitorOf(req)
    const asker = handed ? askerOf(handed, req) : visitor
    const request = {
      ...play,
      track,
      asker,
      handed,
      signal: untilGone(res),
      hops: req.headers[LOOP_HEADER],
    }
    const head = req.method === 'HEAD'
    if (!head) visitor?.enter('streams', res)
    if (head && !(await subtitles.isKnown(request))) throw new Fault('NOT_FOUND')
    const found = head ? undefined : await subtitles.text(request)
    res.set({
      // Of a film that is still arriving there will be more.
      'Cache-Control': found?.isWhole === false ? 'no-store' : SUBTITLES_STAY,
      'Content-Type': 'text/vtt; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
    })
    // Without Content-Length: to know it would be to fetch them.
    if (found === undefined) res.end()
    else res.send(found.text)
  })
  return router
}

/** Addresses are relative to that of the list. */
function forMenu(tracks: readonly SubtitleTrack[], sourceKey: string | undefined) {
  const names = trackNames(tracks.map(({ lang, title = '' }) => ({ language: lang, title })))
  const query = sourceKey === undefined ? '' : `?s=${sourceKey}`
  return tracks.map(({ id, lang }, n) => ({
    language: languageTag(lang) ?? '',
    name: names[n],
    isEmbedded: id.startsWith('embedded-'),
    url: `${id}.vtt${query}`,
  }))
}
