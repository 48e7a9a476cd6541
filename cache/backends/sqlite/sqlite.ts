import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import { createAnnouncements } from '../../index/announcements.ts'
import type { CacheIndex } from '../../index/cache-index.ts'
import { createLeases } from '../../index/leases.ts'
import { USUAL_VALUE_BYTES } from '../../index/value-size.ts'
import { type ConnectionOptions, SqliteConnection } from './sqlite-connection.ts'
import { SqliteEntries } from './sqlite-entries.ts'
import { Pending } from './sqlite-pending.ts'
import type { Tables } from './sqlite-tables.ts'
import { SqliteValues } from './sqlite-values.ts'

/** Changes written between two ticks of the event loop. */
const FLUSH_AT_ONCE = 250

/**
 * Writes some of the pending changes. A value that somebody else has written in the meantime stays.
 * @returns whether there are more
 */
function flushSome({ database, entries, values }: Tables, pending: Pending, now: number): boolean {
  const some = pending.first(FLUSH_AT_ONCE)
  const write = database.transaction(() => {
    for (const { key, node, entry } of some.entries) {
      if (entry) entries.save(entry)
      else entries.forget(key, node)
    }
    for (const value of some.values) values.write(value, value.base, now)
  })
  write.immediate()
  for (const change of [...some.entries, ...some.values]) pending.drop(change)
  return pending.size > 0
}

/**
 * The index of a single node in an SQLite file (better-sqlite3, WAL mode). No call rejects because of the
 * file. While it cannot be used, `connected` is false and changes wait in memory, where they are read
 * too; they are written to the file as soon as it can be used again.
 * @param deps.maxValueBytes of all values; CACHE_META_MB
 * @param deps.persistent false: the tables are emptied at the start
 */
export function createSqliteIndex(
  deps: {
    path: string
    persistent: boolean
    clock: Clock
    log?: Log | undefined
    maxValueBytes?: number
  } & Pick<ConnectionOptions, 'onOpen'>,
): CacheIndex {
  const { path, persistent, clock, log, onOpen, maxValueBytes = USUAL_VALUE_BYTES } = deps
  const pending = new Pending()
  const connection = new SqliteConnection({
    path,
    clock,
    log,
    onOpen,
    fresh: !persistent,
    maxValueBytes,
    flush: (tables) => flushSome(tables, pending, clock.wall()),
  })
  const entries = new SqliteEntries(connection, pending)
  const values = new SqliteValues(connection, pending, { clock, maxBytes: maxValueBytes })
  // Only this process uses the file, so leases need no table and end with the process.
  const leases = createLeases(clock)
  return {
    name: 'sqlite',
    shared: false,
    durable: persistent,
    get connected() {
      return connection.connected
    },
    find: async (key) => entries.find(key),
    save: async (entry) => {
      entries.save(entry)
      return true
    },
    touch: async (key, node, usedAt) => entries.touch(key, node, usedAt),
    forget: async (key, node) => entries.forget(key, node),
    leastRecent: (node, limit) => entries.leastRecent(node, limit),
    totals: async (node) => entries.totals(node),
    readValue: async <T>(name: string) => values.read<T>(name),
    writeValue: async (name, value, expected, ttlMs) => values.write(name, value, expected, ttlMs),
    valueBytes: async () => values.size(),
    claim: async (name, owner, ttlMs) => leases.claim(name, owner, ttlMs),
    ...createAnnouncements(clock),
    close: async () => connection.close(),
  }
}
