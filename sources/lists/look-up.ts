import { BrokenCircuitError } from 'cockatiel'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { type Title, titleId } from '../../common/title.ts'
import { createFlights } from '../flights.ts'
import { reasonOf } from '../providers/shared/foreign-answer.ts'
import type { Source, SourceProvider } from '../source.ts'
import { withTimeout } from '../with-timeout.ts'
import { createProviderBreaker } from './provider-breaker.ts'

/** What one provider said; no sources = it failed, or has not answered yet. */
export interface ProviderAnswer {
  readonly provider: SourceProvider
  readonly sources: readonly Source[] | undefined
}

/** How a look-up goes about it. */
export interface LookUpOptions {
  /** Answers are waited for this long, and remembered when they come later. */
  readonly deadlineMs: number
  /** What is older is asked for again ... */
  readonly freshMs: number
  /** ... behind the answer, when it is not older than this: what is remembered is given at once. */
  readonly staleMs: number
  /** Providers that ask other addons are left out: see `SourceProvider.relays`. */
  readonly relayed: boolean
}

/** One question to a provider, for the metrics. */
export interface ProviderCall {
  readonly provider: string
  readonly outcome: 'answered' | 'failed' | 'resting'
  readonly ms: number
}

export interface LookUp {
  /** Asks all providers at once; answers in their order. Never rejects. */
  all(
    title: Title,
    patience: LookUpOptions,
    signal: AbortSignal,
  ): Promise<readonly ProviderAnswer[]>
  /** The owned ones only: they answer from memory. */
  owned(title: Title, signal: AbortSignal): Promise<readonly ProviderAnswer[]>
  /** Ends the questions that run, waited for or not. */
  close(): void
}

export interface LookUpDeps {
  readonly providers: readonly SourceProvider[]
  readonly clock: Clock
  readonly log: Log
  /** After this long a question has failed. */
  readonly timeoutMs: number
  readonly observe?: ((asked: ProviderCall) => void) | undefined
}

const REMEMBERED_ANSWERS = 5000
/** In all answers: one with its trackers takes some 2 KB, and popular addons name sixty a title. */
const REMEMBERED_SOURCES = 30_000
/** Of one provider: a source list has 500 numbers. */
const MAX_SOURCES = 500
const OWNED_TIMEOUT_MS = 1000
/** "There is nothing" is believed this long at most; and lists do not wait for who failed them. */
const EMPTY_FRESH_MS = 60_000
const FAILED_MS = 60_000

interface Remembered {
  readonly at: number
  readonly sources: readonly Source[]
}

/**
 * The pool of providers: however many ask for a title, each provider is asked once, and what it
 * says later than the asker could wait is there for the next one.
 */
export function createLookUp(deps: LookUpDeps): LookUp {
  const { providers, clock, log, timeoutMs, observe = () => undefined } = deps
  const recent = new LRUCache<string, Remembered>({
    max: REMEMBERED_ANSWERS,
    maxSize: REMEMBERED_SOURCES,
    sizeCalculation: ({ sources }) => sources.length + 1,
  })
  /** When a provider failed a title or was late with it; an answer that came later counts more. */
  const failedAt = new LRUCache<string, number>({ max: REMEMBERED_ANSWERS })
  const flights = createFlights<readonly Source[]>()
  const breakers = new Map(
    providers.map(({ name }) => [name, createProviderBreaker(name, clock, log)]),
  )

  function fail(provider: SourceProvider, began: number, error: unknown, signal: AbortSignal) {
    const resting = error instanceof BrokenCircuitError
    const outcome = resting ? 'resting' : 'failed'
    observe({ provider: provider.name, outcome, ms: clock.steady() - began })
    if (!resting && !signal.aborted) {
      log.warn({ provider: provider.name, reason: reasonOf(error) }, 'provider failed')
    }
  }

  /** One question, its answer remembered. */
  async function question(provider: SourceProvider, title: Title, ms: number, signal: AbortSignal) {
    const began = clock.steady()
    const find = () => withTimeout(ms, signal, (inner) => provider.find(title, inner))
    const breaker = provider.authority === 'network' ? breakers.get(provider.name) : undefined
    try {
      const sources = (await (breaker ? breaker.run(find) : find())).slice(0, MAX_SOURCES)
      observe({ provider: provider.name, outcome: 'answered', ms: clock.steady() - began })
      if (provider.authority === 'network') {
        const name = nameOf(provider, title)
        recent.set(name, { at: clock.steady(), sources })
        failedAt.delete(name)
      }
      return sources
    } catch (error) {
      fail(provider, began, error, signal)
      throw error
    }
  }

  function ask(provider: SourceProvider, title: Title, ms: number, signal: AbortSignal) {
    return flights.join(nameOf(provider, title), signal, (shared) =>
      question(provider, title, ms, shared),
    )
  }

  async function answer(
    provider: SourceProvider,
    title: Title,
    { deadlineMs, freshMs, staleMs }: LookUpOptions,
    signal: AbortSignal,
  ): Promise<ProviderAnswer> {
    const name = nameOf(provider, title)
    const known = recent.get(name)
    const age = known ? clock.steady() - known.at : Number.POSITIVE_INFINITY
    const fresh = known?.sources.length === 0 ? Math.min(freshMs, EMPTY_FRESH_MS) : freshMs
    if (known && age < fresh) return { provider, sources: known.sources }
    // Nothing is no list to show meanwhile.
    const stale = known?.sources.length && age < staleMs ? known.sources : undefined
    if (staleMs > 0 && clock.steady() - (failedAt.get(name) ?? -FAILED_MS) < FAILED_MS) {
      return { provider, sources: stale }
    }
    const asked = ask(provider, title, timeoutMs, signal).catch(() => {
      failedAt.set(name, clock.steady())
      return undefined
    })
    if (stale) return { provider, sources: stale }
    const late = () => void failedAt.set(name, clock.steady())
    return {
      provider,
      sources: (await withTimeout(deadlineMs, signal, () => asked).catch(late)) ?? undefined,
    }
  }

  const owned = providers.filter(({ authority }) => authority === 'owned')
  return {
    all: (title, patience, signal) => {
      const wanted = patience.relayed ? providers.filter((one) => !one.relays) : providers
      return Promise.all(wanted.map((one) => answer(one, title, patience, signal)))
    },
    owned: (title, signal) => {
      const ms = Math.min(timeoutMs, OWNED_TIMEOUT_MS)
      return Promise.all(
        owned.map(async (provider) => {
          return { provider, sources: await ask(provider, title, ms, signal).catch(nothing) }
        }),
      )
    },
    close: () => flights.close(),
  }
}

const nothing = (): undefined => undefined
const nameOf = (provider: SourceProvider, title: Title): string =>
  `${provider.name} ${titleId(title)}`
