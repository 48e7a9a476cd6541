import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ByteRange } from '../../common/byte-reader.ts'
import type { Clock } from '../../common/clock.ts'
import type { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { addressGroup } from '../../common/network/address-group.ts'
import { createPlayTrace, type PlayTrace, serverTiming } from '../../player/trace/play-trace.ts'
import { logFault } from '../http/errors.ts'
import { pathOf } from '../http/request-checks.ts'
import { requestId } from '../http/request-id.ts'
import type { ClientAddress } from '../http/trusted-proxy.ts'
import type { Metrics, PlayOrigin } from '../metrics/metrics.ts'
import { PLAY_PATTERN } from './parse-play.ts'
import type { Seeks } from './seeks.ts'
import type { Sent } from './send-bytes.ts'

/** Parts smaller than this are a player looking around, not a play: their line is at debug. */
const PROBE_BYTES = 1024 * 1024

const isProbe = (req: IncomingMessage, status: number, bytes: number): boolean =>
  req.method === 'HEAD' || (status === 206 && bytes < PROBE_BYTES)

export interface PlayRecordParts {
  readonly clientAddress: ClientAddress
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly seeks: Seeks
}

/** A part of a file as one viewer asked for it. */
interface ViewedPart {
  readonly viewer: string
  readonly start: number
  readonly seek: boolean
}

/**
 * What one request to /play came to: filled in on the way and told once, when the response has
 * closed, as one line of the log and one count. Never the query, an address or a magnet.
 * One is made for every range, so it has no accessors: each would be a hidden class of its own to V8.
 */
export class PlayRecord implements Sent {
  number: number | undefined
  from: PlayOrigin | undefined
  fault: Fault | undefined
  /** Of the body, so far. */
  bytes = 0
  /** The steps on the way to the first byte. */
  readonly trace: PlayTrace
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #parts: PlayRecordParts
  readonly #startedAt: number
  #firstByteMs: number | undefined
  #part: ViewedPart | undefined
  #noticed: { readonly at: number; what(): void } | undefined

  constructor(req: IncomingMessage, res: ServerResponse, parts: PlayRecordParts) {
    this.#req = req
    this.#res = res
    this.#parts = parts
    this.#startedAt = parts.clock.steady()
    this.trace = createPlayTrace(parts.clock)
    res.on('close', () => this.#tell())
  }

  took(more: number): void {
    this.bytes += more
    this.#parts.metrics.totals.sent(more)
    const noticed = this.#noticed
    if (!noticed || this.bytes < noticed.at) return
    this.#noticed = undefined
    noticed.what()
  }

  /** Calls back once when so many bytes of the body have been sent. */
  notice(at: number, what: () => void): void {
    this.#noticed = { at, what }
  }

  begun(range: ByteRange | undefined): string {
    this.#firstByteMs = this.#elapsedMs()
    if (range) this.#part = this.#partOf(range)
    return serverTiming(this.trace)
  }

  #elapsedMs(): number {
    return Math.round(this.#parts.clock.steady() - this.#startedAt)
  }

  /** Parts of a player looking around are no seeks. */
  #partOf({ start, end }: ByteRange): ViewedPart | undefined {
    if (end - start + 1 < PROBE_BYTES) return undefined
    // Without what may stand before the path (RFC 9112 3.2.2): it is remembered for thousands of plays.
    const address = addressGroup(this.#parts.clientAddress(this.#req))
    const viewer = `${address} ${pathOf(this.#req.url ?? '')}`
    return { viewer, start, seek: this.#parts.seeks.begins(viewer, start) }
  }

  #tell(): void {
    const { from, bytes, fault, trace } = this
    const part = this.#part
    const { metrics, seeks } = this.#parts
    const firstByteMs = this.#firstByteMs
    // 499: left before any status was sent (nginx' number for it).
    const status = this.#res.headersSent ? this.#res.statusCode : 499
    if (this.#req.method !== 'HEAD') {
      metrics.playEnded({ from, status, bytes, firstByteMs, trace, seek: part?.seek === true })
    }
    if (part) seeks.ended(part.viewer, part.start, bytes)
    if (fault) metrics.refused(fault.code)
    this.#write(status)
  }

  #write(status: number): void {
    const { from, number, bytes, fault } = this
    const { log } = this.#parts
    const req = this.#req
    const firstByteMs = this.#firstByteMs
    if (fault && (firstByteMs === undefined || fault.code === 'INTERNAL')) {
      logFault(log, req, PLAY_PATTERN, fault, explained(this.trace))
      return
    }
    const level = isProbe(req, status, bytes) ? 'debug' : 'info'
    if (!log.isLevelEnabled(level)) return
    const line = {
      requestId: requestId(req),
      method: req.method,
      route: PLAY_PATTERN,
      number,
      from,
      status,
      bytes,
      firstByteMs,
      ms: this.#elapsedMs(),
      // Cut in the middle of the body: why.
      code: fault?.code,
      ...explained(this.trace),
      seek: this.#part?.seek || undefined,
    }
    log[level](line, 'played')
  }
}

/** For the log: the steps that took time, and where it stood still. */
function explained(trace: PlayTrace): object {
  const { steps, stalls, stalledMs } = trace
  return {
    ...(steps.length > 0 && {
      steps: Object.fromEntries(steps.map(({ step, ms }) => [step, ms])),
    }),
    ...(stalls > 0 && { stalls, stalledMs }),
  }
}
