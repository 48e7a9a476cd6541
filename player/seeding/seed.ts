import type { FileStore, PinnedFile } from '../../cache/disk/file-store.ts'
import type { StoredEntry } from '../../cache/index/stored-entry.ts'
import type { TorrentLease } from '../../cluster/torrent-lease.ts'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import { type FileKey, parseFileKey } from '../../common/bittorrent/file-key.ts'
import { footprint } from '../../common/bittorrent/piece-layout.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type {
  DownloadPlace,
  FileDownload,
  TorrentEngine,
} from '../../torrent/protocol/torrent-engine.ts'
import { allowedTorrent } from '../files/blocked.ts'
import { specOf } from '../files/fetchable-file.ts'
import type { SharedTorrents } from '../jobs/hold-torrent.ts'
import type { MetainfoValidator } from '../metadata/torrent-lookup.ts'
import type { SeedCount } from './seed-counts.ts'

export interface SeedParts extends SharedTorrents {
  readonly store: Pick<FileStore, 'pin' | 'readMetainfo'>
  readonly engine: Pick<TorrentEngine, 'open'>
  readonly blocklist: Blocklist
  readonly validateMetainfo: MetainfoValidator
  readonly clock: Clock
  readonly log: Log
  readonly counts: StoredEntry<FileKey, SeedCount>
}

/** Opening it reads nothing of the file; an engine that takes longer is in trouble. */
const OPEN_MS = 30_000

interface Offered {
  readonly file: FileDownload
  /** Resolves when pieces of it are not on disk after all, or another node has the torrent open. */
  readonly lost: Promise<void>
  readonly lease: TorrentLease | undefined
}

/** One complete file that is offered to its swarm. */
export class Seed {
  readonly #parts: SeedParts
  readonly #pinned: PinnedFile
  readonly #file: FileDownload
  readonly #lease: TorrentLease | undefined
  #count: SeedCount
  #countedAt: number
  /** What the engine told last; it begins anew with each of its processes. */
  #told = 0
  #isWhole = true

  /**
   * Undefined when the file is not here any more, or its metainfo was not kept.
   * @param count what it was given so far
   * @throws what the engine throws, Fault SOURCE_GONE
   */
  static async open(parts: SeedParts, key: FileKey, count: SeedCount): Promise<Seed | undefined> {
    const pinned = await parts.store.pin(key)
    if (!pinned) return undefined
    try {
      const offered = await offer(parts, pinned)
      if (!offered) pinned.release()
      return offered && new Seed(parts, pinned, count, offered)
    } catch (error) {
      pinned.release()
      throw error
    }
  }

  private constructor(
    parts: SeedParts,
    pinned: PinnedFile,
    count: SeedCount,
    { file, lost, lease }: Offered,
  ) {
    this.#parts = parts
    this.#pinned = pinned
    this.#count = count
    this.#file = file
    this.#lease = lease
    this.#countedAt = parts.clock.steady()
    void lost.then(() => {
      this.#isWhole = false
    })
  }

  /** What it has been given so far. */
  get count(): SeedCount {
    return this.#count
  }

  /** False: pieces of it are not on disk after all. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  /** Counts since the last time, and keeps it. Never rejects. */
  async tally(): Promise<void> {
    const now = this.#parts.clock.steady()
    const told = this.#file.progress.uploaded ?? 0
    const since = told >= this.#told ? told - this.#told : told
    this.#count = {
      uploaded: this.#count.uploaded + since,
      seconds: this.#count.seconds + (now - this.#countedAt) / 1000,
    }
    this.#told = told
    this.#countedAt = now
    try {
      await this.#parts.counts.update(this.#pinned.record.key, () => this.#count)
    } catch (error) {
      this.#parts.log.debug({ err: error }, 'the index did not take a value')
    }
  }

  async close(): Promise<void> {
    await this.tally()
    await this.#file.close()
    this.#lease?.release()
    this.#pinned.release()
  }
}

/** Opens it in the engine: with every piece here and no reader nothing is fetched. @throws FetchedElsewhere */
async function offer(
  { store, validateMetainfo, blocklist, cluster, engine }: SeedParts,
  { record, folder }: PinnedFile,
): Promise<Offered | undefined> {
  const { infoHash, fileIdx } = parseFileKey(record.key) ?? {}
  const kept = infoHash && (await store.readMetainfo(infoHash))
  if (!kept || fileIdx === undefined) return undefined
  const metainfo = allowedTorrent(blocklist, await validateMetainfo(kept, infoHash))
  const lost = Promise.withResolvers<void>()
  const place: DownloadPlace = {
    folder,
    fileIdx,
    layout: record.layout,
    have: new Bitfield(record.pieces.length, record.pieces.bytes),
    trusted: true,
    fill: 'window',
    room: footprint(record.layout),
  }
  const events = { verified: () => {}, missing: () => lost.resolve(), needsRoom: () => {} }
  const lease = await cluster?.torrents.hold(infoHash)
  try {
    const file = await engine.open(specOf(metainfo), place, events, AbortSignal.timeout(OPEN_MS))
    file.finished.catch(() => lost.resolve())
    lease?.lost.addEventListener('abort', () => lost.resolve(), { once: true })
    if (lease?.lost.aborted) lost.resolve()
    return { file, lost: lost.promise, lease }
  } catch (error) {
    lease?.release()
    throw error
  }
}
