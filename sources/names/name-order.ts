import { LRUCache } from 'lru-cache'
import { atMost } from '../../common/memory/lru-options.ts'
import type { Owners } from '../../common/permits/owners.ts'
import type { NameBatch } from './name-batch.ts'

const WINDOW_MS = 60_000
/** Addresses that are remembered; the one unheard of for longest is forgotten first. */
const MOST_ADDRESSES = 10_000

/** Whose names are next: those of the address that has kept the worker least, within about a minute. */
export class NameOrder {
  readonly #tookMs = new LRUCache<string, number>({
    ...atMost(MOST_ADDRESSES),
    ttl: WINDOW_MS,
    noUpdateTTL: true,
  })

  /** The names of all of these kept the worker for so long. */
  took(owners: Owners, ms: number): void {
    for (const address of owners.all) this.#tookMs.set(address, this.#of(address) + ms)
  }

  /**
   * Names that are known to be quick go before all others: their worker was lost at another one. Among
   * those that have kept it as long who came last is first: behind many slow ones nobody waits.
   */
  next(waiting: readonly NameBatch[]): NameBatch | undefined {
    const quick = waiting.find((batch) => batch.hasInnocent)
    if (quick) return quick
    let best: { batch: NameBatch; took: number } | undefined
    for (const batch of waiting) {
      const took = batch.owners.least((address) => this.#of(address))
      const isBefore =
        !best || took < best.took || (took === best.took && batch.tookMs <= best.batch.tookMs)
      if (isBefore) best = { batch, took }
    }
    return best?.batch
  }

  #of(address: string): number {
    return this.#tookMs.get(address) ?? 0
  }
}
