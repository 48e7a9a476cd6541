import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import { type StoredEntry, storedEntry } from '../../../cache/index/stored-entry.ts'
import { MAX_VALUE_BYTES } from '../../../cache/index/value-size.ts'
import { type FeedEntry, feedEntryShape } from './feed-format.ts'

const TTL_MS = 30 * 86_400_000
const MAX_ENTRIES = 2000
/** Of all as JSON: the index keeps nothing of what is more, and an entry has up to 100 KB of addresses. */
const MAX_BYTES = MAX_VALUE_BYTES - 4096

/** The entries of one feed for 30 days, newest first: a feed itself shows only its last few. */
export class FeedStore {
  readonly #stored: StoredEntry<void, FeedEntry[]>
  #entries: FeedEntry[] = []

  constructor(url: string, index: Pick<CacheIndex, 'readValue' | 'writeValue'>) {
    // The address may hold a passkey, so that the index gets its digest only.
    const name = `feed:${createHash('sha256').update(url).digest('hex').slice(0, 20)}`
    const shape = z.array(feedEntryShape).max(MAX_ENTRIES)
    this.#stored = storedEntry({ index, key: () => name, shape, ttlMs: TTL_MS })
  }

  get entries(): readonly FeedEntry[] {
    return this.#entries
  }

  /** Takes what the index has from before this start. Never rejects. */
  async load(now: number): Promise<void> {
    this.#entries = merge(this.#entries, (await this.#load()).entries, now)
  }

  /**
   * Adds what is new, drops what is too old, and writes when that changed anything. Never rejects.
   */
  async add(entries: readonly FeedEntry[], now: number): Promise<void> {
    const before = this.#entries
    this.#entries = merge(entries, before, now)
    const same = this.#entries.length === before.length && this.#entries[0]?.id === before[0]?.id
    if (same) return
    // Another node polls the same feed: what it has seen is taken along.
    const stored = await this.#load()
    this.#entries = merge(this.#entries, stored.entries, now)
    await this.#stored.save(undefined, this.#entries, stored.revision).catch(() => false)
  }

  async #load(): Promise<{ readonly entries: readonly FeedEntry[]; readonly revision: number }> {
    const loaded = await this.#stored.load().catch(() => undefined)
    return { entries: loaded?.value ?? [], revision: loaded?.revision ?? 0 }
  }
}

/**
 * An entry that both have was first seen when the older one says, and has the newer one's links.
 */
function merge(newer: readonly FeedEntry[], older: readonly FeedEntry[], now: number): FeedEntry[] {
  const seen = new Map(older.map((entry) => [entry.id, entry.seenAt]))
  const fresh = newer.map((one) => ({ ...one, seenAt: seen.get(one.id) ?? one.seenAt }))
  const ids = new Set(fresh.map(({ id }) => id))
  const all = [...fresh, ...older.filter(({ id }) => !ids.has(id))]
    .filter(({ seenAt }) => now - seenAt < TTL_MS)
    .slice(0, MAX_ENTRIES)
  return all.slice(0, countWithin(all))
}

/** How many of the first ones may be kept together. */
function countWithin(entries: readonly FeedEntry[]): number {
  let bytes = 0
  const over = entries.findIndex((entry) => {
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1
    return bytes > MAX_BYTES
  })
  return over === -1 ? entries.length : over
}
