import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import { Owners } from '../../common/permits/owners.ts'
import { type Permit, Permits, tooMany } from '../../common/permits/permits.ts'
import { QuestionBudget } from '../../sources/providers/shared/question-budget.ts'
import type { Viewer } from '../jobs/viewer.ts'

/** How many wait for a place, and how many of one address. */
const WAITING = { waitingMax: 16, waitingEach: 8 } as const
/** In a minute, of all relayed links together; more where more are relayed at once. */
const LEAST_QUESTIONS = 600
const QUESTIONS_EACH = 10
const RETRY_SECONDS = 10

/**
 * What relaying may cost the operator's accounts at other servers: so many connections at once and so
 * many requests a minute, over all addresses, and of each address no more than it leaves to the others.
 */
export class RelayPlaces {
  readonly #permits: Permits
  readonly #questions: QuestionBudget

  constructor(max: number, clock: Pick<Clock, 'steady'>) {
    this.#permits = new Permits({ ...WAITING, max })
    this.#questions = new QuestionBudget(Math.max(LEAST_QUESTIONS, QUESTIONS_EACH * max), clock)
  }

  /** Waits for its turn. @throws Fault TOO_MANY_ARRIVALS; the viewer's reason when it has gone */
  async take(viewer: Pick<Viewer, 'signal' | 'address' | 'wait'>): Promise<RelayPlace> {
    const owners = new Owners()
    owners.add(viewer.address)
    const place = new RelayPlace()
    try {
      place.hold(await this.#permits.acquire(viewer.signal, () => place.reclaim(), owners))
    } catch (error) {
      if (error instanceof Fault) throw error
      // Its deadline, or its leaving: the viewer itself knows which.
      await viewer.wait(Promise.reject(error), () => 'TOO_MANY_ARRIVALS')
    }
    return place
  }

  /** The other server is about to be asked. @throws Fault TOO_MANY_REQUESTS */
  countQuestion(address: string | undefined): void {
    if (address === undefined) return
    const owners = new Owners()
    owners.add(address)
    if (!this.#questions.has(1, owners)) {
      throw new Fault('TOO_MANY_REQUESTS', { retryAfterSeconds: RETRY_SECONDS })
    }
    this.#questions.take(1, owners)
  }
}

/** The right to one open relay: until its viewer gives it back, or another viewer needs it. */
export class RelayPlace {
  readonly #ended = new AbortController()
  #permit: Permit | undefined

  hold(permit: Permit): void {
    this.#permit = permit
  }

  /** One whose viewer takes nothing is the first that others get. */
  setIdle(idle: boolean): void {
    this.#permit?.setIdle(idle)
  }

  /** Why it ended while its viewer was still there. */
  get endedBy(): Fault | undefined {
    return this.#ended.signal.aborted ? tooMany() : undefined
  }

  /** Calls back when another viewer gets the place, or has got it already. */
  whenEnded(end: () => void): void {
    if (this.#ended.signal.aborted) end()
    else this.#ended.signal.addEventListener('abort', end, { once: true })
  }

  reclaim(): void {
    this.#ended.abort()
    this.release()
  }

  /** Safe to call twice. */
  release(): void {
    this.#permit?.release()
  }
}
