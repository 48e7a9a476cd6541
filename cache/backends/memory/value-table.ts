import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../common/clock.ts'
import { largestValue, VALUE_OVERHEAD_BYTES } from '../../index/value-size.ts'

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

/** JSON text in UTF-8, in memory of its own. */
interface Kept {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly revision: number
}

/**
 * Values in memory, each with a revision and a time to live. The least recently used go when they take
 * more than `maxBytes`. Their texts lie outside of the heap and are freed when they go: there thousands
 * of old ones would wait for a collection of everything, and the process be three times as large.
 */
export class ValueTable {
  readonly #clock: Clock
  readonly #values: LRUCache<string, Kept>
  /** One counter for all names: a revision is never used again, also not for a later value of a name. */
  #lastRevision = 0

  constructor(clock: Clock, maxBytes: number) {
    this.#clock = clock
    this.#values = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: Math.floor(largestValue(maxBytes)),
      sizeCalculation: ({ bytes }, name) =>
        Buffer.byteLength(name) + bytes.length + VALUE_OVERHEAD_BYTES,
      // Detached: its memory is free at once.
      dispose: ({ bytes }) => void bytes.buffer.transfer(0),
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
    const kept = this.#values.get(name)
    return kept && textOf(kept)
  }

  /** 0: there is none. Counts as a use. */
  revisionOf(name: string): number {
    return this.#values.get(name)?.revision ?? 0
  }

  set(name: string, value: unknown, ttlMs: number): void {
    const json = JSON.stringify(value) ?? 'null'
    const revision = ++this.#lastRevision
    this.#keep(name, { json, revision }, Math.max(1, ttlMs))
  }

  /** Takes up what an earlier run saved. The values that were used last come last. */
  restore({ name, json, revision, expiresAt }: SavedValue): void {
    this.revisionsGiven(revision)
    const now = this.#clock.wall()
    if (expiresAt > now) this.#keep(name, { json, revision }, expiresAt - now)
    else this.#values.delete(name)
  }

  /** An earlier run gave all revisions up to this one. */
  revisionsGiven(last: number): void {
    this.#lastRevision = Math.max(this.#lastRevision, last)
  }

  /** The form in which a value is saved; undefined when it is gone. Does not count as a use. */
  saved(name: string): SavedValue | undefined {
    const kept = this.#values.peek(name)
    if (!kept) return undefined
    return {
      name,
      ...textOf(kept),
      expiresAt: this.#clock.wall() + this.#values.getRemainingTTL(name),
    }
  }

  /** All names, the one that was used last at the end. */
  names(): string[] {
    return [...this.#values.rkeys()]
  }

  #keep(name: string, { json, revision }: ValueText, ttl: number): void {
    // Of its own: small ones would otherwise share a block with strangers.
    const bytes = new Uint8Array(Buffer.byteLength(json))
    encoder.encodeInto(json, bytes)
    this.#values.set(name, { bytes, revision }, { ttl })
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const textOf = ({ bytes, revision }: Kept): ValueText => ({
  json: decoder.decode(bytes),
  revision,
})
