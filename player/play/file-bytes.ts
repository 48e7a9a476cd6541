import type { FileStore } from '../../cache/disk/file-store.ts'
import { type FileKey, fileEtag } from '../../common/bittorrent/file-key.ts'
import type { Clock } from '../../common/clock.ts'
import type { Download, Downloads } from '../downloads/downloads.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { BytesPlayable } from '../files/playable.ts'
import { createReadTimeouts, createWatchedReader } from '../files/watched-reader.ts'
import type { Share } from '../jobs/shared-job.ts'
import type { Viewer } from '../jobs/viewer.ts'

/** The bytes of a content, from wherever they are now; one download for all who ask. */
export interface FileBytes {
  /** On disk, or on the way already; undefined when neither. @throws Fault as open */
  openExisting(key: FileKey, viewer: Viewer): Promise<BytesPlayable | undefined>
  /** Fetched when it is not here. @throws Fault TOO_MANY_ARRIVALS, NO_FIRST_BYTE, DOES_NOT_FIT, ... */
  openOrFetch(fetchable: FetchableFile, viewer: Viewer): Promise<BytesPlayable>
}

export interface FileBytesParts {
  readonly store: FileStore
  readonly downloads: Downloads
  readonly stallMs: number
  readonly clock: Clock
}

export function createFileBytes(parts: FileBytesParts): FileBytes {
  const { store, downloads } = parts

  async function here(key: FileKey, viewer: Viewer): Promise<BytesPlayable | undefined> {
    const disk = await fromDisk(store, key)
    if (disk) return disk
    const share = downloads.joinRunning(key)
    return share && fromDownload(key, share, viewer)
  }

  /** The share goes back here when the download does not begin in time, else with the playable. */
  async function fromDownload(key: FileKey, share: Share<Download>, viewer: Viewer) {
    try {
      const late = () => (share.queued ? 'TOO_MANY_ARRIVALS' : 'NO_FIRST_BYTE')
      const download = await viewer.wait(share.ready, late)
      return downloadPlayable(parts, key, download, share, viewer)
    } catch (error) {
      share.leave()
      throw error
    }
  }

  return {
    openExisting: here,
    async openOrFetch(fetchable, viewer) {
      const now = await here(fetchable.key, viewer)
      return now ?? (await fromDownload(fetchable.key, downloads.join(fetchable), viewer))
    },
  }
}

async function fromDisk(store: FileStore, key: FileKey): Promise<BytesPlayable | undefined> {
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

function downloadPlayable(
  { stallMs, clock }: FileBytesParts,
  key: FileKey,
  download: Download,
  share: Share<Download>,
  viewer: Viewer,
): BytesPlayable {
  const timeouts = createReadTimeouts(() => viewer.firstByteBy - clock.steady(), stallMs)
  return {
    kind: 'bytes',
    from: download.from,
    name: download.name,
    size: download.size,
    etag: fileEtag(key),
    times: download.times,
    read: (range) => createWatchedReader(range, download.source, timeouts),
    release: () => share.leave(),
  }
}
