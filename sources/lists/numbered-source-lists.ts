import { LRUCache } from 'lru-cache'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { type Blocklist, emptyBlocklist } from '../../common/blocklist.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { type Title, titleId } from '../../common/title.ts'
import { createFlights } from '../flights.ts'
import type { NumberedSource, SourceProvider } from '../source.ts'
import { isBlocked, withoutBlockedHosts } from './blocked-source.ts'
import {
  createLookUp,
  type LookUpOptions,
  type ProviderAnswer,
  type ProviderCall,
} from './look-up.ts'
import { createSourceListStore } from './source-list-store.ts'
import type { SourceList, SourceLists } from './source-lists.ts'
import type { SourceListEntry } from './stored-source-list.ts'

export interface SourceListsDeps {
  /** In the order of a title's first numbers. */
  readonly providers: readonly SourceProvider[]
  readonly index: CacheIndex
  readonly clock: Clock
  readonly log: Log
  /** For each provider of one look-up. */
  readonly lookupTimeoutMs?: number
  /** How long a network provider's answer is used again by lists, and by plays of unknown sources. */
  readonly freshMs?: number
  /** How long an older answer is given at once, while it is asked for again behind. */
  readonly staleMs?: number
  readonly listDeadlineMs?: number
  /** How long a finished list is given again as it is, to many who ask at the same time. */
  readonly listCacheMs?: number
  readonly observe?: (asked: ProviderCall) => void
  /** What is on it is retired for as long as it is. */
  readonly blocklist?: Blocklist
}

/**
 * People look at a list that loads, and clients show addons that are late as failed: half of the
 * time a provider gets. What comes later stands in the next list.
 */
export const LIST_DEADLINE_MS = 4000
const FRESH_MS = 600_000
const STALE_MS = 3_600_000
const LIST_CACHE_MS = 1000
const CACHED_TITLES = 500
/** In all of them; streams that were made of them stay as long as they do. */
const CACHED_SOURCES = 10_000
/** "Not found after one fresh look-up": an answer this old is fresh enough for a play. */
const PLAY_FRESH_MS = 60_000

/** The append-only source list of every title (docs/decisions/0002-numbered-book.md). */
export function createSourceLists(deps: SourceListsDeps): SourceLists & { close(): void } {
  const { providers, clock, log, lookupTimeoutMs: timeoutMs = 8000, observe } = deps
  const { blocklist = emptyBlocklist } = deps
  const { listCacheMs = LIST_CACHE_MS } = deps
  const { freshMs = FRESH_MS, staleMs = STALE_MS, listDeadlineMs = LIST_DEADLINE_MS } = deps
  const lookUp = createLookUp({ providers, clock, log, timeoutMs, observe })
  const shelf = createSourceListStore(deps.index, clock, log)
  const flights = createFlights<SourceList>()
  const memo = new LRUCache<string, { at: number; sourceList: SourceList }>({
    max: CACHED_TITLES,
    maxSize: CACHED_SOURCES,
    sizeCalculation: ({ sourceList }) => sourceList.sources.length + 1,
  })
  const names = new Set(providers.map(({ name }) => name))

  /** What a provider reported that is no longer set up here is not listed; the note keeps it. */
  function sourceListOf(
    title: Title,
    entries: readonly SourceListEntry[],
    failed: readonly string[],
  ): SourceList {
    const sources = entries.map(({ source, key, ...line }, number) => {
      const retired = line.retired || isBlocked(blocklist, title, source)
      const listed = line.listed && !retired && names.has(source.provider)
      const locator = withoutBlockedHosts(blocklist, source.locator)
      return { ...source, locator, number, key, listed, retired }
    })
    return { sources, failed }
  }

  async function ask(title: Title, patience: LookUpOptions, signal: AbortSignal) {
    if (blocklist.hasTitle(title.imdbId)) {
      return sourceListOf(title, (await shelf.read(titleId(title), async () => [])) ?? [], [])
    }
    const answers = await lookUp.all(title, patience, signal)
    const failed = failedIn(answers)
    const entries = await shelf.update(titleId(title), answers)
    if (entries.length === 0 && failed.length > 0 && failed.length === answers.length) {
      throw new Fault('PROVIDERS_FAILED')
    }
    return sourceListOf(title, entries, failed)
  }

  const list: SourceLists['list'] = async (title, signal, relayed = false) => {
    const name = `${relayed ? 'relayed ' : ''}${titleId(title)}`
    const known = memo.get(name)
    if (known && clock.steady() - known.at < listCacheMs) return known.sourceList
    return flights.join(name, signal, async (shared) => {
      const patience = { deadlineMs: listDeadlineMs, freshMs, staleMs, relayed }
      const sourceList = await ask(title, patience, shared)
      memo.set(name, { at: clock.steady(), sourceList })
      return sourceList
    })
  }

  /** For a play: every provider has its whole time, and nothing old is believed. */
  const search = (title: Title, signal: AbortSignal) =>
    flights.join(`search ${titleId(title)}`, signal, (shared) => {
      const most = Math.min(freshMs, PLAY_FRESH_MS)
      return ask(
        title,
        { deadlineMs: timeoutMs, freshMs: most, staleMs: 0, relayed: false },
        shared,
      )
    })

  const recall: SourceLists['recall'] = (title) =>
    flights
      .join(`recall ${titleId(title)}`, new AbortController().signal, async (shared) => {
        const entries = await shelf.read(titleId(title), () => lookUp.owned(title, shared))
        return sourceListOf(title, entries ?? [], [])
      })
      .then((sourceList) => (sourceList.sources.length > 0 ? sourceList : undefined))

  return {
    list,
    recall,
    async resolve(title, number, key, signal) {
      const remembered = await recall(title)
      signal.throwIfAborted()
      const known = remembered && pick(remembered, number, key)
      if (known) return playable(known)
      const fresh = await search(title, signal)
      const found = pick(fresh, number, key)
      if (found) return playable(found)
      // A provider that is down may be the one that knows it: that is no 404.
      if (providers.length > 0 && fresh.failed.length === providers.length) {
        throw new Fault('PROVIDERS_FAILED')
      }
      const available = fresh.sources.filter(({ listed, retired }) => listed && !retired).length
      if (fresh.sources.length === 0) throw new Fault('UNKNOWN_TITLE', { available })
      throw new Fault(key === undefined ? 'UNKNOWN_SOURCE' : 'SOURCE_GONE', { available })
    },
    close() {
      flights.close()
      lookUp.close()
    },
  }
}

const failedIn = (answers: readonly ProviderAnswer[]): string[] =>
  answers.filter(({ sources }) => sources === undefined).map(({ provider }) => provider.name)

/** The key wins: after a lost source list the same number may mean another source. */
const pick = ({ sources }: SourceList, number: number, key: string | undefined) => {
  const meant = sources[number]
  if (key === undefined || meant?.key === key) return meant
  return sources.find((source) => source.key === key)
}

/** @throws Fault SOURCE_GONE */
function playable(source: NumberedSource): NumberedSource {
  if (source.retired) throw new Fault('SOURCE_GONE')
  return source
}
