import { schedule } from 'node-cron'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { Janitor } from './janitor.ts'

export interface SweepSchedule {
  start(): void
  /** At the next second, whatever the interval says; nothing when it is not started. */
  soon(): void
  /** Resolves when a running sweep has ended; none begins after. */
  stop(): Promise<void>
}

/**
 * Sweeps every `intervalSeconds`, first at once. Cron follows the clock face and its seconds field
 * ends at 59, so one task a second asks the steady clock whether it is time.
 */
export function createSchedule(deps: {
  janitor: Pick<Janitor, 'sweep'>
  intervalSeconds: number
  clock: Clock
  log: Log
}): SweepSchedule {
  const { janitor, intervalSeconds, clock, log } = deps
  let next = Number.NEGATIVE_INFINITY
  let running: Promise<void> | undefined
  let task: ReturnType<typeof schedule> | undefined

  async function sweep(): Promise<void> {
    try {
      await janitor.sweep()
    } catch (err) {
      log.error({ err }, 'a sweep failed')
    }
  }

  async function tick(): Promise<void> {
    // A stopped task may fire once more.
    if (!task || running || clock.steady() < next) return
    next = clock.steady() + intervalSeconds * 1000
    running = sweep()
    await running
    running = undefined
  }

  return {
    start() {
      if (task) return
      task = schedule('* * * * * *', tick, {
        noOverlap: true,
        suppressMissedWarning: true,
        logger: {
          info: (message) => log.debug(message),
          debug: (message) => log.debug(String(message)),
          warn: (message) => log.debug(message),
          error: (message) => log.warn(String(message)),
        },
      })
      void tick()
    },
    soon() {
      next = Number.NEGATIVE_INFINITY
    },
    async stop() {
      const stopping = task
      task = undefined
      await stopping?.destroy()
      await running
    },
  }
}
