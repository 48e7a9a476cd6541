import type { FileStore, PinnedFile } from '../../cache/disk/file-store.ts'
import type { StoredEntry } from '../../cache/index/stored-entry.ts'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { rebuildMetainfo } from '../../common/bittorrent/metainfo.ts'
import { footprint } from '../../common/bittorrent/piece-layout.ts'
import type { Blocklist } from '../../common/blocklist.ts'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { FileDownload, TorrentEngine } from '../../torrent/protocol/torrent-engine.ts'
import { allowedTorrent } from '../files/blocked.ts'
import type { MetainfoValidator } from '../metadata/torrent-lookup.ts'
import type { SeedCount } from './seed-counts.ts'

export interface SeedParts {
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

/** One complete file that is offered to its swarm. */
export class Seed {
  readonly #parts: SeedParts
  readonly #pinned: PinnedFile
  readonly #file: FileDownload
  #count: SeedCount
  #countedAt: number
  /** What the engine told last; it begins anew with each of its processes. */
  #told = 0
  #isWhole = true

  /**
   * Undefined when the file is not here any more, or its metainfo was not kept.
   * @throws what the engine and the index throw, Fault SOURCE_GONE
   */
  static async open(parts: SeedParts, key: FileKey): Promise<Seed | undefined> {
    const { store, counts } = parts
    const { value = { uploaded: 0, seconds: 0 } } = await counts.load(key)
    const pinned = await store.pin(key)
    if (!pinned) return undefined
    try {
      const [infoHash = '', fileIdx = ''] = key.split('/')
      const kept = await store.readMetainfo(infoHash)
      const seed =
        kept && new Seed(parts, pinned, value, await offer(parts, pinned, kept, +fileIdx))
      if (!seed) pinned.release()
      return seed
    } catch (error) {
      pinned.release()
      throw error
    }
  }

  private constructor(
    parts: SeedParts,
    pinned: PinnedFile,
    count: SeedCount,
    { file, lost }: Awaited<ReturnType<typeof offer>>,
  ) {
    this.#parts = parts
    this.#pinned = pinned
    this.#count = count
    this.#file = file
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
    this.#pinned.release()
  }
}

/** Opens it in the engine: with every piece here and no reader nothing is fetched. */
async function offer(parts: SeedParts, pinned: PinnedFile, kept: Uint8Array, fileIdx: number) {
  const metainfo = allowedTorrent(parts.blocklist, await parts.validateMetainfo(kept))
  const { infoHash, trackers, webSeeds } = metainfo
  const { record, folder } = pinned
  const lost = Promise.withResolvers<void>()
  const file = await parts.engine.open(
    { infoHash, trackers, webSeeds, metainfo: rebuildMetainfo(metainfo, trackers, webSeeds) },
    {
      folder,
      fileIdx,
      layout: record.layout,
      have: new Bitfield(record.pieces.length, record.pieces.bytes),
      trusted: true,
      fill: 'window',
      room: footprint(record.layout),
    },
    { verified: () => {}, missing: () => lost.resolve(), needsRoom: () => {} },
    AbortSignal.timeout(OPEN_MS),
  )
  file.finished.catch(() => lost.resolve())
  return { file, lost: lost.promise }
}
