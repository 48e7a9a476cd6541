import path from 'node:path'
import { fileURLToPath } from 'node:url'

export type Environment = Readonly<Record<string, string | undefined>>

/** The free titles that come with the project, absolute. */
export const shippedCatalogue = fileURLToPath(
  new URL('../catalogue/free-titles.yaml', import.meta.url),
)

/**
 * The user's cache folder + `/playlink` (XDG Base Directory Specification, else the platform's own),
 * else the temp dir: that one comes last, for on many systems it is memory.
 */
export function defaultCacheDir(
  env: Environment,
  platform: NodeJS.Platform,
  tempDir: string,
): string {
  return path.join(userCacheDir(env, platform) ?? tempDir, 'playlink')
}

function userCacheDir(env: Environment, platform: NodeJS.Platform): string | undefined {
  const xdg = env.XDG_CACHE_HOME
  // The specification: a relative path there is invalid and to be ignored.
  if (xdg && path.isAbsolute(xdg)) return xdg
  if (platform === 'win32') return env.LOCALAPPDATA || undefined
  if (!env.HOME || !path.isAbsolute(env.HOME)) return undefined
  return path.join(env.HOME, ...(platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']))
}
