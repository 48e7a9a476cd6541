import { access } from 'node:fs/promises'
import { readFolderNode } from '../cache/disk/cache-folder.ts'
import { isMissing } from '../cache/disk/replace-file.ts'
import { type FileInfo, listFileInfos } from '../cache/store/file-info.ts'
import { errorCode } from '../common/errors.ts'
import { BAD_SETTINGS, CommandError } from './shared/command-error.ts'

/**
 * The files in CACHE_DIR, whichever process owns it. A folder that does not exist has none.
 * @throws CommandError, CacheFolderError
 */
export async function filesInFolder(dir: string): Promise<readonly FileInfo[]> {
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
