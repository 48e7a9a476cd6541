import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { entryId } from '../source-key.ts'
import type { ProviderAnswer } from './look-up.ts'
import { renumber } from './renumber.ts'
import {
  readStoredSourceList,
  type SourceListEntry,
  type StoredSourceList,
  storableSourceList,
} from './stored-source-list.ts'

/** Source lists in the index, and this server's own memory of them for when the index cannot be reached. */
export interface SourceListStore {
  /** The source list with what the providers said, written when that changed it. Never rejects. */
  update(titleId: string, answers: readonly ProviderAnswer[]): Promise<readonly SourceListEntry[]>
  /** The remembered source list, if any, with what the owned providers say now. Never rejects. */
  read(
    titleId: string,
    owned: () => Promise<readonly ProviderAnswer[]>,
  ): Promise<readonly SourceListEntry[] | undefined>
}

const DAY_MS = 86_400_000
const TTL_MS = 30 * DAY_MS
const LOCAL_LISTS = 1000
/** In all of them: see `REMEMBERED_SOURCES` of look-up.ts. */
const LOCAL_LINES = 30_000
const WRITE_TRIES = 6
const JITTER_MS = 40

interface Held {
  readonly revision: number
  /** Empty and older than everything when there is none. */
  readonly note: StoredSourceList
}

export function createSourceListStore(index: CacheIndex, clock: Clock, log: Log): SourceListStore {
  const local = new LRUCache<string, readonly SourceListEntry[]>({
    max: LOCAL_LISTS,
    maxSize: LOCAL_LINES,
    sizeCalculation: (entries) => entries.length + 1,
  })
  let degraded = false

  function setDegraded(now: boolean, error?: unknown): void {
    if (now === degraded) return
    degraded = now
    if (now) log.warn({ err: error }, 'the shared books cannot be reached; numbering from memory')
    else log.info('the shared books can be reached again')
  }

  async function held(titleId: string): Promise<Held> {
    const found = await index.readValue<unknown>(`book:${titleId}`)
    const note = found && readStoredSourceList(found.value)
    if (found && !note) log.warn({ title: titleId }, 'a book in the index is not readable')
    return { revision: found?.revision ?? 0, note: note ?? { usedAt: 0, entries: [] } }
  }

  function isDue({ note }: Held, entries: readonly SourceListEntry[]): boolean {
    if (signature(note.entries) !== signature(entries)) return true
    return entries.length > 0 && Math.abs(clock.wall() - note.usedAt) > DAY_MS
  }

  /** Answers whether the index now holds this book. */
  async function save(titleId: string, before: Held, entries: readonly SourceListEntry[]) {
    if (!isDue(before, entries)) return true
    const value = storableSourceList({ usedAt: clock.wall(), entries })
    return index.writeValue(`book:${titleId}`, value, before.revision, TTL_MS)
  }

  async function update(titleId: string, answers: readonly ProviderAnswer[]) {
    const own = local.get(titleId) ?? []
    let entries = renumber([], own, answers)
    try {
      for (let tries = 0; tries < WRITE_TRIES; tries++) {
        // Somebody was faster: all nodes that lost must not try again at the same moment.
        if (tries > 0) await sleep(Math.random() * JITTER_MS * tries)
        const before = await held(titleId)
        entries = renumber(before.note.entries, own, answers)
        if (await save(titleId, before, entries)) break
      }
      setDegraded(false)
    } catch (error) {
      setDegraded(true, error)
    }
    if (entries.length > 0) local.set(titleId, entries)
    return entries
  }

  return {
    update,
    async read(titleId, owned) {
      const own = local.get(titleId) ?? []
      let before: Held | undefined
      try {
        before = await held(titleId)
        setDegraded(false)
      } catch (error) {
        setDegraded(true, error)
      }
      const known = before?.note.entries ?? []
      if (known.length + own.length === 0) return undefined
      // New lines wait for the next list, which writes them: no number before all nodes know it.
      const lines = new Set(
        [...known, ...own].map(({ key, source }) => entryId(key, source.locator)),
      ).size
      const entries = renumber(known, own, await owned()).slice(0, lines)
      local.set(titleId, entries)
      // Use keeps a source list alive; the rest of what changed is written by the next list.
      if (before && known.length > 0 && Math.abs(clock.wall() - before.note.usedAt) > DAY_MS) {
        await save(titleId, before, entries).catch((error) => setDegraded(true, error))
      }
      return entries
    },
  }
}

/** What a change of is worth writing; seeders and sizes change all the time. */
const signature = (entries: readonly SourceListEntry[]): string =>
  entries.map(({ key, listed, retired }) => `${key}${Number(listed)}${Number(retired)}`).join()
