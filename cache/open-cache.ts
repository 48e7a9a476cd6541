import type { CleanupStack } from '../common/cleanup-stack.ts'
import type { Clock } from '../common/clock.ts'
import type { Log, LogName } from '../common/log.ts'
import type { Config } from '../config/config.ts'
import { openIndex } from './backends/open-index.ts'
import type { CacheIndex } from './index/cache-index.ts'
import { createJanitor } from './limits/disk-janitor.ts'
import type { Janitor } from './limits/janitor.ts'
import { createSchedule, type SweepSchedule } from './limits/schedule.ts'
import type { DiskFileStore } from './store/disk-file-store.ts'
import { openFileStore } from './store/disk-file-store.ts'

export interface Cache {
  readonly index: CacheIndex
  readonly store: DiskFileStore
  readonly janitor: Janitor
  /** Not started yet. */
  readonly schedule: SweepSchedule
}

/**
 * Opens CACHE_DIR and its index; `ends` closes them.
 * @throws CacheFolderError
 */
export async function openCache(parts: {
  readonly config: Config
  readonly clock: Clock
  readonly ends: CleanupStack
  readonly log: (name: LogName) => Log
}): Promise<Cache> {
  const { clock, ends, log } = parts
  const { cache } = parts.config
  let schedule: SweepSchedule | undefined
  const onUp = (lost: boolean): void => void (lost && schedule?.soon())
  const index = await openIndex(cache, clock, log('cache'), onUp)
  ends.defer('index', () => index.close())
  const store = await openFileStore({ ...cache, index, clock, log: log('cache') })
  ends.defer('store', () => store.close())
  const { ttlSeconds, maxFiles, maxDiskBytes: maxBytes } = cache
  const limits = { ttlSeconds, maxFiles, maxBytes }
  const janitor = createJanitor({ store, index, limits, clock, log: log('janitor') })
  ends.defer('segments', () => janitor.segments.close())
  const intervalSeconds = cache.cleanupIntervalSeconds
  schedule = createSchedule({ janitor, intervalSeconds, clock, log: log('janitor') })
  return { index, store, janitor, schedule }
}
