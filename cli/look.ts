import { lookAtFolder } from '../cache/disk/cache-folder.ts'
import { errorCode, isMissing } from '../cache/disk/replace-file.ts'
import { type SeenContent, seeContents } from '../cache/store/held-contents.ts'
import { BAD_SETTINGS, CommandError } from './command-error.ts'

/**
 * What the folder holds, whoever owns it. One that is not there yet holds nothing.
 * @throws CommandError, CacheFolderError
 */
export async function look(dir: string): Promise<readonly SeenContent[]> {
  try {
    await lookAtFolder(dir)
    return await seeContents(dir)
  } catch (error) {
    if (isMissing(error)) return []
    const code = errorCode(error)
    if (code === undefined) throw error
    throw new CommandError(BAD_SETTINGS, `CACHE_DIR ${dir} cannot be read (${code}).`)
  }
}
