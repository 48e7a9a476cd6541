import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import type { Owners } from '../../../common/permits/owners.ts'
import { evenShare, type Permit, Permits } from '../../../common/permits/permits.ts'
import { withTimeout } from '../../with-timeout.ts'
import { reasonOf } from './foreign-answer.ts'
import { NotAsked } from './not-asked.ts'
import { ProviderBreaker, type ProviderTrouble } from './provider-breaker.ts'
import { QuestionBudget } from './question-budget.ts'
import { TitleAskers } from './title-askers.ts'

/** Whom a question is for. */
export interface Provider {
  readonly name: string
  /** Questions to one host take turns, whichever provider's they are. */
  readonly host: string
  /** So many at most one question takes; they are counted before it is asked. */
  readonly requests: number
}

/** One question to a provider, for the metrics. */
export interface ProviderCall {
  readonly provider: string
  /** `resting`: it fails or asked to be left alone; `deferred`: our own queue or budget held it back. */
  readonly outcome: 'answered' | 'failed' | NotAsked['why']
  readonly ms: number
}

export interface QuestionsDeps {
  readonly clock: Pick<Clock, 'steady'>
  readonly log: Log
  /** Requests that each provider is sent within a minute; any number unless given. */
  readonly perMinute?: number
  readonly observe?: ((call: ProviderCall) => void) | undefined
}

/** At one host. */
const AT_ONCE = 4
const WAITING = 256
/** More than the indexers that one title is asked of at one Jackett. */
const WAITING_EACH = 32
/** Who asked has left by then. */
const LONGEST_WAIT_MS = 8000
/** Where others wait, an address with more than its share gives up what takes longer than this. */
const RECLAIM_AFTER_MS = 2000
const TOLD_EVERY_MS = 60_000

/**
 * The one way to ask a provider: in turn, within its budget, and not while it rests. Our own queues
 * and budgets never count as its failures: it fails only by what it does once it was asked.
 */
export class Questions {
  readonly askers = new TitleAskers()
  readonly #deps: QuestionsDeps
  readonly #lines = new Map<string, Permits>()
  readonly #breakers = new Map<string, ProviderBreaker>()
  readonly #budgets = new Map<string, QuestionBudget>()
  readonly #toldAt = new Map<string, number>()
  #observe: QuestionsDeps['observe']

  constructor(deps: QuestionsDeps) {
    this.#deps = deps
    this.#observe = deps.observe
  }

  /** Who is told of each question from now on, in place of who was before. */
  observe(observe: (call: ProviderCall) => void): void {
    this.#observe = observe
  }

  /** Of the providers whose last question failed, by name. */
  troubles(): ReadonlyMap<string, ProviderTrouble> {
    const all = [...this.#breakers].flatMap(([name, { trouble }]) =>
      trouble ? [[name, trouble] as const] : [],
    )
    return new Map(all)
  }

  /**
   * The work begins when its turn has come: a limit of its time belongs inside it.
   * @throws what the work threw; NotAsked when it was not begun, or had to give way
   */
  async ask<T>(
    provider: Provider,
    owners: Owners,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      if (provider.requests === 0) return await this.#answer(provider, () => work(signal))
      this.#breaker(provider).check()
      this.#checkBudget(provider, owners)
      return await this.#withPermit(provider, owners, signal, work)
    } catch (error) {
      if (error instanceof NotAsked && !signal.aborted) this.#notAsked(provider, error)
      throw error
    }
  }

  /** Tells the metrics how it went. @throws what the work threw */
  async observed<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { clock } = this.#deps
    const began = clock.steady()
    const tell = (outcome: ProviderCall['outcome']): void =>
      this.#observe?.({ provider: name, outcome, ms: clock.steady() - began })
    try {
      const answer = await work()
      tell('answered')
      return answer
    } catch (error) {
      if (!(error instanceof NotAsked)) tell('failed')
      throw error
    }
  }

  async #withPermit<T>(
    provider: Provider,
    owners: Owners,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const giveWay = new AbortController()
    const permit = await this.#permit(provider, owners, signal, () => giveWay.abort())
    try {
      this.#breaker(provider).check()
      this.#checkBudget(provider, owners)
      const takeBack = this.#budget(provider).take(provider.requests, owners)
      const both = AbortSignal.any([signal, giveWay.signal])
      return await this.#answer(provider, async () => {
        try {
          return await work(both)
        } catch (error) {
          if (error instanceof NotAsked) takeBack()
          throw both.aborted ? new NotAsked('deferred', 'it was given up') : error
        }
      })
    } finally {
      permit.release()
    }
  }

  /** @throws NotAsked when too many wait, or it took too long */
  async #permit(
    { host }: Provider,
    owners: Owners,
    signal: AbortSignal,
    onReclaim: () => void,
  ): Promise<Permit> {
    try {
      return await withTimeout(LONGEST_WAIT_MS, signal, (inner) =>
        this.#line(host).acquire(inner, onReclaim, owners),
      )
    } catch {
      throw new NotAsked('deferred', 'too many questions wait for its server')
    }
  }

  #answer<T>(provider: Provider, work: () => Promise<T>): Promise<T> {
    return this.#breaker(provider).run(() =>
      this.observed(provider.name, async () => {
        try {
          return await work()
        } catch (error) {
          if (!(error instanceof NotAsked)) {
            const reason = reasonOf(error)
            this.#deps.log.warn({ provider: provider.name, reason }, 'provider failed')
          }
          throw error
        }
      }),
    )
  }

  /** @throws NotAsked */
  #checkBudget(provider: Provider, owners: Owners): void {
    if (this.#budget(provider).has(provider.requests, owners)) return
    throw new NotAsked('deferred', 'its requests of this minute are used up')
  }

  #notAsked({ name }: Provider, error: NotAsked): void {
    const { clock, log } = this.#deps
    this.#observe?.({ provider: name, outcome: error.why, ms: 0 })
    const now = clock.steady()
    if (error.why === 'resting' || now - (this.#toldAt.get(name) ?? -TOLD_EVERY_MS) < TOLD_EVERY_MS)
      return
    this.#toldAt.set(name, now)
    const reason = reasonOf(error)
    log.warn({ provider: name, reason }, 'questions to a provider are held back')
  }

  #line(host: string): Permits {
    return made(this.#lines, host, () => {
      const limits = { max: AT_ONCE, waitingMax: WAITING, waitingEach: WAITING_EACH }
      return new Permits({ ...limits, share: evenShare, reclaimAfterMs: RECLAIM_AFTER_MS })
    })
  }

  #breaker({ name }: Provider): ProviderBreaker {
    const { clock, log } = this.#deps
    return made(this.#breakers, name, () => new ProviderBreaker(name, clock, log))
  }

  #budget({ name }: Provider): QuestionBudget {
    const { clock, perMinute = Number.POSITIVE_INFINITY } = this.#deps
    return made(this.#budgets, name, () => new QuestionBudget(perMinute, clock))
  }
}

function made<T>(all: Map<string, T>, name: string, make: () => T): T {
  const one = all.get(name) ?? make()
  all.set(name, one)
  return one
}
