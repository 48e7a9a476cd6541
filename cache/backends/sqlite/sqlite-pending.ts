import { LRUCache } from 'lru-cache'
import type { FileKey } from '../../../common/bittorrent/file-key.ts'
import type { CacheEntry } from '../../index/cache-index.ts'
import { valueSize } from '../../index/value-size.ts'
import type { NewValue, ValueRow } from './sqlite-value-table.ts'

/** Everything in memory has a bound. An entry that is dropped is corrected by the next sweep. */
const MAX_ENTRIES = 100_000
/** Of all values; the least recently used are dropped, and made again by whoever asks for them. */
const MAX_VALUE_BYTES = 16_000_000
/** Far above any revision of a database, so a revision given in memory never equals one of those. */
const FIRST_LOCAL_REVISION = 2 ** 52

interface PendingEntry {
  readonly key: FileKey
  readonly node: string
  /** Undefined: to be removed. */
  readonly entry: CacheEntry | undefined
}

interface PendingValue extends NewValue, Pick<ValueRow, 'revision'> {
  /** The revision in the database that this value replaces; 0 when there is none. */
  readonly base: number
}

const nameOf = (key: FileKey, node: string): string => `${key} ${node}`

/** Changes that could not be written yet. As long as they are here they count instead of the database. */
export class Pending {
  readonly #entries = new Map<string, PendingEntry>()
  readonly #values = new LRUCache<string, PendingValue>({
    maxSize: MAX_VALUE_BYTES,
    sizeCalculation: ({ name, json }) => valueSize(name, json),
  })
  #revision = FIRST_LOCAL_REVISION

  get size(): number {
    return this.#entries.size + this.#values.size
  }

  get hasEntries(): boolean {
    return this.#entries.size > 0
  }

  get valueBytes(): number {
    return this.#values.calculatedSize
  }

  entries(): Iterable<PendingEntry> {
    return this.#entries.values()
  }

  /** Entries to be saved, without those to be removed. */
  saved(): CacheEntry[] {
    return [...this.#entries.values()].flatMap(({ entry }) => entry ?? [])
  }

  entry(key: FileKey, node: string): PendingEntry | undefined {
    return this.#entries.get(nameOf(key, node))
  }

  value(name: string): PendingValue | undefined {
    return this.#values.get(name)
  }

  setEntry(key: FileKey, node: string, entry: CacheEntry | undefined): void {
    setBounded(this.#entries, nameOf(key, node), { key, node, entry: entry && { ...entry } })
  }

  setValue(value: NewValue, base: number): void {
    const before = this.#values.get(value.name)?.base
    const revision = ++this.#revision
    this.#values.set(value.name, { ...value, base: before ?? base, revision })
  }

  /** The first changes, at most `count`, entries first. The caller drops each one when it is written. */
  first(count: number): { entries: PendingEntry[]; values: PendingValue[] } {
    const entries = firstOf(this.#entries.values(), count)
    return { entries, values: firstOf(this.#values.rvalues(), count - entries.length) }
  }

  drop(change: PendingEntry | PendingValue): void {
    if ('base' in change) this.#values.delete(change.name)
    else this.#entries.delete(nameOf(change.key, change.node))
  }
}

function setBounded<V>(map: Map<string, V>, name: string, value: V): void {
  map.delete(name)
  map.set(name, value)
  const oldest = map.size > MAX_ENTRIES ? map.keys().next().value : undefined
  if (oldest !== undefined) map.delete(oldest)
}

function firstOf<V>(values: Iterable<V | undefined>, count: number): V[] {
  const first: V[] = []
  for (const value of values) {
    if (first.length >= count) break
    if (value !== undefined) first.push(value)
  }
  return first
}
