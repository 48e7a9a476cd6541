import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
} from 'cockatiel'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'

/**
 * A circuit breaker: a failing provider is not asked for a time, so that it does not fill the log.
 */
export interface ProviderBreaker {
  /** @throws what the work threw; BrokenCircuitError at once, while the circuit is open */
  run<T>(work: () => Promise<T>): Promise<T>
}

const FAILURES = 5
const FIRST_REST_MS = 30_000
const LONGEST_REST_MS = 600_000

/**
 * After five failures in a row the circuit opens for half a minute, then one question is let
 * through. Each time that fails it opens for longer, up to ten minutes. A `Retry-After` of the
 * other side (429, 503; RFC 9110 10.2.3) is obeyed from the first answer on.
 */
export function createProviderBreaker(name: string, clock: Clock, log: Log): ProviderBreaker {
  const breaker = circuitBreaker(handleAll, {
    breaker: new ConsecutiveBreaker(FAILURES),
    halfOpenAfter: new ExponentialBackoff({
      initialDelay: FIRST_REST_MS,
      maxDelay: LONGEST_REST_MS,
    }),
  })
  breaker.onBreak(() => log.warn({ provider: name }, 'provider keeps failing; it is left alone'))
  breaker.onReset(() => log.info({ provider: name }, 'provider answers again'))
  let restUntil = Number.NEGATIVE_INFINITY
  return {
    async run(work) {
      if (clock.steady() < restUntil) throw new BrokenCircuitError('it asked to be left alone')
      try {
        return await breaker.execute(work)
      } catch (error) {
        const seconds = error instanceof Fault ? (error.details.retryAfterSeconds ?? 0) : 0
        if (seconds > 0) restUntil = clock.steady() + Math.min(seconds * 1000, LONGEST_REST_MS)
        throw error
      }
    },
  }
}
