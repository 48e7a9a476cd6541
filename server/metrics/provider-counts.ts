import type { ProviderCall } from '../../sources/providers/shared/questions.ts'

/** How often each outcome was, by the provider's name. */
export type ProviderFigures = Readonly<Record<string, Readonly<Record<Outcome, number>>>>

type Outcome = ProviderCall['outcome']

/** The questions to each provider since the start, for the status page. */
export class ProviderCounts {
  readonly #counts = new Map<string, Record<Outcome, number>>()

  add({ provider, outcome }: Pick<ProviderCall, 'provider' | 'outcome'>): void {
    const counts = this.#counts.get(provider) ?? { answered: 0, failed: 0, resting: 0, deferred: 0 }
    counts[outcome]++
    this.#counts.set(provider, counts)
  }

  /** In the order of their first question. */
  get figures(): ProviderFigures {
    return Object.fromEntries(this.#counts)
  }
}
