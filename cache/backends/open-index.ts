import { join } from 'node:path'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { Config } from '../../config/config.ts'
import type { CacheIndex } from '../index/cache-index.ts'
import { createMemoryIndex } from './memory/memory.ts'
import { openRedisIndex } from './redis/redis.ts'
import { createSqliteIndex } from './sqlite/sqlite.ts'

interface Parts {
  readonly settings: Config['cache']
  readonly clock: Clock
  readonly log: Log
  /** The backend was away, or lost what it knew: tell it again what this node holds. */
  readonly onBack?: (() => void) | undefined
}

type Backend = (parts: Parts) => CacheIndex | Promise<CacheIndex>

/** Every backend, one line each; each has its page in docs/backends and its run of the contract. */
export const backends: Readonly<Record<Config['cache']['backend'], Backend>> = {
  memory: ({ settings: { dir, persistent }, clock, log }) =>
    createMemoryIndex({ clock, log, valuesFile: persistent ? join(dir, 'notes.json') : undefined }),
  sqlite: ({ settings: { sqlitePath: path, persistent }, clock, log }) =>
    createSqliteIndex({ path, persistent, clock, log }),
  redis: ({ settings: { redis: place }, ...parts }) => openRedisIndex({ place, ...parts }),
}

/**
 * The index that CACHE_BACKEND asks for. It touches no file before its first use, which comes after
 * the file store has locked CACHE_DIR; whoever opens it closes it, after the file store.
 * One that is away is no error: it is not `connected`.
 */
export const openIndex = async (
  settings: Config['cache'],
  clock: Clock,
  log: Log,
  onBack?: () => void,
): Promise<CacheIndex> => backends[settings.backend]({ settings, clock, log, onBack })
