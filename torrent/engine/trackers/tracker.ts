import { type TrackerAnswer, type TrackerEvent, TrackerRefused } from './announcement.ts'

/** Sends one announcement. @throws Error that says why there is no answer */
export type Ask = (question: {
  readonly event: TrackerEvent | undefined
  readonly trackerId: Uint8Array | undefined
  readonly signal: AbortSignal
}) => Promise<TrackerAnswer>

/** Milliseconds. */
export interface TrackerTimes {
  /** A tracker that wants to be asked more often is asked as often as this. */
  readonly least: number
  readonly most: number
  /** For a tracker that says nothing (BEP 3 has no default; half an hour is usual). */
  readonly usual: number
  /** After a failure; doubled by each further one, up to `usual`. */
  readonly retry: number
  /** After the first refusal of one that has not answered before. */
  readonly again: number
  /** Between two questions out of turn. */
  readonly hurry: number
  /** `stopped` is not waited for longer. */
  readonly stop: number
}

export const usualTimes: TrackerTimes = {
  least: 60_000,
  most: 86_400_000,
  usual: 1_800_000,
  retry: 15_000,
  again: 4000,
  hurry: 2500,
  stop: 1000,
}

/** Questions out of turn within MANY_MS: more would be a burden, and trackers ban for it. */
const MANY = 12
const MANY_MS = 600_000

/**
 * One tracker of one torrent: `started` once, then nothing but the regular announcement at the interval
 * that the tracker wants, `completed` once, and `stopped` if it was ever told `started`.
 */
export class Tracker {
  readonly #ask: Ask
  readonly #answered: (answer: TrackerAnswer) => void
  readonly #times: TrackerTimes
  readonly #end = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  /** The tracker has heard `started`. */
  #knowsUs = false
  #isComplete = false
  #waitingEvent: TrackerEvent | undefined = 'started'
  #trackerId: Uint8Array | undefined
  #failures = 0
  #askedAt = Number.NEGATIVE_INFINITY
  /** It may not be asked before, not even out of turn. */
  #notBefore = Number.NEGATIVE_INFINITY
  /** When it was asked out of turn. */
  #hurried: number[] = []

  constructor(
    ask: Ask,
    answered: (answer: TrackerAnswer) => void,
    times: TrackerTimes = usualTimes,
  ) {
    this.#ask = ask
    this.#answered = answered
    this.#times = times
    this.#announce()
  }

  /** Asks out of turn, for peers are needed now; not when it was asked a moment ago, or too often. */
  hurry(): void {
    const now = performance.now()
    if (now < this.#askedAt + this.#times.hurry || now < this.#notBefore) return
    this.#hurried = this.#hurried.filter((at) => at > now - MANY_MS)
    if (this.#running || this.#hurried.length >= MANY) return
    this.#hurried.push(now)
    this.#announce()
  }

  /** The whole torrent is here. */
  completed(): void {
    if (!this.#knowsUs || this.#isComplete) return
    this.#isComplete = true
    this.#waitingEvent = 'completed'
    if (!this.#running) this.#announce()
  }

  /** Says `stopped`; resolves when that is answered, or was waited for long enough. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#end.signal.aborted) return
    this.#end.abort(new Error('stopped'))
    await this.#running
    if (!this.#knowsUs) return
    const signal = AbortSignal.timeout(this.#times.stop)
    await this.#ask({ event: 'stopped', trackerId: this.#trackerId, signal }).catch(() => {})
  }

  #announce(): void {
    clearTimeout(this.#timer)
    this.#askedAt = performance.now()
    this.#running = this.#once().finally(() => {
      this.#running = undefined
    })
  }

  /** Never rejects. */
  async #once(): Promise<void> {
    const event = this.#waitingEvent
    const { signal } = this.#end
    let nextMs: number
    try {
      const answer = await this.#ask({ event, trackerId: this.#trackerId, signal })
      this.#failures = 0
      this.#knowsUs = true
      if (this.#waitingEvent === event) this.#waitingEvent = undefined
      this.#trackerId = answer.trackerId ?? this.#trackerId
      nextMs = this.#intervalOf(answer)
      if (!signal.aborted) this.#answered(answer)
    } catch (error) {
      nextMs = this.#afterFailure(error)
    }
    if (signal.aborted || nextMs === Number.POSITIVE_INFINITY) return
    // `completed` came while it was asked something else.
    const soon = this.#waitingEvent !== undefined && this.#failures === 0
    this.#timer = setTimeout(() => this.#announce(), soon ? 0 : nextMs)
  }

  #intervalOf({ interval, minInterval }: TrackerAnswer): number {
    const { least, most, usual } = this.#times
    const wanted = interval === undefined ? usual : interval * 1000
    return Math.min(Math.max(wanted, (minInterval ?? 0) * 1000, least), most)
  }

  #afterFailure(error: unknown): number {
    const { retry, usual, least, most } = this.#times
    const backOff = Math.min(retry * 2 ** this.#failures++, usual)
    if (!(error instanceof TrackerRefused)) return backOff
    // It is there and does not want to: nobody is served by asking it again soon. But the first time it may have been
    // starting, or behind something that was: a torrent may have no other.
    const isFirst = error.retryIn === undefined && !this.#knowsUs && this.#failures === 1
    if (isFirst) return this.#times.again
    const wanted = error.retryIn === undefined ? Math.max(backOff, least) : error.retryIn * 1000
    const ms =
      wanted === Number.POSITIVE_INFINITY ? wanted : Math.min(Math.max(wanted, least), most)
    this.#notBefore = performance.now() + ms
    return ms
  }
}
