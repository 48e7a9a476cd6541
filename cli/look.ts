import { lookAtFolder } from '../cache/cache-folder.ts'
import { type SeenContent, seeContents } from '../cache/held-contents.ts'
import { errorCode, isMissing } from '../cache/replace-file.ts'
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
