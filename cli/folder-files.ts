import { access } from 'node:fs/promises'
import { readFolderNode } from '../cache/disk/cache-folder.ts'
import { errorCode, isMissing } from '../cache/disk/replace-file.ts'
import { type FileInfo, listFileInfos } from '../cache/store/file-info.ts'
import { BAD_SETTINGS, CommandError } from './command-error.ts'

/**
 * What the folder holds, whoever owns it. One that is not there yet holds nothing.
 * @throws CommandError, CacheFolderError
 */
export async function look(dir: string): Promise<readonly FileInfo[]> {
  try {
    await access(dir)
    await readFolderNode(dir)
    return await listFileInfos(dir)
  } catch (error) {
    if (isMissing(error)) {
      // Beside the answer, which programs may read: a mistyped CACHE_DIR looks like an empty cache.
      process.stderr.write(
        `playlink: CACHE_DIR ${dir} does not exist, so nothing is cached there.\n`,
      )
      return []
    }
    const code = errorCode(error)
    if (code === undefined) throw error
    throw new CommandError(BAD_SETTINGS, `CACHE_DIR ${dir} cannot be read (${code}).`)
  }
}
