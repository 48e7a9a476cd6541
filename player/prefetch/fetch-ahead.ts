import { setTimeout as sleep } from 'node:timers/promises'
import type { FileStore } from '../../cache/disk/file-store.ts'
import { MOST_WORK_MS } from '../../cluster/balancer.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Ahead } from '../../cluster/node-path.ts'
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
  /** Where several nodes share one index. */
  readonly cluster?:
    | {
        readonly balancer: Pick<Cluster['balancer'], 'fetchAhead'>
        readonly torrents: Pick<Cluster['torrents'], 'holds'>
      }
    | undefined
  /** Between the start of a play and the fetching of what may come after it, in milliseconds. */
  readonly delayMs: number
  readonly log: Log
}

type Kind = 'next' | 'first' | 'asked'

/** Of each kind at once. More are dropped, not queued: what is fetched late is of no use. */
const MAX_AT_ONCE = 2
/** A viewer will hardly choose a swarm that has not answered by then. */
const TIMEOUT_MS: Readonly<Record<Kind, number>> = {
  next: 90_000,
  first: 90_000,
  asked: MOST_WORK_MS,
}

/** Fetches what a viewer may ask for next (docs/decisions/0012-prefetch.md). */
export class FetchAhead {
  readonly #parts: FetchAheadParts
  readonly #closing = new AbortController()
  readonly #running: Readonly<Record<Kind, Set<Promise<unknown>>>> = {
    next: new Set(),
    first: new Set(),
    asked: new Set(),
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
      if (!source || (await this.#askedFor(title, source, 'metadata', signal)) !== undefined) return
      await this.#metainfoOf(title, source, signal)
    })
  }

  /**
   * What another node asks of this one, which will get the play; nobody else is asked for it in turn. Resolves with
   * whether it is here. Never rejects.
   */
  asked(play: EpisodePlay, what: Ahead, leaving: AbortSignal): Promise<boolean> {
    return this.#limited('asked', false, async (ending) => {
      const signal = AbortSignal.any([ending, leaving])
      const source = await this.#played(play)
      if (!source) return false
      if (what === 'ends') return this.#fetchEnds(play.title, source, signal)
      return (await this.#metainfoOf(play.title, source, signal)) !== undefined
    })
  }

  async close(reason: unknown): Promise<void> {
    this.#closing.abort(reason)
    const { next, first, asked } = this.#running
    await Promise.all([...next, ...first, ...asked])
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
    const timer = setTimeout(() => late.abort(new Error('took too long')), TIMEOUT_MS[kind])
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
    const { groupOf, delayMs } = this.#parts
    // The play that led here has only just begun: its own first bytes come first.
    await sleep(delayMs, undefined, { signal })
    const before = await this.#played(after)
    if (!before) return false
    const group = groupOf(after.title, before)
    const sources = await listedSources(this.#parts, title, signal)
    const source = sources.find((one) => groupOf(title, one) === group)
    if (!source) return false
    const asked = await this.#askedFor(title, source, 'ends', signal)
    return asked ?? this.#fetchEnds(title, source, signal)
  }

  /** Undefined when it is this node's to do: there is no other, or it has or fetches the torrent itself. */
  async #askedFor(
    title: Title,
    source: NumberedSource,
    what: Ahead,
    signal: AbortSignal,
  ): Promise<boolean | undefined> {
    const { cluster, knownFiles, store } = this.#parts
    if (!cluster || source.locator.kind === 'url' || source.locator.kind === 'path')
      return undefined
    const known = await knownFiles.recall(title, source)
    const infoHash = known?.infoHash ?? source.locator.infoHash
    if (known && store.stored(known.key)) return undefined
    if (infoHash !== undefined && cluster.torrents.holds(infoHash)) return undefined
    return cluster.balancer.fetchAhead(title, source, what, signal)
  }

  async #fetchEnds(title: Title, source: NumberedSource, signal: AbortSignal): Promise<boolean> {
    const { knownFiles, store, downloads, wantedFile, log } = this.#parts
    const metainfo = await this.#metainfoOf(title, source, signal)
    if (!metainfo) return false
    const fetchable = await fetchableFile(metainfo, title, source, wantedFile)
    void knownFiles.remember(title, source, fetchable)
    if (store.stored(fetchable.key)) return true
    const whole = (await downloads.fetchAhead(fetchable, signal)) ?? false
    log.debug({ key: fetchable.key, whole }, 'the ends of a next episode')
    return whole
  }

  /** As remembered; no provider is asked. */
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
