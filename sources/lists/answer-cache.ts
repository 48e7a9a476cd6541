import { LRUCache } from 'lru-cache'
import { textBytes } from '../../cache/index/value-size.ts'
import type { Clock } from '../../common/clock.ts'
import { atMost } from '../../common/memory/lru-options.ts'
import { DEFERRED_MS } from '../providers/shared/not-asked.ts'
import type { Source } from '../source.ts'
import type { BoundedSources } from './bounded-source.ts'

/**
 * How old an answer may be; milliseconds. The terms are those of HTTP caches (RFC 9111, RFC 5861).
 */
export interface Freshness {
  /** Up to this age an answer is given, and its provider is not asked. */
  readonly freshMs: number
  /** Up to this age an answer is given at once, and its provider is asked again in the background. */
  readonly staleMs: number
}

export interface CachedAnswer {
  /** Undefined when there is none that may be given. */
  readonly sources: readonly Source[] | undefined
  /** Whether the provider must be asked: behind the answer, if there is one. */
  readonly ask: boolean
  /** It is not asked because our own limits were in the way just now. */
  readonly deferred: boolean
}

/** Kept as a text: its objects would take two to three times as much. */
interface Answer {
  readonly at: number
  readonly json: string
  readonly isEmpty: boolean
}

interface Pause {
  readonly until: number
  readonly deferred: boolean
}

const MAX_ANSWERS = 5000
/** Of all answers; popular addons name sixty sources a title, which are some 20 KB. */
const MAX_BYTES = 16 * 2 ** 20
/** Of an answer beside its sources. */
const ANSWER_BYTES = 200
/** "There is nothing" is believed no longer than this. */
const EMPTY_FRESH_MS = 60_000
/** Lists do not wait again so soon for a provider that failed them. */
const FAILURE_MS = 60_000

/** What providers said of titles, and until when those that said nothing are not asked again. */
export class AnswerCache {
  readonly #clock: Clock
  readonly #answers = new LRUCache<string, Answer>({
    max: MAX_ANSWERS,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ json }) => textBytes(json) + ANSWER_BYTES,
  })
  /** Set when a provider failed, or was too late; an answer that comes after all takes it away. */
  readonly #notBefore = new LRUCache<string, Pause>(atMost(MAX_ANSWERS))

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param name of a provider and a title */
  find(name: string, { freshMs, staleMs }: Freshness): CachedAnswer {
    const now = this.#clock.steady()
    const answer = this.#answers.get(name)
    if (answer && now - answer.at < freshFor(answer, freshMs)) {
      return { sources: sourcesOf(answer), ask: false, deferred: false }
    }
    const isStale = answer && !answer.isEmpty && now - answer.at < staleMs
    const pause = this.#notBefore.get(name)
    // Where nothing old may be given, somebody plays: then it is tried in spite of the failure.
    const ask = staleMs === 0 || now >= (pause?.until ?? now)
    return {
      sources: isStale ? sourcesOf(answer) : undefined,
      ask,
      deferred: !ask && pause?.deferred === true,
    }
  }

  answered(name: string, { sources, json }: BoundedSources): void {
    const answer = { at: this.#clock.steady(), json, isEmpty: sources.length === 0 }
    this.#answers.set(name, answer)
    this.#notBefore.delete(name)
  }

  failed(name: string): void {
    this.#pause(name, FAILURE_MS, false)
  }

  /** It was not asked: the next list but one tries again. */
  deferred(name: string): void {
    this.#pause(name, DEFERRED_MS, true)
  }

  #pause(name: string, ms: number, deferred: boolean): void {
    this.#notBefore.set(name, { until: this.#clock.steady() + ms, deferred })
  }
}

const sourcesOf = ({ json }: Answer): readonly Source[] => JSON.parse(json) as Source[]

const freshFor = ({ isEmpty }: Answer, freshMs: number): number =>
  isEmpty ? Math.min(freshMs, EMPTY_FRESH_MS) : freshMs
