import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../common/log.ts'
import { isMissing } from './replace-file.ts'

/**
 * Names in a folder of ours. Symbolic links, pipes, sockets and devices among them are removed, for we
 * make none; what a link points to stays as it is.
 * @param ours which names we use; others are left alone
 * @throws the file system's error
 */
export async function namesWithoutLinks(
  folder: string,
  log: Log,
  ours: (name: string) => boolean = () => true,
): Promise<string[]> {
  const names: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile() && !entry.isDirectory() && ours(entry.name)) {
      await rm(join(folder, entry.name), { force: true })
      const what = entry.isSymbolicLink() ? 'a symbolic link' : 'a pipe, socket or device'
      log.warn({ name: entry.name }, `${what} in the cache folder was removed`)
    } else {
      names.push(entry.name)
    }
  }
  return names
}

/** Whether it is a folder by itself, not a link to one. False when nothing is there. */
export async function isOwnFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory()
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
