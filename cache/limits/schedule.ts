import { type ScheduledTask, schedule } from 'node-cron'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { Janitor } from './janitor.ts'

export interface SweepSchedule {
  start(): void
  /** Sweeps within a second, whatever the interval. Does nothing before start(). */
  soon(): void
  /** No sweep begins from here on; resolves when a running one has ended. */
  stop(): Promise<void>
}

/**
 * Sweeps at the start and then every `intervalSeconds`. A cron expression cannot hold every number of
 * seconds, so a task that runs each second asks the steady clock whether it is time.
 */
class CronSchedule implements SweepSchedule {
  readonly #janitor: Pick<Janitor, 'sweep'>
  readonly #intervalMs: number
  readonly #clock: Clock
  readonly #log: Log
  #nextAt = Number.NEGATIVE_INFINITY
  #running: Promise<void> | undefined
  #task: ScheduledTask | undefined

  constructor(deps: ScheduleDeps) {
    this.#janitor = deps.janitor
    this.#intervalMs = deps.intervalSeconds * 1000
    this.#clock = deps.clock
    this.#log = deps.log
  }

  start(): void {
    if (this.#task) return
    const log = this.#log
    this.#task = schedule('* * * * * *', () => this.#tick(), {
      noOverlap: true,
      suppressMissedWarning: true,
      logger: {
        info: (message) => log.debug(message),
        debug: (message) => log.debug(String(message)),
        warn: (message) => log.debug(message),
        error: (message) => log.warn(String(message)),
      },
    })
    void this.#tick()
  }

  soon(): void {
    this.#nextAt = Number.NEGATIVE_INFINITY
  }

  async stop(): Promise<void> {
    const task = this.#task
    this.#task = undefined
    await task?.destroy()
    await this.#running
  }

  async #tick(): Promise<void> {
    // A task that was stopped may fire once more.
    if (!this.#task || this.#running || this.#clock.steady() < this.#nextAt) return
    this.#nextAt = this.#clock.steady() + this.#intervalMs
    this.#running = this.#sweep()
    await this.#running
    this.#running = undefined
  }

  async #sweep(): Promise<void> {
    try {
      await this.#janitor.sweep()
    } catch (err) {
      this.#log.error({ err }, 'a sweep failed')
    }
  }
}

interface ScheduleDeps {
  janitor: Pick<Janitor, 'sweep'>
  intervalSeconds: number
  clock: Clock
  log: Log
}

export const createSchedule = (deps: ScheduleDeps): SweepSchedule => new CronSchedule(deps)
