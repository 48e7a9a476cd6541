import { LRUCache } from 'lru-cache'
import type { Clock } from '../../common/clock.ts'
import { atMost, lastingBy } from '../../common/memory/lru-options.ts'
import { type Loaded, StoredEntry, type StoredEntryOptions } from './stored-entry.ts'

export interface CachedEntryOptions<Key, Value> extends StoredEntryOptions<Key, Value> {
  /** Values in memory; the least recently used is forgotten for one more. */
  readonly max: number
  /** How long memory is believed without asking the index again; without it for as long as it has room. */
  readonly memory?: { readonly ttlMs: number; readonly clock: Clock }
}

const ABSENT = Symbol('absent')

/** A `StoredEntry` with this process's own memory in front of it. */
export class CachedEntry<Key, Value extends NonNullable<unknown>> extends StoredEntry<Key, Value> {
  readonly #memory: LRUCache<string, Value | typeof ABSENT>

  constructor(options: CachedEntryOptions<Key, Value>) {
    super(options)
    const { max, memory } = options
    this.#memory = memory
      ? new LRUCache({ ...atMost(max), ...lastingBy(memory.clock, memory.ttlMs) })
      : new LRUCache(atMost(max))
  }

  /** From memory only; null: there is none, undefined: this process does not know. */
  peek(key: Key): Value | null | undefined {
    const known = this.#memory.get(this.nameOf(key))
    return known === ABSENT ? null : known
  }

  /**
   * Tells memory, not the index. null: there is none; so `peek` answers, and nobody asks the index.
   * `ttlMs` replaces the memory's own, if it has one.
   */
  remember(key: Key, value: Value | null, ttlMs?: number): void {
    const options = ttlMs === undefined ? {} : { ttl: ttlMs }
    this.#memory.set(this.nameOf(key), value ?? ABSENT, options)
  }

  /**
   * From memory, else from the index; undefined when neither has it.
   * @throws what the index throws when it cannot be reached
   */
  async read(key: Key): Promise<Value | undefined> {
    const known = this.peek(key)
    return known === undefined ? (await this.load(key)).value : (known ?? undefined)
  }

  /** Past the memory, which learns what was found. */
  override async load(key: Key): Promise<Loaded<Value>> {
    const loaded = await super.load(key)
    if (loaded.value !== undefined) this.remember(key, loaded.value)
    return loaded
  }

  override async save(key: Key, value: Value, revision: number): Promise<boolean> {
    const saved = await super.save(key, value, revision)
    if (saved) this.remember(key, value)
    return saved
  }
}

export const cachedEntry = <Key, Value extends NonNullable<unknown>>(
  options: CachedEntryOptions<Key, Value>,
): CachedEntry<Key, Value> => new CachedEntry(options)
