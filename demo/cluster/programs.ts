import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Absolute paths. */
export interface ClusterPrograms {
  readonly redis: string
  readonly nginx: string
}

const WANTED = [
  { names: ['redis-server', 'valkey-server'], debian: 'redis-server', brew: 'redis' },
  { names: ['nginx'], debian: 'nginx-light', brew: 'nginx' },
] as const

/** Where systems have servers that the PATH of a plain user does not name. */
const BESIDE_PATH = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']

/**
 * The programs that several nodes need and npm does not bring.
 * @throws Error with a sentence that says what to install
 */
export function clusterPrograms(
  path: string | undefined,
  beside: readonly string[] = BESIDE_PATH,
): ClusterPrograms {
  const folders = [...(path ?? '').split(delimiter).filter(Boolean), ...beside]
  const [redis, nginx] = WANTED.map(({ names }) => names.flatMap((name) => find(name, folders))[0])
  if (redis && nginx) return { redis, nginx }
  const missing = WANTED.filter((_, i) => ![redis, nginx][i])
  throw new Error(`--nodes needs ${missing.map(({ names }) => names[0]).join(' and ')}. Install:
  sudo apt-get install ${missing.map(({ debian }) => debian).join(' ')}
or, on a Mac:
  brew install ${missing.map(({ brew }) => brew).join(' ')}`)
}

const find = (name: string, folders: readonly string[]): string[] =>
  folders.map((folder) => join(folder, name)).filter(isProgram)

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
