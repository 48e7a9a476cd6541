import { setTimeout as sleep } from 'node:timers/promises'
import type { FileStore } from '../../cache/disk/file-store.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import { asFault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Title } from '../../common/title.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import { inViewersOrder } from '../../sources/matching/viewers-order.ts'
import type { NumberedSource, Source } from '../../sources/source.ts'
import type { Downloads } from '../downloads/downloads.ts'
import { allowedTorrent, refuseBlocked } from '../files/blocked.ts'
import { fetchableFile, type WantedFile } from '../files/fetchable-file.ts'
import type { KnownFiles } from '../files/known-files.ts'
import type { CacheState } from '../files/playable.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'
import type { EpisodePlay } from './next-episode-predictor.ts'

export interface FetchAheadParts {
  readonly sourceLists: Pick<SourceLists, 'list' | 'recall'>
  readonly blocklist: Blocklist
  readonly store: Pick<FileStore, 'stored'>
  readonly state: (title: Title, source: Source) => CacheState
  /** What clients compare to find the next episode's stream: addon/binge-group.ts. */
  readonly groupOf: (title: Title, source: Source) => string
  readonly knownFiles: KnownFiles
  readonly metadata: TorrentMetadata
  readonly downloads: Downloads
  readonly wantedFile: WantedFile
  readonly fetchAheadDelayMs: number
  readonly log: Log
}

/** What is done before anybody asks for it (docs/decisions/0012-prefetch.md). */
export interface FetchAhead {
  /** The ends of what a viewer gets after that play; true when they are here. Never rejects. */
  nextEpisode(title: Title, after: EpisodePlay): Promise<boolean>
  /** The metadata of the first source of a list. Never rejects. */
  firstSource(title: Title): Promise<void>
  close(reason: unknown): Promise<void>
}

/** Of each kind at once; more are left, not queued: a guess that comes late is of no use. */
const AT_ONCE = 2
/** A swarm that has not answered by then will hardly be what the viewer takes. */
const LONGEST_MS = 90_000

export function createFetchAhead(parts: FetchAheadParts): FetchAhead {
  const { downloads, metadata, knownFiles } = parts
  const ending = new AbortController()
  const running = { next: new Set<Promise<unknown>>(), first: new Set<Promise<unknown>>() }

  async function within<T>(
    kind: keyof typeof running,
    nothing: T,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (ending.signal.aborted || running[kind].size >= AT_ONCE) return nothing
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new Error('took too long')), LONGEST_MS)
    const one = work(AbortSignal.any([ending.signal, late.signal])).catch((error: unknown) => {
      parts.log.debug({ kind, code: asFault(error).code }, 'a guess came to nothing')
      return nothing
    })
    running[kind].add(one)
    try {
      return await one
    } finally {
      clearTimeout(timer)
      running[kind].delete(one)
    }
  }

  async function listed(title: Title, signal: AbortSignal): Promise<readonly NumberedSource[]> {
    const found =
      (await parts.sourceLists.recall(title)) ?? (await parts.sourceLists.list(title, signal))
    const sources = found.sources.filter((source) => source.listed && !source.retired)
    const items = sources.map((source) => ({ source, state: parts.state(title, source) }))
    return inViewersOrder(items).map(({ source }) => source)
  }

  async function played({ title, number, key }: EpisodePlay): Promise<NumberedSource | undefined> {
    const sources = (await parts.sourceLists.recall(title))?.sources ?? []
    return sources.find((one) => (key ? one.key === key : one.number === number))
  }

  async function describe(title: Title, source: NumberedSource, signal: AbortSignal) {
    const { locator } = source
    // What we do not fetch ourselves needs no fetching ahead.
    if (locator.kind === 'url' || locator.kind === 'path') return undefined
    const known = await knownFiles.recall(title, source)
    refuseBlocked(parts.blocklist, known?.infoHash)
    if (known && parts.store.stored(known.key)) return undefined
    const found = await metadata.fetchAhead(locator, known?.infoHash, signal)
    return found && allowedTorrent(parts.blocklist, found)
  }

  async function fetchNext(title: Title, after: EpisodePlay, signal: AbortSignal) {
    // The play that led here has just begun itself: its first bytes come before any guess.
    await sleep(parts.fetchAheadDelayMs, undefined, { signal })
    const before = await played(after)
    if (!before) return false
    const group = parts.groupOf(after.title, before)
    const sources = await listed(title, signal)
    const source = sources.find((one) => parts.groupOf(title, one) === group)
    const metainfo = source && (await describe(title, source, signal))
    if (!source || !metainfo) return false
    const fetchable = fetchableFile(metainfo, title, source, parts.wantedFile)
    void knownFiles.remember(title, source, fetchable)
    if (parts.store.stored(fetchable.key)) return true
    const whole = (await downloads.fetchAhead(fetchable, signal)) ?? false
    parts.log.debug({ key: fetchable.key, whole }, 'the ends of a next episode')
    return whole
  }

  return {
    nextEpisode: (title, after) =>
      within('next', false, (signal) => fetchNext(title, after, signal)),
    firstSource: (title) =>
      within('first', undefined, async (signal) => {
        const [source] = await listed(title, signal)
        if (source) await describe(title, source, signal)
        return undefined
      }),
    async close(reason) {
      ending.abort(reason)
      await Promise.all([...running.next, ...running.first])
    },
  }
}
