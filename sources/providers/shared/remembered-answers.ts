import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../common/clock.ts'
import { SingleFlight } from '../../../common/single-flight.ts'
import { DEFERRED_MS, isDeferred } from './not-asked.ts'

export interface RememberedAnswersOptions<T> {
  readonly clock: Pick<Clock, 'steady'>
  /** Of all answers and their questions, as JSON; the least recently used is forgotten for more. */
  readonly maxBytes: number
  readonly isEmpty: (answer: T) => boolean
}

interface Remembered<T> {
  /** Undefined: it failed. */
  readonly answer: { readonly value: T } | undefined
  readonly failure?: unknown
  /** Steady-clock milliseconds; afterwards it is asked again. */
  readonly until: number
}

const FULL_MS = 21_600_000
const EMPTY_MS = 600_000
const FAILED_MS = 60_000

/**
 * Equal questions are asked once, and what came of them is remembered: an answer for six hours, an
 * empty one for ten minutes, a failure for one. An old answer is given where the new one fails.
 */
export class RememberedAnswers<T> {
  readonly #options: RememberedAnswersOptions<T>
  readonly #known: LRUCache<string, Remembered<T>>
  readonly #running = new SingleFlight<T>({ whenAbandoned: 'abort' })

  constructor(options: RememberedAnswersOptions<T>) {
    this.#options = options
    this.#known = new LRUCache({
      maxSize: options.maxBytes,
      sizeCalculation: ({ answer }, question) =>
        2 * question.length + (JSON.stringify(answer)?.length ?? 0) + 1,
    })
  }

  /** @throws what the work threw, now or within the last minute */
  async ask(
    question: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const known = this.#known.get(question)
    if (known && this.#options.clock.steady() < known.until) return answerIn(known)
    return this.#running.join(question, signal, async (shared) => {
      const found = await this.#find(shared, work, known?.answer)
      if (!shared.aborted) this.#known.set(question, found)
      return answerIn(found)
    })
  }

  async #find(
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
    old: Remembered<T>['answer'],
  ): Promise<Remembered<T>> {
    const { clock, isEmpty } = this.#options
    try {
      const value = await work(signal)
      return { answer: { value }, until: clock.steady() + (isEmpty(value) ? EMPTY_MS : FULL_MS) }
    } catch (failure) {
      const until = clock.steady() + (isDeferred(failure) ? DEFERRED_MS : FAILED_MS)
      return { answer: old, failure, until }
    }
  }
}

function answerIn<T>({ answer, failure }: Remembered<T>): T {
  if (!answer) throw failure
  return answer.value
}
