import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import { memoryShares } from '../../common/host/memory-limit.ts'
import type { Log } from '../../common/log.ts'
import { LOOP_HEADER } from '../../common/network/loop-header.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { Config } from '../../config/config.ts'
import type { PlayRequest } from '../../player/files/play-request.ts'
import type { BytesPlayable } from '../../player/files/playable.ts'
import type { Asker } from '../../player/jobs/viewer.ts'
import type { Player } from '../../player/player.ts'
import { tokenOf } from '../access/access-check.ts'
import type { TokenUsage } from '../access/token-usage.ts'
import { openToAll } from '../http/cors.ts'
import { faultOf, sendFault } from '../http/errors.ts'
import { handedOf } from '../http/handed-check.ts'
import type { Lifecycle } from '../http/lifecycle.ts'
import type { ClientAddress } from '../http/trusted-proxy.ts'
import type { Limits } from '../limits/limits.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { answerAuto } from './auto-answer.ts'
import { createBufferPool } from './buffer-pool.ts'
import { headAnswer } from './bytes-answer.ts'
import { clipFor, sendClip } from './error-clip.ts'
import { askerOf } from './handed-asker.ts'
import { metered } from './metered.ts'
import { asksForAuto, type PlayAddress, parsePlay, streamOf } from './parse-play.ts'
import { PlayRecord, type PlayRecordParts } from './play-record.ts'
import type { RunningPlays } from './running-plays.ts'
import { createSeeks } from './seeks.ts'
import { type SendBytesOptions, sendBytes } from './send-bytes.ts'
import { createSendfile } from './sendfile.ts'
import { isForWatch, leadToWatch } from './to-watch.ts'

export interface PlayRouteDeps {
  readonly player: Pick<Player, 'playback' | 'auto' | 'prefetch'>
  readonly outbound: Pick<Outbound, 'mayRedirect'>
  readonly clientAddress: ClientAddress
  readonly running: Pick<RunningPlays, 'begin' | 'expectNotStopped'>
  /** TRUST_PROXY names it. */
  readonly isProxy: (address: string) => boolean
  readonly lifecycle: Pick<Lifecycle, 'state' | 'draining'>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Undefined: nothing is counted. */
  readonly limits?: Limits | undefined
  /** SENDFILE: `nginx` sends the bodies of complete files. */
  readonly sendfile?: Config['sendfile']
  /** BROWSER: a browser that opens a film which it does not play is led to /watch. */
  readonly browser?: Config['browser']
  /** ERROR_CLIP: players get a clip that says why, in place of a bare error. */
  readonly errorClip: boolean
  /** With ACCESS_TOKENS: what each token may use. */
  readonly usage?: Pick<TokenUsage, 'admit' | 'took'> | undefined
  /** Milliseconds after which a client that takes nothing is cut. */
  readonly undrainedMs?: number
}

const NO_PROBE_BYTES = 2 << 20
const FIFTEEN_MINUTES = 15 * 60 * 1000

function redirect(res: ServerResponse, url: string, outbound: PlayRouteDeps['outbound']): void {
  if (!outbound.mayRedirect(url)) throw new Fault('BAD_REDIRECT')
  res.writeHead(302, {
    ...openToAll,
    // As the parser reads it: what is not ASCII leaves percent-encoded.
    Location: new URL(url).href,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'Content-Length': 0,
  })
  res.end()
}

async function answerHead(
  req: IncomingMessage,
  res: ServerResponse,
  request: PlayRequest,
  deps: PlayRouteDeps,
): Promise<void> {
  const known = await deps.player.playback.head(request)
  if (known.kind === 'redirect') return redirect(res, known.url, deps.outbound)
  const { status, headers } = headAnswer(req.headers, known)
  res.writeHead(status, headers)
  res.end()
}

/**
 * How much must be sent from `start` on until somebody is past 80 %. Players look at the end of a
 * file early: who begins there has to take a few seconds of it.
 */
const bytesToPass = (size: number, start: number): number =>
  Math.max(Math.ceil(size * 0.8) - start, Math.min(NO_PROBE_BYTES, Math.ceil(size * 0.1)))

/**
 * GET /play/:type/:imdbId/:fileIdx{/:season}{/:episode}
 *
 *   request checks ..... 400 405          OPTIONS 204
 *   parse .............. 400
 *   draining ........... 503
 *   stopped ............ 403              by the operator
 *   one more open ...... 429
 *   playback.play ...... 404 429 502 503 504 507
 *                        302 to a clip that says so, for players (error-clip.ts)
 *     redirect ......... 302              an address not fit to hand out: 502
 *     bytes
 *       conditions ..... 304 416
 *       first read ..... 502 504          nothing has been sent yet
 *       headers, body .. 200 206          a failure from here on destroys the socket
 *
 * `auto` in place of the number: auto.choose, then 302 to the source's own address.
 * HEAD: playback.head, then 200, 302, 304 or 404; starts nothing.
 *
 * The hot path: no Express, no helmet, no pino-http, one line in the log when the response has closed.
 */
