import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { MAX_METAINFO_BYTES } from '../../common/bittorrent/metainfo.ts'
import { Fault } from '../../common/errors.ts'
import { ownFile } from '../../common/own-file.ts'
import { openCacheFolder, TORRENT_FOLDER } from '../disk/cache-folder.ts'
import { infoHashOf, METAINFO } from '../disk/file-paths.ts'
import type { FileStore, PartialFile } from '../disk/file-store.ts'
import { isMissing, replaceFile } from '../disk/replace-file.ts'
import { openSlots } from '../disk/slot-files.ts'
import { makeFolder, removeTorrentFolder } from '../disk/stored-bytes.ts'
import { FilePins } from './file-pins.ts'
import { openRecordStore, type RecordStoreOptions } from './open-record-store.ts'
import { openPartial } from './partial-file.ts'
import type { RecordStore } from './record-store.ts'

/** The FileStore on this node's disk, with what only the janitor uses of it. */
export interface DiskFileStore extends FileStore {
  readonly dir: string
  /** Pinned only by readers that have taken nothing for a minute. */
  hasIdleReaders(key: FileKey): boolean
  /** Takes the pins of such readers, so that the file can be removed; their next read fails. */
  giveUpIdle(key: FileKey): void
  /** Removes folders of torrents without files, unchanged for `idleMs`. @returns how many */
  dropOrphans(idleMs: number): Promise<number>
  /** Saves how long the node has run (cache/store/running-time.ts). Never rejects. */
  saveRunningTime(): Promise<void>
}

export type FileStoreOptions = RecordStoreOptions

function metainfoOf(recordStore: RecordStore) {
  const folder = (infoHash: string): string => {
    if (!TORRENT_FOLDER.test(infoHash)) throw new Fault('INTERNAL')
    return join(recordStore.dir, infoHash)
  }
  const path = (infoHash: string): string => join(folder(infoHash), METAINFO)

  return {
    async readMetainfo(infoHash: string): Promise<Uint8Array | undefined> {
      const target = path(infoHash)
      try {
        const { size } = await lstat(target)
        return size > MAX_METAINFO_BYTES
          ? undefined
          : await readFile(target, { flag: ownFile.read })
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    writeMetainfo: (infoHash: string, metainfo: Uint8Array): Promise<void> =>
      recordStore.withLock(infoHash, async () => {
        const target = path(infoHash)
        // It may have waited longer than its file was there, and nobody counts what it takes.
        if (!recordStore.hasTorrent(infoHash)) return
        await makeFolder(folder(infoHash))
        await replaceFile(target, metainfo)
      }),
  }
}

/** Undefined: it has gone since it was listed, with its last file. */
async function statMaybe(path: string): Promise<{ readonly mtimeMs: number } | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function dropOrphans(recordStore: RecordStore, idleMs: number): Promise<number> {
  let dropped = 0
  const known = new Set([...recordStore.records.keys()].map(infoHashOf))
  for (const infoHash of await readdir(recordStore.dir)) {
    if (!TORRENT_FOLDER.test(infoHash) || known.has(infoHash)) continue
    const folder = join(recordStore.dir, infoHash)
    await recordStore.withLock(infoHash, async () => {
      // Checked again under the lock: a play may have begun since.
      if (recordStore.hasTorrent(infoHash)) return
      const found = await statMaybe(folder)
      if (!found || recordStore.clock.wall() - found.mtimeMs < idleMs) return
      await removeTorrentFolder(folder)
      dropped++
    })
  }
  return dropped
}

/** Partial files that are open. Closing the store closes them, and no new one is opened then. */
function createPartials(recordStore: RecordStore): Pick<FileStore, 'open' | 'close'> {
  const open = new Set<PartialFile>()
  let closing = false
  return {
    async open(key, name, layout, fence) {
      if (closing) throw new Fault('DRAINING')
      const partial = await openPartial(recordStore, key, { name, layout, fence })
      const tracked: PartialFile = {
        ...partial,
        close: () => partial.close().finally(() => open.delete(tracked)),
      }
      if (closing) {
        await partial.close()
        throw new Fault('DRAINING')
      }
      open.add(tracked)
      return tracked
    },
    async close() {
      closing = true
      await Promise.all([...open].map((partial) => partial.close()))
    },
  }
}

/**
 * Opens CACHE_DIR, locks it for this process and reads what it holds. Close it after everything that
 * uses its files; the index is closed by its owner.
 * @throws CacheFolderError
 */
export async function openFileStore(options: FileStoreOptions): Promise<DiskFileStore> {
  const { dir, log } = options
  const folder = await openCacheFolder(dir, log)
  const { recordStore, time } = await openRecordStore(folder, options)
  const pins = new FilePins(recordStore)
  const partials = createPartials(recordStore)
  let closing: Promise<void> | undefined

  const saveRunningTime = (): Promise<void> =>
    folder.saveRunningTime(time.now()).catch((err: unknown) => {
      log.warn({ err }, 'the running time of this node could not be written down')
    })

  async function close(): Promise<void> {
    await partials.close()
    pins.close()
    await recordStore.sidecars.end()
    await recordStore.idle()
    await saveRunningTime()
    await folder.release()
  }

  return {
    dir,
    node: folder.node,
    ...metainfoOf(recordStore),
    stored(key) {
      const record = recordStore.records.get(key)
      return record?.findable ? record : undefined
    },
    pin: (key) => (closing ? Promise.resolve(undefined) : pins.pin(key)),
    open: (...wanted) => partials.open(...wanted),
    openSlots: (key) => openSlots(dir, key),
    isPinned: (key) => recordStore.records.get(key)?.pinned ?? false,
    setKeep: (key, keep) => recordStore.setKeep(key, keep),
    hasIdleReaders: (key) => pins.hasIdleReaders(key),
    giveUpIdle: (key) => pins.giveUpIdle(key),
    remove: (key) => recordStore.remove(key),
    records: () => recordStore.records.values(),
    dropOrphans: (idleMs) => dropOrphans(recordStore, idleMs),
    saveRunningTime,
    close: () => (closing ??= close()),
  }
}
