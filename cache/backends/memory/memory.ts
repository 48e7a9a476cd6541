import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import { createAnnouncements } from '../../index/announcements.ts'
import type { CacheIndex } from '../../index/cache-index.ts'
import { createLeases } from '../../index/leases.ts'
import { USUAL_VALUE_BYTES } from '../../index/value-size.ts'
import { MemoryEntries } from './memory-entries.ts'
import { MemoryValues } from './memory-values.ts'

/**
 * The index of a single node, in the memory of its process. Entries are rebuilt from the sidecars at
 * every start. Values are kept in `valuesFile` when it is given (CACHE_PERSISTENT), and take at most
 * `maxValueBytes` in memory; the file may be twice as large.
 */
export function createMemoryIndex(deps: {
  clock: Clock
  valuesFile?: string | undefined
  maxValueBytes?: number
  log?: Log | undefined
}): CacheIndex {
  const { clock, valuesFile, log, maxValueBytes = USUAL_VALUE_BYTES } = deps
  const entries = new MemoryEntries()
  const leases = createLeases(clock)
  const values = new MemoryValues({ clock, log, file: valuesFile, maxBytes: maxValueBytes })
  return {
    name: 'memory',
    shared: false,
    durable: valuesFile !== undefined,
    connected: true,
    find: async (key) => entries.find(key),
    save: async (entry) => {
      entries.save(entry)
      return true
    },
    touch: async (key, node, usedAt) => entries.touch(key, node, usedAt),
    forget: async (key, node) => entries.forget(key, node),
    leastRecent: async (node, limit) => entries.leastRecent(node, limit),
    totals: async (node) => entries.totals(node),
    readValue: (name) => values.read(name),
    writeValue: (name, value, expected, ttlMs) => values.write(name, value, expected, ttlMs),
    valueBytes: () => values.size(),
    claim: async (name, owner, ttlMs) => leases.claim(name, owner, ttlMs),
    ...createAnnouncements(clock),
    close: () => values.close(),
  }
}
