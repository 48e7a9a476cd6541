import { readFileInfo } from '../cache/store/file-info.ts'
import { readableSize } from '../common/readable-size.ts'
import type { Config } from '../config/config.ts'
import { filesInFolder } from './folder-files.ts'
import { remove } from './remove.ts'

/** Removes every file that nobody uses, as POST /api/cache-config does. @returns the exit code */
export async function clean(config: Config): Promise<number> {
  // Listed first, because opening a mistyped CACHE_DIR would create it.
  const before = await filesInFolder(config.cache.dir)
  const { removedFiles, freedBytes, keptInUse } =
    before.length === 0 ? { removedFiles: 0, freedBytes: 0, keptInUse: 0 } : await remove(config)
  process.stdout.write(
    `removed ${removedFiles} files, freed ${readableSize(freedBytes)}, kept ${keptInUse} in use\n`,
  )
  let left = 0
  for (const { key } of before) if (await readFileInfo(config.cache.dir, key)) left++
  // What is left and not in use could not be removed.
  const stuck = left - keptInUse
  if (stuck <= 0) return 0
  process.stderr.write(`playlink: ${stuck} files could not be removed from ${config.cache.dir}\n`)
  return 1
}
