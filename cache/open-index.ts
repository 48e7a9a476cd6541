import { join } from 'node:path'
import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'
import type { Config } from '../config/config.ts'
import { createMemoryIndex } from './backends/memory.ts'
import { openRedisIndex } from './backends/redis.ts'
import type { CacheIndex } from './cache-index.ts'

export interface IndexDeps {
  readonly config: Config['cache']
  readonly clock: Clock
  readonly log: Log
  /** The backend was away or lost what it knew, and is back: tell it again what this node holds. */
  readonly onBack?: () => void
}

/** One line a backend; CACHE_BACKEND takes these names. */
const backends: Readonly<
  Record<Config['cache']['backend'], (deps: IndexDeps) => CacheIndex | Promise<CacheIndex>>
> = {
  memory: ({ config: { persistent, dir }, clock, log }) =>
    createMemoryIndex({ clock, log, notesFile: persistent ? join(dir, 'notes.json') : undefined }),
  redis: ({ config: { redis: place }, clock, log, onBack }) =>
    openRedisIndex({ place, clock, log, onBack }),
}

/** The index that the config names. A backend that is away is no error: it is not `connected`. */
export const openIndex = async (deps: IndexDeps): Promise<CacheIndex> =>
  backends[deps.config.backend](deps)
