import { join } from 'node:path'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { Config } from '../../config/config.ts'
import type { CacheIndex } from '../index/cache-index.ts'
import { createMemoryIndex } from './memory/memory.ts'
import { openRedisIndex } from './redis/redis.ts'
import { createSqliteIndex } from './sqlite/sqlite.ts'

interface BackendParts {
  readonly settings: Config['cache']
  readonly clock: Clock
  readonly log: Log
  /** A backend that can be away can be used; `lost`: it may have lost data, and should be told again. */
  readonly onUp?: ((lost: boolean) => void) | undefined
}

type Backend = (parts: BackendParts) => CacheIndex | Promise<CacheIndex>

/** All backends. Each one has a page in docs/backends and passes the contract in test/contracts. */
export const backends: Readonly<Record<Config['cache']['backend'], Backend>> = {
  memory: ({ settings: { dir, persistent, maxMetaBytes: maxValueBytes }, clock, log }) => {
    const valuesFile = persistent ? join(dir, 'values.journal') : undefined
    return createMemoryIndex({ clock, log, valuesFile, maxValueBytes })
  },
  sqlite: ({ settings, clock, log }) => {
    const { sqlitePath: path, persistent, maxMetaBytes: maxValueBytes } = settings
    return createSqliteIndex({ path, persistent, clock, log, maxValueBytes })
  },
  redis: ({ settings: { redis: place, maxMetaBytes: maxValueBytes }, ...parts }) =>
    openRedisIndex({ place, maxValueBytes, ...parts }),
}

/**
 * The index of CACHE_BACKEND. It touches no file before its first use, when the file store has locked
 * CACHE_DIR already. The caller closes it after the file store. A backend that cannot be reached is no
 * error: the index is then not `connected`.
 */
export const openIndex = async (
  settings: Config['cache'],
  clock: Clock,
  log: Log,
  onUp?: (lost: boolean) => void,
): Promise<CacheIndex> => backends[settings.backend]({ settings, clock, log, onUp })
