import express, { type Request, type Response, type Router } from 'express'
import { Fault } from '../../common/errors.ts'
import { LOOP_HEADER } from '../../common/network/loop-header.ts'
import type { BrowserFilms } from '../../player/browser/browser-films.ts'
import { parseFilmPart, typeOf } from '../../player/browser/film-parts.ts'
import { tokenOf } from '../access/access-check.ts'
import type { TokenUsage } from '../access/token-usage.ts'
import { untilGone } from '../http/connections.ts'
import { openToAll } from '../http/cors.ts'
import type { Lifecycle } from '../http/lifecycle.ts'
import type { Limits } from '../limits/limits.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { noneMatch } from '../play/bytes-answer.ts'
import { parsePlay, playAddressOf, streamOf } from '../play/parse-play.ts'
import { UntakenBytes } from './untaken-bytes.ts'

const MOVIE = '/hls/:type/:imdbId/:fileIdx/:part'
const EPISODE = '/hls/:type/:imdbId/:fileIdx/:season/:episode/:part'

/** Bytes made for clients that have not taken them yet. */
const MOST_UNTAKEN = 512 << 20
const MOST_UNTAKEN_EACH = 128 << 20
/** Players take a segment into memory as fast as it comes, also when they are paused. */
const UNDRAINED_MS = 60_000

export interface HlsRouteParts {
  /** Undefined: BROWSER=off. */
  readonly films: BrowserFilms | undefined
  readonly lifecycle: Pick<Lifecycle, 'state'>
  readonly limits?: Limits | undefined
  readonly metrics: Pick<Metrics, 'totals'>
  readonly usage?: Pick<TokenUsage, 'admit' | 'took'> | undefined
  /** A client that takes nothing for so long is cut, milliseconds; a minute. */
  readonly undrainedMs?: number | undefined
}

/**
 * GET /hls/:type/:imdbId/:fileIdx{/:season/:episode}/:part, `?s=` as for /play: the film as HLS (RFC 8216).
 * A part is a function of the file, so it has a strong ETag and may be stored; with `?s=` an address means
 * one file for good. HEAD starts nothing. 400 and others as /play, 404, 422, 429, 501, 503.
 */
export function createHlsRoute(parts: HlsRouteParts): Router {
  const { films, lifecycle, limits, metrics, usage, undrainedMs = UNDRAINED_MS } = parts
  const router = express.Router({ strict: true, caseSensitive: true })
  if (!films) return router
  const maxEach = limits ? MOST_UNTAKEN_EACH : MOST_UNTAKEN
  const untaken = new UntakenBytes({ max: MOST_UNTAKEN, maxEach, undrainedMs })
  router.get([MOVIE, EPISODE], async (req: Request, res: Response) => {
    res.set(openToAll)
    const play = parsePlay(playAddressOf(req))
    const { part: name } = req.params
    const part = typeof name === 'string' ? parseFilmPart(name) : undefined
    if (!part) throw new Fault('NOT_FOUND')
    if (lifecycle.state === 'draining') throw new Fault('DRAINING', { retryAfterSeconds: 5 })
    const asker = limits?.visitorOf(req)
    const request = { ...play, asker, signal: untilGone(res), hops: req.headers[LOOP_HEADER] }
    const isHead = req.method === 'HEAD'
    const token = tokenOf(req)
    if (!isHead) {
      asker?.enter('streams', res)
      // The name that /play has for it: one film is one stream, however it is asked for.
      if (token) await usage?.admit(token, streamOf(play), res)
    }
    res.set({
      'Cache-Control':
        play.sourceKey === undefined ? 'private, no-cache' : 'private, max-age=3600, no-transform',
      'Content-Type': typeOf(part),
      'X-Content-Type-Options': 'nosniff',
      'X-Accel-Buffering': 'no',
    })
    if (isHead || req.headers['if-none-match'] !== undefined) {
      const etag = await films.etagOf(request, part)
      if (etag !== undefined) res.set('ETag', etag)
      const isSame = etag !== undefined && !noneMatch(req.headers['if-none-match'], etag)
      // Without Content-Length: to know it would be to make it.
      if (isHead || isSame) return void res.status(isSame ? 304 : 200).end()
    }
    const address = asker?.address ?? ''
    untaken.expectRoom(address, 1)
    const { body, etag } = await films.part(request, part)
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    // Again: others may have been made meanwhile.
    untaken.expectRoom(address, bytes.length)
    if (token) usage?.took(token, bytes.length)
    metrics.totals.sent(bytes.length)
    if (etag !== undefined) res.set('ETag', etag)
    res.set('Content-Length', String(bytes.length))
    untaken.send(res, address, bytes)
  })
  return router
}
