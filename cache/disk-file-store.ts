import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../common/clock.ts'
import { Fault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import {
  type CacheFolder,
  emptyCacheFolder,
  openCacheFolder,
  TORRENT_FOLDER,
} from './cache-folder.ts'
import type { CacheIndex } from './cache-index.ts'
import { METAINFO, removeTorrentFolder } from './content-files.ts'
import type { FileStore, PartialFile } from './file-store.ts'
import { createHolder } from './hold-file.ts'
import { openPartial } from './partial-file.ts'
import { reconcile } from './reconcile.ts'
import { isMissing, replaceFile } from './replace-file.ts'
import { createRunningTime, type RunningTime } from './running-time.ts'
import { createShelf, type Shelf } from './shelf.ts'

/** A FileStore on this node's disk, with what only the janitor asks of it. */
export interface DiskFileStore extends FileStore {
  readonly dir: string
  /** Removes folders of torrents without contents, untouched for `idleMs`; answers how many. */
  dropOrphans(idleMs: number): Promise<number>
  /** Writes down how long the node has run (cache/running-time.ts). Never rejects. */
  keepTime(): Promise<void>
}

export interface FileStoreOptions {
  readonly dir: string
  /** False empties our own folder first. */
  readonly persistent: boolean
  readonly index: CacheIndex
  readonly clock: Clock
  readonly log: Log
}

/** The records of what the folder holds, known to the index. */
async function openShelf(
  place: CacheFolder,
  options: FileStoreOptions,
): Promise<{ shelf: Shelf; time: RunningTime }> {
  const { dir, index, clock, log } = options
  if (!options.persistent) await emptyCacheFolder(dir)
  const { records, changed, orphans, runningMs } = await reconcile(place, clock, log)
  const time = createRunningTime(runningMs, clock)
  const shelf = createShelf({ dir, node: place.node, time, index, clock, log })
  for (const record of records) {
    shelf.records.set(record.key, record)
    await shelf.report(record)
  }
  for (const record of changed) {
    await shelf.writeSidecar(record, record).catch((err: unknown) => {
      log.warn({ err, key: record.key }, 'a sidecar could not be written')
    })
  }
  if (records.length + orphans > 0) {
    log.info({ contents: records.length, orphans }, 'cache folder read')
  }
  return { shelf, time }
}

async function opened(place: CacheFolder, options: FileStoreOptions) {
  try {
    return await openShelf(place, options)
  } catch (error) {
    await place.release()
    throw error
  }
}

function metainfoOf(shelf: Shelf) {
  const folder = (infoHash: string): string => {
    if (!TORRENT_FOLDER.test(infoHash)) throw new Fault('INTERNAL')
    return join(shelf.dir, infoHash)
  }
  const path = (infoHash: string): string => join(folder(infoHash), METAINFO)

  return {
    folder,
    async readMetainfo(infoHash: string): Promise<Uint8Array | undefined> {
      try {
        return await readFile(path(infoHash))
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    writeMetainfo: (infoHash: string, metainfo: Uint8Array): Promise<void> =>
      shelf.inTurn(infoHash, async () => {
        await mkdir(folder(infoHash), { recursive: true })
        await replaceFile(path(infoHash), metainfo)
      }),
  }
}

async function dropOrphans(shelf: Shelf, idleMs: number): Promise<number> {
  let dropped = 0
  for (const infoHash of await readdir(shelf.dir)) {
    if (!TORRENT_FOLDER.test(infoHash) || shelf.hasTorrent(infoHash)) continue
    const folder = join(shelf.dir, infoHash)
    await shelf.inTurn(infoHash, async () => {
      // Asked again in turn: a play may have come meanwhile.
      if (shelf.hasTorrent(infoHash)) return
      const { mtimeMs } = await stat(folder)
      if (shelf.clock.wall() - mtimeMs < idleMs) return
      await removeTorrentFolder(folder)
      dropped++
    })
  }
  return dropped
}

/**
 * Opens CACHE_DIR, locks it for this process and reads what it holds.
 * Close it after everyone who holds files; index and notes are closed by whoever made them.
 * @throws CacheFolderError
 */
export async function openFileStore(options: FileStoreOptions): Promise<DiskFileStore> {
  const { dir, log } = options
  const place = await openCacheFolder(dir, log)
  const { shelf, time } = await opened(place, options)
  const hold = createHolder(shelf)
  const partials = new Set<PartialFile>()
  let closing: Promise<void> | undefined

  const keepTime = (): Promise<void> =>
    place.keepTime(time.now()).catch((err: unknown) => {
      log.warn({ err }, 'the running time of this node could not be written down')
    })

  async function close(): Promise<void> {
    await Promise.all([...partials].map((partial) => partial.close()))
    await shelf.sidecars.end()
    await shelf.idle()
    await keepTime()
    await place.release()
  }

  return {
    dir,
    node: place.node,
    ...metainfoOf(shelf),
    look(key) {
      const record = shelf.records.get(key)
      return record?.findable ? record : undefined
    },
    hold: async (key) => (closing ? undefined : hold(key)),
    async open(key, name, layout) {
      if (closing) throw new Fault('DRAINING')
      const partial = await openPartial(shelf, key, name, layout)
      const tracked: PartialFile = {
        ...partial,
        close: () => partial.close().finally(() => partials.delete(tracked)),
      }
      if (closing) {
        await partial.close()
        throw new Fault('DRAINING')
      }
      partials.add(tracked)
      return tracked
    },
    isHeld: (key) => shelf.records.get(key)?.held ?? false,
    remove: (key) => shelf.remove(key),
    records: () => shelf.records.values(),
    dropOrphans: (idleMs) => dropOrphans(shelf, idleMs),
    keepTime,
    close: () => (closing ??= close()),
  }
}
