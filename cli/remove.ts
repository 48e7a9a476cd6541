import { createMemoryIndex } from '../cache/backends/memory/memory.ts'
import { readFolderNode } from '../cache/disk/cache-folder.ts'
import { folderOwner } from '../cache/disk/folder-lock.ts'
import { createJanitor } from '../cache/limits/disk-janitor.ts'
import { openFileStore } from '../cache/store/disk-file-store.ts'
import type { FileKey } from '../common/bittorrent/file-key.ts'
import { systemClock as clock } from '../common/clock.ts'
import { createLog } from '../common/log.ts'
import type { Config } from '../config/config.ts'
import { type FreedByServer, type Order, orderFromServer } from './running-server.ts'

/** As many as the server takes in one request. */
const PER_ORDER = 50

function ordersOf(only: readonly FileKey[] | undefined): Order[] {
  if (!only) return [{ forceCleanup: true }]
  const orders: Order[] = []
  for (let i = 0; i < only.length; i += PER_ORDER) {
    orders.push({ remove: only.slice(i, i + PER_ORDER) })
  }
  return orders
}

/**
 * Removes as the folder's owner. The backend's own index is left alone: every start makes it say what
 * the disk holds, so this works the same with each backend, and with one that is away.
 */
async function removeHere(
  { cache }: Config,
  only: readonly FileKey[] | undefined,
): Promise<FreedByServer> {
  const index = createMemoryIndex({ clock })
  // Only what goes wrong matters here, and whoever asked sees that in what is left.
  const log = createLog('silent')('cache')
  try {
    // Persistent whatever CACHE_PERSISTENT says: that is about the server's starts, and empties all.
    const store = await openFileStore({ dir: cache.dir, persistent: true, index, clock, log })
    try {
      const limits = { ...cache, maxBytes: cache.maxDiskBytes }
      const janitor = createJanitor({ store, index, limits, clock, log })
      const { files, bytes, keptInUse } = await janitor.clear(only && new Set(only))
      return { removedFiles: files, freedBytes: bytes, keptInUse }
    } finally {
      await store.close()
    }
  } finally {
    await index.close()
  }
}

/**
 * Removes contents that nobody uses, all or these: by the server that owns the folder, else under the
 * folder's lock, so that nobody ever removes from under another's feet.
 * @throws CommandError, CacheFolderError
 */
export async function remove(config: Config, only?: readonly FileKey[]): Promise<FreedByServer> {
  const { dir } = config.cache
  const pid = await folderOwner(dir)
  if (pid === undefined) return removeHere(config, only)
  return orderFromServer(config, { node: await readFolderNode(dir), pid }, ordersOf(only))
}
