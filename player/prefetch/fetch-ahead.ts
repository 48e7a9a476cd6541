import { setTimeout as sleep } from 'node:timers/promises'
import type { FileStore } from '../../cache/disk/file-store.ts'
import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import { asFault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Title } from '../../common/title.ts'
import type { NumberedSource } from '../../sources/source.ts'
import type { Downloads } from '../downloads/downloads.ts'
import { allowedTorrent, refuseBlocked } from '../files/blocked.ts'
import { type FindWantedFile, fetchableFile } from '../files/fetchable-file.ts'
import type { KnownFiles } from '../files/known-files.ts'
import type { TorrentMetadata } from '../metadata/torrent-metadata.ts'
import { type ListedParts, listedSources } from './listed-sources.ts'
import type { EpisodePlay } from './next-episode-predictor.ts'

export interface FetchAheadParts extends ListedParts {
  readonly blocklist: Blocklist
  readonly store: Pick<FileStore, 'stored'>
  /** What clients compare to find the next episode's stream: addon/binge-group.ts. */
  readonly groupOf: (title: Title, source: NumberedSource) => string
  readonly knownFiles: KnownFiles
  readonly metadata: Pick<TorrentMetadata, 'fetchAhead'>
  readonly downloads: Pick<Downloads, 'fetchAhead'>
  readonly wantedFile: FindWantedFile
  /** Between the start of a play and the fetching of what may come after it, in milliseconds. */
  readonly delayMs: number
  readonly log: Log
}

type Kind = 'next' | 'first'

/** Of each kind at once. More are dropped, not queued: what is fetched late is of no use. */
const MAX_AT_ONCE = 2
/** A viewer will hardly choose a swarm that has not answered by then. */
const TIMEOUT_MS = 90_000

/** Fetches what a viewer may ask for next (docs/decisions/0012-prefetch.md). */
export class FetchAhead {
  readonly #parts: FetchAheadParts
  readonly #closing = new AbortController()
  readonly #running: Readonly<Record<Kind, Set<Promise<unknown>>>> = {
    next: new Set(),
    first: new Set(),
  }

  constructor(parts: FetchAheadParts) {
    this.#parts = parts
  }

  /**
   * Head and tail of what a viewer gets after that play; resolves with whether they are here.
   * Never rejects.
   */
  nextEpisode(title: Title, after: EpisodePlay): Promise<boolean> {
    return this.#limited('next', false, (signal) => this.#fetchNext(title, after, signal))
  }

  /** The metadata of the first source in a list. Never rejects. */
  firstSource(title: Title): Promise<void> {
    return this.#limited('first', undefined, async (signal) => {
      const [source] = await listedSources(this.#parts, title, signal)
      if (source) await this.#metainfoOf(title, source, signal)
    })
  }

  async close(reason: unknown): Promise<void> {
    this.#closing.abort(reason)
    await Promise.all([...this.#running.next, ...this.#running.first])
  }

  /** Gives `otherwise` when the work fails, takes too long, or may not begin. */
  async #limited<T>(
    kind: Kind,
    otherwise: T,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const running = this.#running[kind]
    if (this.#closing.signal.aborted || running.size >= MAX_AT_ONCE) return otherwise
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new Error('took too long')), TIMEOUT_MS)
    const result = work(AbortSignal.any([this.#closing.signal, late.signal])).catch(
      (error: unknown) => {
        this.#parts.log.debug({ kind, code: asFault(error).code }, 'a guess came to nothing')
        return otherwise
      },
    )
    running.add(result)
    try {
      return await result
    } finally {
      clearTimeout(timer)
      running.delete(result)
    }
  }

  async #fetchNext(title: Title, after: EpisodePlay, signal: AbortSignal): Promise<boolean> {
    const { groupOf, knownFiles, store, downloads, wantedFile, delayMs, log } = this.#parts
    // The play that led here has only just begun: its own first bytes come first.
    await sleep(delayMs, undefined, { signal })
    const before = await this.#played(after)
    if (!before) return false
    const group = groupOf(after.title, before)
    const sources = await listedSources(this.#parts, title, signal)
    const source = sources.find((one) => groupOf(title, one) === group)
    const metainfo = source && (await this.#metainfoOf(title, source, signal))
    if (!source || !metainfo) return false
    const fetchable = await fetchableFile(metainfo, title, source, wantedFile)
    void knownFiles.remember(title, source, fetchable)
    if (store.stored(fetchable.key)) return true
    const whole = (await downloads.fetchAhead(fetchable, signal)) ?? false
    log.debug({ key: fetchable.key, whole }, 'the ends of a next episode')
    return whole
  }

  async #played({ title, number, sourceKey }: EpisodePlay): Promise<NumberedSource | undefined> {
    const sources = (await this.#parts.sourceLists.recall(title))?.sources ?? []
    return sources.find((one) => (sourceKey ? one.key === sourceKey : one.number === number))
  }

  /** Undefined when nothing of that source has to be fetched. */
  async #metainfoOf(
    title: Title,
    source: NumberedSource,
    signal: AbortSignal,
  ): Promise<Metainfo | undefined> {
    const { blocklist, knownFiles, store, metadata } = this.#parts
    const { locator } = source
    if (locator.kind === 'url' || locator.kind === 'path') return undefined
    const known = await knownFiles.recall(title, source)
    refuseBlocked(blocklist, known?.infoHash)
    if (known && store.stored(known.key)) return undefined
    const found = await metadata.fetchAhead(locator, known?.infoHash, signal)
    return found && allowedTorrent(blocklist, found)
  }
}
