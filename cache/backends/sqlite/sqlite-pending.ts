import type { FileKey } from '../../../common/bittorrent/file-key.ts'
import type { CacheEntry } from '../../index/cache-index.ts'
import type { NewValue, ValueRow } from './sqlite-values.ts'

/** A bound, because everything in memory has one; what falls out is mended by the next sweep. */
const MAX_PENDING = 100_000
/** Far above what a database ever counts up to: a revision from memory never matches one of its own. */
const FIRST_LOCAL_REVISION = 2 ** 52

interface PendingEntry {
  readonly key: FileKey
  readonly node: string
  /** undefined: forgotten. */
  readonly entry: CacheEntry | undefined
}

interface PendingValue extends NewValue, Pick<ValueRow, 'revision'> {
  /** The revision in the database that this one replaces; 0 = none. */
  readonly base: number
}

/** What could not be written yet: the memory of this process, which covers what the database says. */
export interface Pending {
  readonly entries: ReadonlyMap<string, PendingEntry>
  readonly notes: ReadonlyMap<string, PendingValue>
  entry(key: FileKey, node: string): PendingEntry | undefined
  setEntry(key: FileKey, node: string, entry: CacheEntry | undefined): void
  setValue(note: NewValue, base: number): void
  /** Up to `count` changes, entries first. Drop each one when it is written. */
  some(count: number): { entries: PendingEntry[]; notes: PendingValue[] }
  drop(change: PendingEntry | PendingValue): void
}

const nameOf = (key: FileKey, node: string): string => `${key} ${node}`

function setBounded<V>(map: Map<string, V>, name: string, value: V): void {
  map.delete(name)
  map.set(name, value)
  const oldest = map.size > MAX_PENDING ? map.keys().next().value : undefined
  if (oldest !== undefined) map.delete(oldest)
}

function firstOf<V>(map: ReadonlyMap<string, V>, count: number): V[] {
  const some: V[] = []
  for (const value of map.values()) {
    if (some.length >= count) break
    some.push(value)
  }
  return some
}

export function createPending(): Pending {
  const entries = new Map<string, PendingEntry>()
  const notes = new Map<string, PendingValue>()
  let revision = FIRST_LOCAL_REVISION

  return {
    entries,
    notes,
    entry: (key, node) => entries.get(nameOf(key, node)),
    setEntry(key, node, entry) {
      setBounded(entries, nameOf(key, node), { key, node, entry: entry && { ...entry } })
    },
    setValue(note, base) {
      const before = notes.get(note.name)?.base
      setBounded(notes, note.name, { ...note, base: before ?? base, revision: ++revision })
    },
    some(count) {
      const some = firstOf(entries, count)
      return { entries: some, notes: firstOf(notes, count - some.length) }
    },
    drop(change) {
      if ('base' in change) notes.delete(change.name)
      else entries.delete(nameOf(change.key, change.node))
    },
  }
}
