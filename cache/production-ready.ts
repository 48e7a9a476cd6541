import { tmpdir } from 'node:os'
import { relative } from 'node:path'
import type { Config } from '../config/config.ts'
import { isMemoryVolume, roomOnVolume } from './disk/volume.ts'
import type { CacheIndex } from './index/cache-index.ts'

export interface ProductionReady {
  readonly ready: boolean
  /** What the operator should change, as sentences without paths: anybody may read them. */
  readonly reasons: readonly string[]
}

/** Whether the folder is that one, or lies in it. */
export const isBelow = (parent: string, dir: string): boolean => {
  const path = relative(parent, dir)
  return path !== '..' && !path.startsWith('../') && !path.startsWith('/')
}

/**
 * Checks the settings that real use needs.
 * @param deps.nodeEnv NODE_ENV
 * @param deps.storedBytes bytes on disk now: they count to the room that the cache may take
 */
export async function productionReady(deps: {
  config: Config
  index: Pick<CacheIndex, 'name' | 'durable' | 'connected'>
  nodeEnv: string | undefined
  storedBytes: number
}): Promise<ProductionReady> {
  const { config, index, nodeEnv, storedBytes } = deps
  const { dir, maxDiskBytes, persistent } = config.cache
  const [inMemory, { free }] = await Promise.all([
    isMemoryVolume(dir).catch(() => false),
    roomOnVolume(dir).catch(() => ({ free: Number.MAX_SAFE_INTEGER })),
  ])
  const findings: readonly (readonly [boolean, string])[] = [
    [
      !persistent || !index.durable,
      `The ${index.name} backend does not outlive a restart: set CACHE_PERSISTENT=true.`,
    ],
    [!index.connected, `The ${index.name} backend cannot be reached.`],
    [inMemory, 'CACHE_DIR lies in memory (tmpfs): name a folder on a disk.'],
    [
      isBelow(tmpdir(), dir),
      'CACHE_DIR lies in the temporary folder, which others may empty: name another one.',
    ],
    [
      free + storedBytes < maxDiskBytes,
      'The volume of CACHE_DIR has less room than CACHE_MAX_DISK_MB allows.',
    ],
    [
      config.adminToken === undefined,
      nodeEnv === 'production'
        ? 'ADMIN_TOKEN is not set: the management API is closed.'
        : 'ADMIN_TOKEN is not set: the management API answers this machine only.',
    ],
    [
      config.publicUrl === undefined,
      'PUBLIC_URL is not set: addresses handed out depend on each request.',
    ],
    [nodeEnv !== 'production', 'NODE_ENV is not "production".'],
  ]
  const reasons = findings.filter(([found]) => found).map(([, reason]) => reason)
  return { ready: reasons.length === 0, reasons }
}
