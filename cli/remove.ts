import { createMemoryIndex } from '../cache/backends/memory/memory.ts'
import { folderOwner } from '../cache/disk/folder-lock.ts'
import { createJanitor } from '../cache/limits/disk-janitor.ts'
import { openFileStore } from '../cache/store/disk-file-store.ts'
import type { FileKey } from '../common/bittorrent/file-key.ts'
import { systemClock as clock } from '../common/clock.ts'
import { createLog } from '../common/log.ts'
import type { Config } from '../config/config.ts'
import { type FreedByServer, type RemovalRequest, removeByServer } from './running-server.ts'

/** The most files that the server accepts in one request. */
const FILES_PER_REQUEST = 50

function requestsFor(only: readonly FileKey[] | undefined): RemovalRequest[] {
  if (!only) return [{ forceCleanup: true }]
  const requests: RemovalRequest[] = []
  for (let i = 0; i < only.length; i += FILES_PER_REQUEST) {
    requests.push({ remove: only.slice(i, i + FILES_PER_REQUEST) })
  }
  return requests
}

/**
 * Locks the folder and removes files itself. The backend is not told: every start of the server compares
 * it with the disk, so this works with each backend, and also with one that cannot be reached.
 */
async function removeLocally(
  { cache }: Config,
  only: readonly FileKey[] | undefined,
): Promise<FreedByServer> {
  const index = createMemoryIndex({ clock })
  // Silent: the caller reports the files that are left.
  const log = createLog('silent')('cache')
  try {
    // Always persistent: CACHE_PERSISTENT=false would empty the folder, as it does at a server's start.
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
 * Removes files that nobody uses. When a server owns the folder it is asked to do it; else this process
 * locks the folder. So two processes never remove files at the same time.
 * @param only these files; all when left out
 * @throws CommandError, CacheFolderError
 */
export async function remove(config: Config, only?: readonly FileKey[]): Promise<FreedByServer> {
  const { dir } = config.cache
  const pid = await folderOwner(dir)
  if (pid === undefined) return removeLocally(config, only)
  return removeByServer(dir, pid, requestsFor(only))
}
