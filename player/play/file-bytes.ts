import type { FileStore } from '../../cache/disk/file-store.ts'
import { type FileKey, fileEtag } from '../../common/bittorrent/file-key.ts'
import type { ByteReader } from '../../common/byte-reader.ts'
import type { Clock } from '../../common/clock.ts'
import type { TorrentEngine } from '../../torrent/protocol/torrent-engine.ts'
import type { Downloads } from '../downloads/downloads.ts'
import type { EvictionAllowances } from '../downloads/eviction-allowances.ts'
import type { Download } from '../downloads/run-download.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import { IdleWatch } from '../files/idle-watch.ts'
import type { BytesPlayable } from '../files/playable.ts'
import { createReadTimeouts, WatchedReader } from '../files/watched-reader.ts'
import type { Share } from '../jobs/job-share.ts'
import type { Viewer } from '../jobs/viewer.ts'

export interface FileBytesParts {
  readonly store: Pick<FileStore, 'pin'>
  readonly downloads: Pick<Downloads, 'join' | 'joinRunning'>
  readonly engine: Pick<TorrentEngine, 'learn'>
  /** How long a read may wait for bytes after the first one, in milliseconds. */
  readonly stallMs: number
  /** A viewer that takes nothing for so long gives its place to one that waits, in milliseconds. */
  readonly idleViewerMs: number
  readonly allowances: Pick<EvictionAllowances, 'read'>
  readonly clock: Clock
}

/** The bytes of a file of a torrent, from wherever they are now. */
export class FileBytes {
  readonly #parts: FileBytesParts

  constructor(parts: FileBytesParts) {
    this.#parts = parts
  }

  /**
   * From disk or from a running download; undefined when there is neither.
   * @param joined called when it is a download, before its first byte is waited for
   * @throws Fault as openOrFetch
   */
  async openExisting(
    key: FileKey,
    viewer: Viewer,
    joined?: () => void,
  ): Promise<BytesPlayable | undefined> {
    const { store, downloads } = this.#parts
    const disk = await openStored(store, key)
    if (disk) return disk
    const share = downloads.joinRunning(key, viewer.address)
    if (share) joined?.()
    return share && this.#fromDownload(key, share, viewer)
  }

  /** Begins a download when there is none. @throws Fault TOO_MANY_REQUESTS, TOO_MANY_ARRIVALS, NO_FIRST_BYTE, DOES_NOT_FIT, ... */
  async openOrFetch(
    fetchable: FetchableFile,
    viewer: Viewer,
    joined?: () => void,
  ): Promise<BytesPlayable> {
    const { key, spec } = fetchable
    // The download may have been begun for another source of the torrent, with other trackers.
    const existing = await this.openExisting(key, viewer, () => {
      this.#parts.engine.learn(spec)
      joined?.()
    })
    if (existing) return existing
    await viewer.startCold()
    const share = this.#parts.downloads.join(fetchable, viewer.address)
    return this.#fromDownload(key, share, viewer)
  }

  /** The share is given back here when the download does not begin in time, else by the playable. */
  async #fromDownload(key: FileKey, share: Share<Download>, viewer: Viewer) {
    try {
      const late = () => (share.queued ? 'TOO_MANY_ARRIVALS' : 'NO_FIRST_BYTE')
      const download = await viewer.wait(share.result, late)
      return this.#playable(key, download, share, viewer)
    } catch (error) {
      share.leave()
      throw error
    }
  }

  #playable(
    key: FileKey,
    download: Download,
    share: Share<Download>,
    viewer: Viewer,
  ): BytesPlayable {
    const { stallMs, idleViewerMs, clock } = this.#parts
    const timeouts = createReadTimeouts(() => viewer.firstByteBy - clock.steady(), stallMs)
    const idle = new IdleWatch(idleViewerMs, (isIdle) => share.setIdle(isIdle))
    const endedBy = () => share.endedBy
    return {
      kind: 'bytes',
      from: download.from,
      name: download.name,
      size: download.size,
      etag: fileEtag(key),
      times: download.times,
      measuredAs: key,
      rate: () => download.rate?.(),
      has: (range) => download.source().has?.(range) ?? true,
      read: (range) => {
        const reader = new WatchedReader(range, download.source, timeouts, endedBy)
        return idle.watch(this.#counted(reader, download, viewer))
      },
      release() {
        idle.end()
        share.leave()
      },
    }
  }

  /** What a viewer has taken of a download counts for what may be evicted for it. */
  #counted(reader: ByteReader, download: Download, viewer: Viewer): ByteReader {
    const { address, connection } = viewer
    return {
      read: async (into) => {
        const got = await reader.read(into)
        const isCounted = address !== undefined && connection !== undefined
        download.wasRead(isCounted ? this.#parts.allowances.read(address, connection, got) : got)
        return got
      },
      close: () => reader.close(),
    }
  }
}

async function openStored(
  store: FileBytesParts['store'],
  key: FileKey,
): Promise<BytesPlayable | undefined> {
  const pinned = await store.pin(key)
  if (!pinned) return undefined
  return {
    kind: 'bytes',
    from: 'disk',
    name: pinned.record.name,
    size: pinned.size,
    etag: fileEtag(key),
    storedKey: key,
    read: (range) => pinned.read(range),
    release: () => pinned.release(),
  }
}
