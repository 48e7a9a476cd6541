import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../common/clock.ts'
import type { SavedValues } from './values-file.ts'

const MAX_VALUES = 10_000

export interface ValueText {
  /** JSON text and not the value, so that no caller can change what another one reads. */
  readonly json: string
  readonly revision: number
}

/** Values in memory, each with a revision and a time to live, and the form in which they are saved. */
export class ValueTable {
  readonly #clock: Clock
  readonly #values: LRUCache<string, ValueText>
  /** One counter for all names: a revision is never used again, also not for a later value of a name. */
  #lastRevision = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#values = new LRUCache({
      max: MAX_VALUES,
      ttl: 1,
      // 0: lru-cache asks the clock each time, and sets no timer of its own.
      ttlResolution: 0,
      // lru-cache takes a start time of 0 for "without a time to live", hence the 1.
      perf: { now: () => clock.steady() + 1 },
    })
  }

  get(name: string): ValueText | undefined {
    return this.#values.get(name)
  }

  set(name: string, value: unknown, ttlMs: number): void {
    const json = JSON.stringify(value) ?? 'null'
    const revision = ++this.#lastRevision
    this.#values.set(name, { json, revision }, { ttl: Math.max(1, ttlMs) })
  }

  restore(saved: SavedValues): void {
    this.#lastRevision = saved.lastRevision
    const now = this.#clock.wall()
    for (const { name, json, revision, expiresAt } of saved.notes) {
      if (expiresAt > now) this.#values.set(name, { json, revision }, { ttl: expiresAt - now })
    }
  }

  snapshot(): SavedValues {
    const now = this.#clock.wall()
    const values = [...this.#values.entries()].map(([name, { json, revision }]) => ({
      name,
      json,
      revision,
      expiresAt: now + this.#values.getRemainingTTL(name),
    }))
    // Least recently used first, so that restoring them in this order rebuilds the order of use.
    return { lastRevision: this.#lastRevision, notes: values.reverse() }
  }
}
