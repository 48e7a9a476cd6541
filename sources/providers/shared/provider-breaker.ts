import type { Clock } from '../../../common/clock.ts'
import { Fault } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { reasonOf } from './foreign-answer.ts'
import { NotAsked } from './not-asked.ts'

const FAILURES = 5
const FIRST_REST_MS = 30_000
const LONGEST_REST_MS = 600_000

/** What is wrong with a provider just now. */
export interface ProviderTrouble {
  /** Of its last answer, when it was one that says no. */
  readonly status?: number
  /** When it is asked again, from now; 0: with the next question. */
  readonly seconds: number
}

/**
 * A circuit breaker: a failing provider is not asked for a time. After five failures in a row it
 * rests for half a minute, then one question is let through. Each time that fails it rests twice as
 * long, up to ten minutes. A `Retry-After` of the other side (429, 503; RFC 9110 10.2.3) is obeyed
 * from the first answer on. What was never asked (NotAsked) counts neither as failure nor as answer,
 * which no library's breaker could be told for the question it lets through.
 */
export class ProviderBreaker {
  readonly #name: string
  readonly #clock: Pick<Clock, 'steady'>
  readonly #log: Log
  #failures = 0
  /** How often in a row it had to rest; 0: it is not known to fail. */
  #rests = 0
  #restUntil = Number.NEGATIVE_INFINITY
  #toldUntil = Number.NEGATIVE_INFINITY
  #trying = false
  #status: number | undefined

  constructor(name: string, clock: Pick<Clock, 'steady'>, log: Log) {
    this.#name = name
    this.#clock = clock
    this.#log = log
  }

  /** Undefined when its last answer was good, and before the first one. */
  get trouble(): ProviderTrouble | undefined {
    if (this.#failures === 0) return undefined
    const until = Math.max(this.#toldUntil, this.#restUntil)
    const seconds = Math.max(0, Math.ceil((until - this.#clock.steady()) / 1000))
    return { ...(this.#status !== undefined && { status: this.#status }), seconds }
  }

  /** @throws NotAsked while it rests */
  check(): void {
    const now = this.#clock.steady()
    if (now < this.#toldUntil) throw new NotAsked('resting', 'it asked to be left alone')
    if (now < this.#restUntil || this.#trying) throw new NotAsked('resting', 'it keeps failing')
  }

  /** @throws what the work threw; NotAsked at once, while it rests */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.check()
    const isTrial = this.#rests > 0
    this.#trying = isTrial
    try {
      const answer = await work()
      this.#answered()
      return answer
    } catch (error) {
      if (!(error instanceof NotAsked)) this.#failed(error)
      throw error
    } finally {
      if (isTrial) this.#trying = false
    }
  }

  #answered(): void {
    if (this.#rests > 0) this.#log.info({ provider: this.#name }, 'provider answers again')
    this.#failures = 0
    this.#rests = 0
    this.#restUntil = Number.NEGATIVE_INFINITY
  }

  #failed(error: unknown): void {
    const now = this.#clock.steady()
    const seconds = error instanceof Fault ? (error.details.retryAfterSeconds ?? 0) : 0
    this.#status = statusIn(error)
    if (seconds > 0) this.#toldUntil = now + Math.min(seconds * 1000, LONGEST_REST_MS)
    // It was asked before it began to rest.
    if (now < this.#restUntil) return
    this.#failures++
    if (this.#rests === 0 && this.#failures < FAILURES) return
    if (this.#rests === 0) {
      const provider = this.#name
      this.#log.warn({ provider }, 'provider keeps failing; it is left alone')
    }
    this.#restUntil = now + Math.min(FIRST_REST_MS * 2 ** this.#rests, LONGEST_REST_MS)
    this.#rests++
  }
}

/** Of an answer that `refusal` of foreign-answer.ts made an error of. */
function statusIn(error: unknown): number | undefined {
  const [, status] = /^status (\d{3})$/.exec(reasonOf(error)) ?? []
  return status === undefined ? undefined : Number(status)
}
