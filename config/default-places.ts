import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export type Environment = Readonly<Record<string, string | undefined>>

/** The free titles that come with the project, absolute. */
export const shippedCatalogue = fileURLToPath(
  new URL('../catalogue/free-titles.yaml', import.meta.url),
)

/**
 * The user's cache folder + `/playlink` (XDG Base Directory Specification, else the platform's own),
 * else the temp dir: that one comes last, for on many systems it is memory. A home that this user may not
 * write to counts as none: where containers are given any user (a random uid), HOME is `/` or somebody
 * else's.
 * @param canMake whether this process could make and fill such a folder
 */
export function defaultCacheDir(
  env: Environment,
  platform: NodeJS.Platform,
  tempDir: string,
  canMake: (dir: string) => boolean = canMakeHere,
): string {
  const folders = userCacheDirs(env, platform).map((dir) => path.join(dir, 'playlink'))
  return folders.find(canMake) ?? path.join(tempDir, 'playlink')
}

function userCacheDirs(env: Environment, platform: NodeJS.Platform): readonly string[] {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local, HOME: home } = env
  const below = platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']
  const own = platform === 'win32' ? local : home && path.join(home, ...below)
  // The specification: a relative path there is invalid and to be ignored.
  return [xdg, own].filter((dir) => dir !== undefined && path.isAbsolute(dir)) as string[]
}

/** Asks the nearest folder that is there. */
function canMakeHere(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK | constants.X_OK)
    return true
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return isMissing && dir !== path.dirname(dir) && canMakeHere(path.dirname(dir))
  }
}
