import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../common/clock.ts'
import { Fault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import { emptyCacheFolder, openCacheFolder, TORRENT_FOLDER } from './cache-folder.ts'
import type { CacheIndex } from './cache-index.ts'
import { infoHashOf, METAINFO, removeTorrentFolder } from './content-files.ts'
import type { FileStore, PartialFile } from './file-store.ts'
import { healIndex } from './heal-index.ts'
import { createHolder } from './hold-file.ts'
import { openPartial } from './partial-file.ts'
import { reconcile } from './reconcile.ts'
import { isMissing, replaceFile } from './replace-file.ts'
import { createShelf, type Shelf } from './shelf.ts'
import { dropSlots, openSlots } from './slot-files.ts'

/** A FileStore on this node's disk, with what only the janitor asks of it. */
export interface DiskFileStore extends FileStore {
  readonly dir: string
  /** Removes folders of torrents without contents, untouched for `idleMs`; answers how many. */
  dropOrphans(idleMs: number): Promise<number>
}

export interface FileStoreOptions {
  readonly dir: string
  /** False empties our own folder first. */
  readonly persistent: boolean
  readonly index: CacheIndex
  readonly clock: Clock
  readonly log: Log
}

async function fill(shelf: Shelf, index: CacheIndex): Promise<void> {
  const { records, orphans } = await reconcile(shelf.dir, shelf.clock, shelf.log)
  for (const record of records) shelf.records.set(record.key, record)
  try {
    await healIndex(index, shelf.node, records, true)
  } catch (err) {
    shelf.log.warn({ err }, 'the index could not be told what is held; the next sweep mends it')
  }
  if (records.length + orphans > 0) {
    shelf.log.info({ contents: records.length, orphans }, 'cache folder read')
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
  const known = new Set([...shelf.records.keys()].map(infoHashOf))
  for (const infoHash of await readdir(shelf.dir)) {
    if (!TORRENT_FOLDER.test(infoHash) || known.has(infoHash)) continue
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
  const { dir, persistent, index, clock, log } = options
  const place = await openCacheFolder(dir, log)
  const shelf = createShelf({ dir, node: place.node, index, clock, log })
  try {
    if (!persistent) await emptyCacheFolder(dir)
    await dropSlots(dir)
    await fill(shelf, index)
  } catch (error) {
    await place.release()
    throw error
  }
  const hold = createHolder(shelf)
  const partials = new Set<PartialFile>()
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    await Promise.all([...partials].map((partial) => partial.close()))
    await shelf.sidecars.end()
    await shelf.idle()
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
    openSlots: (key) => openSlots(dir, key),
    isHeld: (key) => shelf.records.get(key)?.held ?? false,
    remove: (key) => shelf.remove(key),
    records: () => shelf.records.values(),
    dropOrphans: (idleMs) => dropOrphans(shelf, idleMs),
    close: () => (closing ??= close()),
  }
}
