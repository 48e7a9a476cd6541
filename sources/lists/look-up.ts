import { BrokenCircuitError } from 'cockatiel'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { SingleFlight } from '../../common/single-flight.ts'
import { type Title, titleId } from '../../common/title.ts'
import { reasonOf } from '../providers/shared/foreign-answer.ts'
import type { Source, SourceProvider } from '../source.ts'
import { withTimeout } from '../with-timeout.ts'
import { AnswerCache, type Freshness } from './answer-cache.ts'
import { boundedSources } from './bounded-source.ts'
import { createProviderBreaker, type ProviderBreaker } from './provider-breaker.ts'

/** What one provider said; `sources` is undefined when it failed, or has not answered yet. */
export interface ProviderAnswer {
  readonly provider: SourceProvider
  readonly sources: readonly Source[] | undefined
}

export interface LookUpOptions extends Freshness {
  /** Answers are waited for this long, and cached when they come later. */
  readonly deadlineMs: number
  /** Providers that ask other addons are left out: see `SourceProvider.relays`. */
  readonly relayed: boolean
}

/** One question to a provider, for the metrics. */
export interface ProviderCall {
  readonly provider: string
  readonly outcome: 'answered' | 'failed' | 'resting'
  readonly ms: number
}

export interface LookUpDeps {
  readonly providers: readonly SourceProvider[]
  readonly clock: Clock
  readonly log: Log
  /** After this long a question has failed. */
  readonly timeoutMs: number
  readonly observe?: ((call: ProviderCall) => void) | undefined
}

/** Of one provider: a source list has 500 numbers. */
const MAX_SOURCES = 500
const OWNED_TIMEOUT_MS = 1000

/**
 * Asks the providers. However many ask for a title, each provider is asked once, and what it says
 * after the deadline is there for whoever asks next (docs/decisions/0013-the-pool-of-providers.md).
 */
export class LookUp {
  readonly #deps: LookUpDeps
  readonly #cache: AnswerCache
  readonly #questions = new SingleFlight<readonly Source[]>({ whenAbandoned: 'finish' })
  /** Of the providers on the network; the owned ones answer from memory. */
  readonly #breakers: ReadonlyMap<SourceProvider, ProviderBreaker>
  readonly #owned: readonly SourceProvider[]

  constructor(deps: LookUpDeps) {
    const { providers, clock, log } = deps
    this.#deps = deps
    this.#cache = new AnswerCache(clock)
    const network = providers.filter(({ authority }) => authority === 'network')
    this.#breakers = new Map(
      network.map((provider) => [provider, createProviderBreaker(provider.name, clock, log)]),
    )
    this.#owned = providers.filter(({ authority }) => authority === 'owned')
  }

  /** Asks all providers at once; answers in their order. Never rejects. */
  all(
    title: Title,
    options: LookUpOptions,
    signal: AbortSignal,
  ): Promise<readonly ProviderAnswer[]> {
    const { providers } = this.#deps
    const wanted = options.relayed ? providers.filter(({ relays }) => !relays) : providers
    return Promise.all(wanted.map((provider) => this.#answer(provider, title, options, signal)))
  }

  /** Asks the owned providers only. Never rejects. */
  owned(title: Title, signal: AbortSignal): Promise<readonly ProviderAnswer[]> {
    const ms = Math.min(this.#deps.timeoutMs, OWNED_TIMEOUT_MS)
    return Promise.all(
      this.#owned.map(async (provider) => {
        const sources = await this.#ask(provider, title, ms, signal).catch(() => undefined)
        return { provider, sources }
      }),
    )
  }

  /** Ends the questions that run, whether somebody waits for them or not. */
  close(): void {
    this.#questions.close()
  }

  async #answer(
    provider: SourceProvider,
    title: Title,
    options: LookUpOptions,
    signal: AbortSignal,
  ): Promise<ProviderAnswer> {
    const name = nameOf(provider, title)
    const cached = this.#cache.find(name, options)
    if (!cached.ask) return { provider, sources: cached.sources }
    const failed = (): undefined => this.#cache.failed(name) as undefined
    const asked = this.#ask(provider, title, this.#deps.timeoutMs, signal).catch(failed)
    if (cached.sources) return { provider, sources: cached.sources }
    const inTime = withTimeout(options.deadlineMs, signal, () => asked)
    return { provider, sources: await inTime.catch(failed) }
  }

  /** @throws what the provider threw; an Error when it took too long, or rests */
  #ask(
    provider: SourceProvider,
    title: Title,
    ms: number,
    signal: AbortSignal,
  ): Promise<readonly Source[]> {
    return this.#questions.join(nameOf(provider, title), signal, (shared) =>
      this.#question(provider, title, ms, shared),
    )
  }

  async #question(
    provider: SourceProvider,
    title: Title,
    ms: number,
    signal: AbortSignal,
  ): Promise<readonly Source[]> {
    const { clock, observe } = this.#deps
    const began = clock.steady()
    const find = () => withTimeout(ms, signal, (inner) => provider.find(title, inner))
    const breaker = this.#breakers.get(provider)
    try {
      const found = await (breaker ? breaker.run(find) : find())
      observe?.({ provider: provider.name, outcome: 'answered', ms: clock.steady() - began })
      // What the operator wrote is in memory already, and nobody else can make it large.
      if (!breaker) return found.slice(0, MAX_SOURCES)
      const answer = boundedSources(found.slice(0, MAX_SOURCES))
      this.#cache.answered(nameOf(provider, title), answer)
      return answer.sources
    } catch (error) {
      this.#report(provider, error, clock.steady() - began, signal)
      throw error
    }
  }

  #report({ name: provider }: SourceProvider, error: unknown, ms: number, signal: AbortSignal) {
    const resting = error instanceof BrokenCircuitError
    this.#deps.observe?.({ provider, outcome: resting ? 'resting' : 'failed', ms })
    if (resting || signal.aborted) return
    this.#deps.log.warn({ provider, reason: reasonOf(error) }, 'provider failed')
  }
}

const nameOf = (provider: SourceProvider, title: Title): string =>
  `${provider.name} ${titleId(title)}`
