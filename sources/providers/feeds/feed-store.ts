import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import { type FeedEntry, feedEntryShape } from './feed-format.ts'

/** The entries of one feed, newest first: a feed itself shows only its last few. */
export interface FeedStore {
  readonly entries: readonly FeedEntry[]
  /** Takes what was kept before this start. Never rejects. */
  load(now: number): Promise<void>
  /** Adds what is new, drops what is too old, and writes when that changed anything. Never rejects. */
  add(entries: readonly FeedEntry[], now: number): Promise<void>
}

const KEPT_MS = 30 * 86_400_000
const MAX_ENTRIES = 2000

export function createFeedStore(
  url: string,
  index: Pick<CacheIndex, 'readValue' | 'writeValue'>,
): FeedStore {
  // Its name says nothing of the address, which may hold a passkey.
  const name = `feed:${createHash('sha256').update(url).digest('hex').slice(0, 20)}`
  let kept: readonly FeedEntry[] = []

  async function noted() {
    const note = await index.readValue<unknown>(name).catch(() => undefined)
    const entries = z.array(feedEntryShape).max(MAX_ENTRIES).safeParse(note?.value).data ?? []
    return { revision: note?.revision ?? 0, entries }
  }

  /** The earlier one of an entry's two sightings counts, with its newer links. */
  function merge(newer: readonly FeedEntry[], older: readonly FeedEntry[], now: number) {
    const seen = new Map(older.map((entry) => [entry.id, entry.seenAt]))
    const fresh = newer.map((one) => ({ ...one, seenAt: seen.get(one.id) ?? one.seenAt }))
    const ids = new Set(fresh.map(({ id }) => id))
    return [...fresh, ...older.filter(({ id }) => !ids.has(id))]
      .filter(({ seenAt }) => now - seenAt < KEPT_MS)
      .slice(0, MAX_ENTRIES)
  }

  return {
    get entries() {
      return kept
    },
    async load(now) {
      kept = merge(kept, (await noted()).entries, now)
    },
    async add(entries, now) {
      const before = kept
      kept = merge(entries, before, now)
      const same = kept.length === before.length && kept[0]?.id === before[0]?.id
      if (same) return
      // Another node polls the same feed: what it has seen is taken along.
      const note = await noted()
      kept = merge(kept, note.entries, now)
      await index.writeValue(name, kept, note.revision, KEPT_MS).catch(() => false)
    },
  }
}
