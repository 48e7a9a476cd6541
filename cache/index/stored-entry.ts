import type { CacheIndex } from './cache-index.ts'

/** A zod schema, or anything else that checks a value as one does. */
export interface Shape<Value> {
  safeParse(value: unknown): { readonly data?: Value | undefined }
}

export interface StoredEntryOptions<Key, Value> {
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  /** The name under which the index keeps the value of a key, such as `names:movie:tt1254207`. */
  readonly key: (key: Key) => string
  /** Others can write to a shared index: a value of another shape counts as none. */
  readonly shape: Shape<Value>
  /** How long the index keeps a value after it was last written. */
  readonly ttlMs: number
}

/** What the index holds of a key. */
export interface Loaded<Value> {
  /** Undefined: there is none, or (with a revision above 0) none that can be read. */
  readonly value: Value | undefined
  /** Given back to `save`, which writes only when nobody else has written meanwhile. */
  readonly revision: number
}

/**
 * One kind of value in the index, checked when it is read and written by compare-and-set. `Written`
 * is the JSON form, where that differs from what `shape` makes of it.
 */
export class StoredEntry<Key, Value, Written = Value> {
  readonly #options: StoredEntryOptions<Key, Value>

  constructor(options: StoredEntryOptions<Key, Value>) {
    this.#options = options
  }

  /** @throws what the index throws when it cannot be reached */
  async load(key: Key): Promise<Loaded<Value>> {
    const { index, shape } = this.#options
    const stored = await index.readValue<unknown>(this.nameOf(key))
    if (!stored) return { value: undefined, revision: 0 }
    return { value: shape.safeParse(stored.value).data, revision: stored.revision }
  }

  /**
   * Answers false, and writes nothing, when the index no longer holds that revision.
   * @throws what the index throws when it cannot be reached
   */
  save(key: Key, value: Written, revision: number): Promise<boolean> {
    const { index, ttlMs } = this.#options
    return index.writeValue(this.nameOf(key), value, revision, ttlMs)
  }

  /**
   * Loads, changes and saves. A `change` that gives undefined leaves the value as it is.
   * @returns false when another writer was faster; then nothing was written
   * @throws what the index throws when it cannot be reached
   */
  async update(
    key: Key,
    change: (stored: Value | undefined) => Written | undefined,
  ): Promise<boolean> {
    const { value, revision } = await this.load(key)
    const changed = change(value)
    return changed === undefined || this.save(key, changed, revision)
  }

  protected nameOf(key: Key): string {
    return this.#options.key(key)
  }
}

export const storedEntry = <Key, Value, Written = Value>(
  options: StoredEntryOptions<Key, Value>,
): StoredEntry<Key, Value, Written> => new StoredEntry(options)
