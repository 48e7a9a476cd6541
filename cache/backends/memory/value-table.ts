import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../common/clock.ts'
import { MAX_VALUE_PART, valueSize } from '../../index/value-size.ts'

export interface ValueText {
  /** JSON text and not the value, so that no caller can change what another one reads. */
  readonly json: string
  readonly revision: number
}

/** One value as it is saved; `expiresAt` in wall-clock milliseconds. */
export interface SavedValue extends ValueText {
  readonly name: string
  readonly expiresAt: number
}

/**
 * Values in memory, each with a revision and a time to live. The least recently used go when they take
 * more than `maxBytes`.
 */
export class ValueTable {
  readonly #clock: Clock
  readonly #values: LRUCache<string, ValueText>
  /** One counter for all names: a revision is never used again, also not for a later value of a name. */
  #lastRevision = 0

  constructor(clock: Clock, maxBytes: number) {
    this.#clock = clock
    this.#values = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: Math.floor(maxBytes * MAX_VALUE_PART),
      sizeCalculation: ({ json }, name) => bytesInMemory(name, json),
      ttl: 1,
      // 0: lru-cache asks the clock each time, and sets no timer of its own.
      ttlResolution: 0,
      // lru-cache takes a start time of 0 for "without a time to live", hence the 1.
      perf: { now: () => clock.steady() + 1 },
    })
  }

  get lastRevision(): number {
    return this.#lastRevision
  }

  get bytes(): number {
    return this.#values.calculatedSize
  }

  get(name: string): ValueText | undefined {
    return this.#values.get(name)
  }

  set(name: string, value: unknown, ttlMs: number): void {
    const json = JSON.stringify(value) ?? 'null'
    const revision = ++this.#lastRevision
    this.#values.set(name, { json, revision }, { ttl: Math.max(1, ttlMs) })
  }

  /** Takes up what an earlier run saved. The values that were used last come last. */
  restore({ name, json, revision, expiresAt }: SavedValue): void {
    this.revisionsGiven(revision)
    const now = this.#clock.wall()
    if (expiresAt > now) this.#values.set(name, { json, revision }, { ttl: expiresAt - now })
    else this.#values.delete(name)
  }

  /** An earlier run gave all revisions up to this one. */
  revisionsGiven(last: number): void {
    this.#lastRevision = Math.max(this.#lastRevision, last)
  }

  /** The form in which a value is saved; undefined when it is gone. Does not count as a use. */
  saved(name: string): SavedValue | undefined {
    const value = this.#values.peek(name)
    if (!value) return undefined
    return { name, ...value, expiresAt: this.#clock.wall() + this.#values.getRemainingTTL(name) }
  }

  /** All names, the one that was used last at the end. */
  names(): string[] {
    return [...this.#values.rkeys()]
  }
}

/** V8 keeps a text in two bytes a character as soon as one of them needs it. */
function bytesInMemory(name: string, json: string): number {
  const size = valueSize(name, json)
  const length = name.length + json.length
  return Buffer.byteLength(json) === json.length ? size : Math.max(size, 2 * length)
}
