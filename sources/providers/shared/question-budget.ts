import type { Clock } from '../../../common/clock.ts'
import type { Owners } from '../../../common/permits/owners.ts'

interface Spent {
  /** Steady-clock milliseconds. */
  readonly at: number
  readonly requests: number
  /** Whom it was asked for. */
  readonly addresses: readonly string[]
}

const MINUTE_MS = 60_000

/**
 * The requests that one provider may be sent within any minute. An address gets no more than is left
 * for all others together: so one that asks for everything leaves half, the next one half of that, and
 * who comes with one question has it answered.
 */
export class QuestionBudget {
  readonly #perMinute: number
  readonly #clock: Pick<Clock, 'steady'>
  readonly #spent: Spent[] = []

  constructor(perMinute: number, clock: Pick<Clock, 'steady'>) {
    this.#perMinute = perMinute
    this.#clock = clock
  }

  has(requests: number, owners: Owners): boolean {
    return owners.least((address) => this.#usedBy(address)) + requests <= this.#left()
  }

  /** What comes back takes it back: the provider was not asked after all. */
  take(requests: number, owners: Owners): () => void {
    const one = { at: this.#clock.steady(), requests, addresses: owners.all }
    this.#spent.push(one)
    return () => {
      const at = this.#spent.indexOf(one)
      if (at >= 0) this.#spent.splice(at, 1)
    }
  }

  #left(): number {
    const since = this.#clock.steady() - MINUTE_MS
    while (this.#spent[0] && this.#spent[0].at <= since) this.#spent.shift()
    return this.#spent.reduce((left, { requests }) => left - requests, this.#perMinute)
  }

  #usedBy(address: string): number {
    return this.#spent
      .filter(({ addresses }) => addresses.includes(address))
      .reduce((sum, { requests }) => sum + requests, 0)
  }
}
