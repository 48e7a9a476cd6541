import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Request } from 'express'
import type { ByteRange } from '../../common/byte-reader.ts'
import type { Clock } from '../../common/clock.ts'
import type { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { createPlayTrace, type PlayTrace, serverTiming } from '../../player/trace/play-trace.ts'
import { logFault } from '../http/errors.ts'
import { requestId } from '../http/request-id.ts'
import type { Metrics, PlayOrigin } from '../metrics/metrics.ts'
import { PLAY_PATTERN } from './play-request.ts'
import type { Seeks } from './seeks.ts'
import type { Sent } from './send-bytes.ts'

/** Parts smaller than this are a player looking around, not a play: their line is at debug. */
const PROBE_BYTES = 1024 * 1024

const isProbe = (req: IncomingMessage, status: number, bytes: number): boolean =>
  req.method === 'HEAD' || (status === 206 && bytes < PROBE_BYTES)

/** What one request to /play came to, filled in on the way and told once, when it has closed. */
export interface PlayRecord extends Sent {
  number: number | undefined
  from: PlayOrigin | undefined
  fault: Fault | undefined
  /** Of the body, so far. */
  bytes: number
  /** Of the steps on the way to the first byte. */
  readonly trace: PlayTrace
  /** Calls back once when so many bytes of the body have been sent. */
  notice(bytes: number, what: () => void): void
}

/** One line and one count a request: never the query, an address or a magnet. */
export function createPlayRecord(
  req: Request,
  res: ServerResponse,
  deps: {
    readonly clock: Clock
    readonly log: Log
    readonly metrics: Metrics
    readonly seeks: Seeks
  },
): PlayRecord {
  const { clock, log, metrics, seeks } = deps
  const startedAt = clock.steady()
  let firstByteMs: number | undefined
  let part: { readonly viewer: string; readonly start: number; readonly seek: boolean } | undefined
  const trace = createPlayTrace(clock)
  let noticed: { readonly at: number; what(): void } | undefined
  const record: PlayRecord = {
    number: undefined,
    from: undefined,
    fault: undefined,
    trace,
    // No accessors in what is made a range: each would be a hidden class of its own to V8.
    bytes: 0,
    took(more) {
      record.bytes += more
      if (!noticed || record.bytes < noticed.at) return
      const { what } = noticed
      noticed = undefined
      what()
    },
    notice(at, what) {
      noticed = { at, what }
    },
    begun(range) {
      firstByteMs = Math.round(clock.steady() - startedAt)
      if (range) part = partOf(range)
      return serverTiming(trace)
    },
  }

  /** Parts of a player looking around are no jumps. */
  function partOf({ start, end }: ByteRange): typeof part {
    if (end - start + 1 < PROBE_BYTES) return undefined
    const viewer = `${req.ip} ${req.url.split('?', 1)[0]}`
    return { viewer, start, seek: seeks.begins(viewer, start) }
  }

  function told(): void {
    const { from, bytes, fault, number } = record
    // 499: left before any status was sent (nginx' number for it).
    const status = res.headersSent ? res.statusCode : 499
    if (req.method !== 'HEAD') {
      metrics.playEnded({ from, status, bytes, firstByteMs, trace, seek: part?.seek === true })
    }
    if (part) seeks.ended(part.viewer, part.start, bytes)
    if (fault) metrics.refused(fault.code)
    if (fault && (firstByteMs === undefined || fault.code === 'INTERNAL')) {
      logFault(log, req, PLAY_PATTERN, fault, explained(trace))
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
      ms: Math.round(clock.steady() - startedAt),
      // Cut in the middle of the body: why.
      code: fault?.code,
      ...explained(trace),
      seek: part?.seek || undefined,
    }
    log[level](line, 'played')
  }

  res.once('close', told)
  return record
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