export interface PlayRoute {
  /** Never rejects. */
  answer(req: IncomingMessage, res: ServerResponse, address: PlayAddress): Promise<void>
}

export const createPlayRoute = (deps: PlayRouteDeps): PlayRoute => new HotRoute(deps)

class HotRoute implements PlayRoute {
  readonly #deps: PlayRouteDeps
  readonly #recording: PlayRecordParts
  readonly #sending: SendBytesOptions

  constructor(deps: PlayRouteDeps) {
    this.#deps = deps
    this.#recording = { ...deps, seeks: createSeeks() }
    const leftTo = { end: deps.lifecycle.draining, isProxy: deps.isProxy }
    this.#sending = {
      pool: createBufferPool(memoryShares().buffers),
      undrainedMs: deps.undrainedMs ?? FIFTEEN_MINUTES,
      sendfile: deps.sendfile === 'nginx' ? createSendfile(leftTo) : undefined,
    }
  }

  async answer(req: IncomingMessage, res: ServerResponse, address: PlayAddress): Promise<void> {
    const deps = this.#deps
    const record = new PlayRecord(req, res, this.#recording)
    const leaving = new AbortController()
    res.on('close', () => {
      if (!res.writableFinished) leaving.abort()
    })
    try {
      const asker = this.#entered(req, res)
      if (asksForAuto(address)) {
        const { auto } = deps.player
        return await answerAuto(
          req,
          res,
          address,
          { auto, asker, lifecycle: deps.lifecycle },
          leaving.signal,
        )
      }
      const hops = req.headers[LOOP_HEADER]
      const { signal } = leaving
      const handed = handedOf(req)
      const request = { ...parsePlay(address), asker, signal, hops, handed, trace: record.trace }
      record.number = request.number
      if (req.method === 'HEAD') await answerHead(req, res, request, deps)
      else await this.#play(req, res, request, record)
    } catch (thrown) {
      // The viewer has gone: whatever was thrown for it has nobody to go to.
      if (leaving.signal.aborted) return
      const fault = faultOf(thrown)
      record.fault = fault
      const mayBeClip = deps.errorClip && !res.headersSent && !handedOf(req)
      const clip = mayBeClip ? clipFor(req, fault) : undefined
      if (clip) sendClip(req, res, clip)
      else sendFault(req, res, fault)
    }
  }

  /** @throws Fault TOO_MANY_REQUESTS */
  #entered(req: IncomingMessage, res: ServerResponse): Asker | undefined {
    const handed = handedOf(req)
    if (handed) return askerOf(handed, req)
    const visitor = this.#deps.limits?.visitorOf(req)
    if (req.method !== 'HEAD') visitor?.enter('streams', res)
    return visitor
  }

  async #play(req: IncomingMessage, res: ServerResponse, request: PlayRequest, record: PlayRecord) {
    const { lifecycle, player, outbound, usage, running } = this.#deps
    if (lifecycle.state === 'draining') throw new Fault('DRAINING', { retryAfterSeconds: 5 })
    running.expectNotStopped(req, request)
    const token = tokenOf(req)
    if (token) await usage?.admit(token, streamOf(request), res)
    const playable = await player.playback.play(request)
    if (playable.kind === 'redirect') {
      record.from = 'redirect'
      return redirect(res, playable.url, outbound)
    }
    const mayLead = (this.#deps.browser ?? 'off') !== 'off' && !request.handed
    if (mayLead && isForWatch(req, playable.name)) {
      playable.release()
      return leadToWatch(req, res)
    }
    record.from = playable.from
    running.begin(req, res, request, playable, record)
    const noticed = this.#noticed(req, request, record, playable)
    if (!token || !usage) return sendBytes(req, res, noticed, record, this.#sending)
    // What nginx sends nobody here could count.
    const sending = { ...this.#sending, sendfile: undefined }
    await sendBytes(req, res, metered(noticed, token, usage), record, sending)
  }

  /** Tells who plays an episode, and once this response passes four fifths of it. */
  #noticed(
    req: IncomingMessage,
    request: PlayRequest,
    record: PlayRecord,
    bytes: BytesPlayable,
  ): BytesPlayable {
    // What a viewer plays next is guessed by the node that it came to.
    if (request.title.type !== 'series' || request.handed) return bytes
    const ip = this.#deps.clientAddress(req)
    if (ip === '') return bytes
    const { prefetch } = this.#deps.player
    prefetch.playStarted(ip, request)
    return {
      ...bytes,
      read(range) {
        const enough = bytesToPass(bytes.size, range.start)
        if (range.end - range.start + 1 >= enough) {
          record.notice(enough, () => prefetch.nearEnd(ip, request))
        }
        return bytes.read(range)
      },
    }
  }
}
