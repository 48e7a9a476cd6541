import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { Owners } from '../../common/permits/owners.ts'
import { partQueue } from '../../common/permits/part-queue.ts'
import { SingleFlight } from '../../common/single-flight.ts'
import { type Title, titleId } from '../../common/title.ts'
import { isDeferred } from '../providers/shared/not-asked.ts'
import { type ProviderCall, Questions } from '../providers/shared/questions.ts'
import type { Source, SourceProvider } from '../source.ts'
import { withTimeout } from '../with-timeout.ts'
import { AnswerCache, type Freshness } from './answer-cache.ts'
import { askedFor } from './asked-for.ts'
import { boundedSources } from './bounded-source.ts'
import { MAX_NUMBERS } from './source-list-entry.ts'

/** What one provider said; `sources` is undefined when it failed, or has not answered yet. */
export interface ProviderAnswer {
  readonly provider: SourceProvider
  readonly sources: readonly Source[] | undefined
  /** It was not asked, for a reason of ours. */
  readonly deferred?: boolean
}

export interface LookUpOptions extends Freshness {
  /** Answers are waited for this long, and cached when they come later. */
  readonly deadlineMs: number
  /** Providers that ask other addons are left out: see `SourceProvider.relays`. */
  readonly relayed: boolean
  /** Whose turn it takes; undefined where nobody is counted. */
  readonly address?: string | undefined
}

export interface LookUpDeps {
  readonly providers: readonly SourceProvider[]
  readonly clock: Clock
  readonly log: Log
  /** After this long a question has failed. */
  readonly timeoutMs: number
  readonly observe?: ((call: ProviderCall) => void) | undefined
  /** How the providers on the network are asked; without a budget unless given. */
  readonly questions?: Questions | undefined
}

const OWNED_TIMEOUT_MS = 1000

/**
 * Asks the providers. However many ask for a title, each provider is asked once, and what it says
 * after the deadline is there for whoever asks next (docs/decisions/0013-the-pool-of-providers.md).
 */
export class LookUp {
  readonly #deps: LookUpDeps
  readonly #cache: AnswerCache
  readonly #running = new SingleFlight<readonly Source[]>({ whenAbandoned: 'finish' })
  readonly #questions: Questions
  readonly #owned: readonly SourceProvider[]

  constructor(deps: LookUpDeps) {
    const { providers, clock, log, observe } = deps
    this.#deps = deps
    this.#cache = new AnswerCache(clock)
    this.#questions = deps.questions ?? new Questions({ clock, log, observe })
    this.#owned = providers.filter(({ authority }) => authority === 'owned')
  }

  /** Asks all providers at once; answers in their order. Never rejects. */
  async all(
    title: Title,
    options: LookUpOptions,
    signal: AbortSignal,
  ): Promise<readonly ProviderAnswer[]> {
    const { providers } = this.#deps
    const known = askedFor(title, providers)
    const wanted = options.relayed ? known.filter(({ relays }) => !relays) : known
    const left = this.#questions.askers.use(title, options.address)
    try {
      return await Promise.all(
        wanted.map((provider) => this.#answer(provider, title, options, signal)),
      )
    } finally {
      left()
    }
  }

  /** Who waits for a look-up that runs has its questions asked in its turn too. */
  alsoFor(title: Title, address: string | undefined): void {
    this.#questions.askers.join(title, address)
  }

  /** The work is for that address, and for those that join meanwhile, who are its owners. */
  async for<T>(
    title: Title,
    address: string | undefined,
    work: (owners: Owners) => Promise<T>,
  ): Promise<T> {
    const left = this.#questions.askers.use(title, address)
    try {
      return await work(this.#questions.askers.of(title))
    } finally {
      left()
    }
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
    this.#running.close()
  }

  async #answer(
    provider: SourceProvider,
    title: Title,
    options: LookUpOptions,
    signal: AbortSignal,
  ): Promise<ProviderAnswer> {
    const name = nameOf(provider, title)
    const cached = this.#cache.find(name, options)
    if (!cached.ask) return { provider, sources: cached.sources, deferred: cached.deferred }
    const failed = (error: unknown): undefined => {
      // What is the operator's own costs nobody anything to ask again: it may be scanned by then.
      if (provider.authority === 'owned') return
      if (isDeferred(error)) this.#cache.deferred(name)
      else this.#cache.failed(name)
    }
    const asked = this.#ask(provider, title, this.#deps.timeoutMs, signal)
    asked.catch(failed)
    if (cached.sources) return { provider, sources: cached.sources }
    const inTime = withTimeout(options.deadlineMs, signal, () => asked)
    try {
      return { provider, sources: await inTime }
    } catch (error) {
      return { provider, sources: failed(error), deferred: isDeferred(error) }
    }
  }

  /** @throws what the provider threw; an Error when it took too long; NotAsked */
  #ask(
    provider: SourceProvider,
    title: Title,
    ms: number,
    signal: AbortSignal,
  ): Promise<readonly Source[]> {
    return this.#running.join(nameOf(provider, title), signal, async (shared) => {
      const left = this.#questions.askers.use(title)
      try {
        return await this.#question(provider, title, ms, shared)
      } finally {
        left()
      }
    })
  }

  async #question(
    provider: SourceProvider,
    title: Title,
    ms: number,
    signal: AbortSignal,
  ): Promise<readonly Source[]> {
    const { name, host = name } = provider
    const requests = requestsOf(provider, title)
    const owners = this.#questions.askers.of(title)
    const find = (within: AbortSignal) =>
      withTimeout(ms, within, (inner) => provider.find(title, inner, owners))
    const found =
      provider.authority === 'owned'
        ? await this.#questions.observed(name, () => find(signal))
        : await this.#questions.ask({ name, host, requests }, owners, signal, find)
    // What the operator wrote is in memory already, and nobody else can make it large.
    if (provider.authority === 'owned') return found.slice(0, MAX_NUMBERS)
    await partQueue.next(owners)
    const answer = boundedSources(found.slice(0, MAX_NUMBERS))
    this.#cache.answered(nameOf(provider, title), answer)
    return answer.sources
  }
}

function requestsOf(provider: SourceProvider, title: Title): number {
  const { requests = 1 } = provider
  return typeof requests === 'number' ? requests : requests.call(provider, title)
}

/** Nobody on the network has answered, and of somebody the reason was ours. */
export function areDeferred(answers: readonly ProviderAnswer[]): boolean {
  const foreign = answers.filter(({ provider }) => provider.authority === 'network')
  const silent = foreign.every(({ sources }) => sources === undefined)
  return silent && foreign.some(({ deferred }) => deferred)
}

const nameOf = (provider: SourceProvider, title: Title): string =>
  `${provider.name} ${titleId(title)}`

/** Names of the providers that gave nothing. */
export const failedIn = (answers: readonly ProviderAnswer[]): string[] =>
  answers.filter(({ sources }) => sources === undefined).map(({ provider }) => provider.name)
