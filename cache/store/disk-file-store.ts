import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../common/errors.ts'
import { openCacheFolder, TORRENT_FOLDER } from '../disk/cache-folder.ts'
import { infoHashOf, METAINFO, removeTorrentFolder } from '../disk/content-files.ts'
import type { FileStore, PartialFile } from '../disk/file-store.ts'
import { isMissing, replaceFile } from '../disk/replace-file.ts'
import { openSlots } from '../disk/slot-files.ts'
import { createHolder } from './hold-file.ts'
import { openShelf, type ShelfOptions } from './open-shelf.ts'
import { openPartial } from './partial-file.ts'
import type { Shelf } from './shelf.ts'

/** A FileStore on this node's disk, with what only the janitor asks of it. */
export interface DiskFileStore extends FileStore {
  readonly dir: string
  /** Removes folders of torrents without contents, untouched for `idleMs`; answers how many. */
  dropOrphans(idleMs: number): Promise<number>
  /** Writes down how long the node has run (cache/store/running-time.ts). Never rejects. */
  keepTime(): Promise<void>
}

export type FileStoreOptions = ShelfOptions

function metainfoOf(shelf: Shelf) {
  const folder = (infoHash: string): string => {
    if (!TORRENT_FOLDER.test(infoHash)) throw new Fault('INTERNAL')
    return join(shelf.dir, infoHash)
  }
  const path = (infoHash: string): string => join(folder(infoHash), METAINFO)

  return {
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

/** Those that are open: closing the store closes them, and no new one is opened. */
function createPartials(shelf: Shelf): Pick<FileStore, 'open' | 'close'> {
  const open = new Set<PartialFile>()
  let closing = false
  return {
    async open(key, name, layout) {
      if (closing) throw new Fault('DRAINING')
      const partial = await openPartial(shelf, key, name, layout)
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
 * Opens CACHE_DIR, locks it for this process and reads what it holds.
 * Close it after everyone who holds files; index and notes are closed by whoever made them.
 * @throws CacheFolderError
 */
export async function openFileStore(options: FileStoreOptions): Promise<DiskFileStore> {
  const { dir, log } = options
  const place = await openCacheFolder(dir, log)
  const { shelf, time } = await openShelf(place, options)
  const holder = createHolder(shelf)
  const partials = createPartials(shelf)
  let closing: Promise<void> | undefined

  const keepTime = (): Promise<void> =>
    place.keepTime(time.now()).catch((err: unknown) => {
      log.warn({ err }, 'the running time of this node could not be written down')
    })

  async function close(): Promise<void> {
    await partials.close()
    holder.close()
    await shelf.sidecars.end()
    await shelf.idle()
    await keepTime()
    await place.release()
  }

  return {
    dir,
    node: place.node,
    ...metainfoOf(shelf),
    stored(key) {
      const record = shelf.records.get(key)
      return record?.findable ? record : undefined
    },
    pin: (key) => (closing ? Promise.resolve(undefined) : holder.hold(key)),
    open: (key, name, layout) => partials.open(key, name, layout),
    openSlots: (key) => openSlots(dir, key),
    isPinned: (key) => shelf.records.get(key)?.held ?? false,
    remove: (key) => shelf.remove(key),
    records: () => shelf.records.values(),
    dropOrphans: (idleMs) => dropOrphans(shelf, idleMs),
    keepTime,
    close: () => (closing ??= close()),
  }
}
