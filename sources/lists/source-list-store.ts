import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { type StoredEntry, storedEntry } from '../../cache/index/stored-entry.ts'
import { textBytes } from '../../cache/index/value-size.ts'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { Owners } from '../../common/permits/owners.ts'
import { partQueue } from '../../common/permits/part-queue.ts'
import { entryId } from '../source-key.ts'
import { isCutShort, MAX_LIST_BYTES, storableSourceList } from './fit-source-list.ts'
import { keepNumbers } from './keep-numbers.ts'
import type { ProviderAnswer } from './look-up.ts'
import { isLocal, type SourceListEntry, type StoredSourceList } from './source-list-entry.ts'
import { readStoredSourceList, type WrittenSourceList } from './stored-source-list.ts'

const DAY_MS = 86_400_000
const TTL_MS = 30 * DAY_MS
/** Of all lists in this server's own memory; their objects would take two to three times as much. */
const MAX_LOCAL_BYTES = 8 * 2 ** 20
const MAX_WRITE_TRIES = 6
const JITTER_MS = 40

interface Loaded extends StoredSourceList {
  readonly revision: number
}

/**
 * Source lists in the index, shared by all nodes, and this server's own memory of them for when the
 * index cannot be reached.
 */
export class SourceListStore {
  readonly #clock: Clock
  readonly #log: Log
  readonly #stored: StoredEntry<string, StoredSourceList, WrittenSourceList>
  /** As JSON. */
  readonly #local = new LRUCache<string, string>({
    maxSize: MAX_LOCAL_BYTES,
    sizeCalculation: textBytes,
  })
  #degraded = false
  #saidCutShort = false

  constructor(index: CacheIndex, clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
    this.#stored = storedEntry({
      index,
      key: (titleId) => `book:${titleId}`,
      shape: { safeParse: (value) => ({ data: readStoredSourceList(value) }) },
      ttlMs: TTL_MS,
    })
  }

  /**
   * The source list with what the providers said, written when that changed it. Never rejects.
   * @param owners whose parts the work is done in; nobody's go first
   */
  async update(
    titleId: string,
    answers: readonly ProviderAnswer[],
    owners?: Owners,
  ): Promise<readonly SourceListEntry[]> {
    const own = this.#own(titleId)
    let entries = keepNumbers([], own, answers)
    try {
      for (let tries = 0; tries < MAX_WRITE_TRIES; tries++) {
        // Another node was faster: all that lost to it must not try again at the same moment.
        if (tries > 0) await sleep(Math.random() * JITTER_MS * tries)
        const before = await this.#load(titleId)
        entries = keepNumbers(before.entries, own, answers)
        // Writing a large list is as much work again.
        await partQueue.next(owners)
        if (await this.#save(titleId, before, entries)) break
      }
      this.#setDegraded(false)
    } catch (error) {
      this.#setDegraded(true, error)
    }
    if (entries.length > 0) this.#local.set(titleId, JSON.stringify(entries))
    return entries
  }

  /** The remembered source list, if any, with what the owned providers say now. Never rejects. */
  async read(
    titleId: string,
    owned: () => Promise<readonly ProviderAnswer[]>,
  ): Promise<readonly SourceListEntry[] | undefined> {
    const own = this.#own(titleId)
    const before = await this.#tryLoad(titleId)
    const shared = before?.entries ?? []
    if (shared.length + own.length === 0) return undefined
    // New sources wait for the next list, which writes them: no number before all nodes know it.
    const known = new Set(
      [...shared, ...own].map(({ key, source }) => entryId(key, source.locator)),
    ).size
    const entries = keepNumbers(shared, own, await owned()).slice(0, known)
    this.#local.set(titleId, JSON.stringify(entries))
    // Reading keeps a source list alive; the rest of what changed is written by the next list.
    if (before && shared.length > 0 && this.#isOld(before)) {
      await this.#save(titleId, before, entries).catch((error) => this.#setDegraded(true, error))
    }
    return entries
  }

  #own(titleId: string): readonly SourceListEntry[] {
    return JSON.parse(this.#local.get(titleId) ?? '[]') as SourceListEntry[]
  }

  async #tryLoad(titleId: string): Promise<Loaded | undefined> {
    try {
      const loaded = await this.#load(titleId)
      this.#setDegraded(false)
      return loaded
    } catch (error) {
      this.#setDegraded(true, error)
      return undefined
    }
  }

  /** Empty and older than everything when there is none. @throws what the index throws */
  async #load(titleId: string): Promise<Loaded> {
    const { value, revision } = await this.#stored.load(titleId)
    if (!value && revision > 0) {
      this.#log.warn({ title: titleId }, 'a source list in the index is not readable')
    }
    return { usedAt: 0, entries: [], ...value, revision }
  }

  /** Answers whether the index now holds this source list. @throws what the index throws */
  async #save(titleId: string, before: Loaded, entries: readonly SourceListEntry[]) {
    const changed = signature(before.entries) !== signature(entries)
    if (!changed && (entries.length === 0 || !this.#isOld(before))) return true
    const value = storableSourceList({ usedAt: this.#clock.wall(), entries })
    if (isCutShort(value)) this.#sayCutShort(titleId)
    return this.#stored.save(titleId, value, before.revision)
  }

  #isOld({ usedAt }: Loaded): boolean {
    return Math.abs(this.#clock.wall() - usedAt) > DAY_MS
  }

  /** Once: whoever can make one list large can make many. */
  #sayCutShort(title: string): void {
    if (this.#saidCutShort) return
    this.#saidCutShort = true
    const facts = { title, maxBytes: MAX_LIST_BYTES }
    this.#log.warn(facts, 'a source list is too large: some of its sources keep their number only')
  }

  #setDegraded(degraded: boolean, error?: unknown): void {
    if (degraded === this.#degraded) return
    this.#degraded = degraded
    if (degraded) {
      this.#log.warn(
        { err: error },
        'the shared source lists cannot be reached; numbering from memory',
      )
    } else this.#log.info('the shared source lists can be reached again')
  }
}

/**
 * What of a source list is worth a write when it changes; seeders and sizes change all the time. Whether a
 * local file is there each node knows for itself: two of them would write against each other for ever.
 */
const signature = (entries: readonly SourceListEntry[]): string =>
  entries
    .map(({ key, listed, retired, source }) =>
      isLocal(source.locator) ? key : `${key}${Number(listed)}${Number(retired)}`,
    )
    .join()
