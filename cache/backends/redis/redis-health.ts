import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import { type Outcome, SLOW_ANSWERS } from './redis-calls.ts'

const SLOW_IN_A_ROW = 2
/** How long a start may wait for Redis before it is called out of use. */
const START_MS = 500
/** After being up for so long, one answered heartbeat is enough again to bring Redis back into use. */
const STEADY_MS = 30_000
const MOST_HEARTBEATS = 32

/**
 * Whether Redis can be used, and one log line for each change. A relapse within STEADY_MS doubles the
 * answered heartbeats that Redis needs to be used again; a later one resets them to one. What goes on
 * without Redis, and how: docs/architecture.md, "When the index is away".
 */
export class RedisHealth {
  readonly #clock: Clock
  readonly #log: Log
  readonly #onUp: (lost: boolean) => void
  readonly #began: number
  #up = false
  #why = 'not connected yet'
  #logged: 'up' | 'down' | undefined
  #slow = 0
  /** Heartbeats that were answered in time, in a row. */
  #heartbeats = 0
  #heartbeatsNeeded = 1
  #upSince = 0

  /** @param deps.onUp Redis can be used; `lost`: true if it was away, and so may have lost its data */
  constructor(deps: { clock: Clock; log: Log; onUp: (lost: boolean) => void }) {
    this.#clock = deps.clock
    this.#log = deps.log
    this.#onUp = deps.onUp
    this.#began = deps.clock.steady()
  }

  get up(): boolean {
    return this.#up
  }

  /** Why it cannot be used. */
  get why(): string {
    return this.#why
  }

  /** Whether this is a start that may still wait for Redis. */
  get starting(): boolean {
    return this.#logged === undefined && this.#clock.steady() - this.#began < START_MS
  }

  /** The outcome of any call. */
  noteOutcome(outcome: Outcome): void {
    this.#slow = outcome.kind === 'slow' ? this.#slow + 1 : 0
    if (outcome.kind === 'failed') this.down(outcome.why)
    else if (this.#slow >= SLOW_IN_A_ROW) this.down(SLOW_ANSWERS)
  }

  /** A heartbeat was answered. A slow answer does not count. */
  noteHeartbeat(): void {
    this.#heartbeats = this.#slow === 0 ? this.#heartbeats + 1 : 0
    if (this.#up || this.#heartbeats < this.#heartbeatsNeeded) return
    const lost = this.#logged === 'down'
    this.#up = true
    this.#upSince = this.#clock.steady()
    if (lost) this.#log.info('Redis can be used again')
    this.#logged = 'up'
    this.#onUp(lost)
  }

  down(reason: string): void {
    this.#why = reason
    this.#heartbeats = 0
    if (this.#up) {
      const wasSteady = this.#clock.steady() - this.#upSince > STEADY_MS
      const doubled = Math.min(this.#heartbeatsNeeded * 2, MOST_HEARTBEATS)
      this.#heartbeatsNeeded = wasSteady ? 1 : doubled
    }
    this.#up = false
    if (this.#logged === 'down' || this.starting) return
    this.#logged = 'down'
    this.#log.warn({ reason }, 'Redis cannot be used: this node goes on alone')
  }

  close(): void {
    this.#up = false
    this.#why = 'closed'
    // Failures after the close are not logged.
    this.#logged = 'down'
  }
}
