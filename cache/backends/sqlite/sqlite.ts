import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FileKey } from '../../../common/bittorrent/file-key.ts'
import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import type { CacheEntry, CacheIndex } from '../../index/cache-index.ts'
import { createLeases } from '../../index/leases.ts'
import {
  type ConnectionOptions,
  createSqliteConnection,
  type SqliteConnection,
  type Tables,
} from './sqlite-connection.ts'
import { createPending, type Pending } from './sqlite-pending.ts'
import type { Place } from './sqlite-tables.ts'

/** Entries read, or changes written, between two turns of the event loop. */
const PAGE = 250

/** Writes some of what waits. A note that somebody else wrote meanwhile wins over ours. */
function flushSome({ database, entries, notes }: Tables, pending: Pending, now: number): boolean {
  const some = pending.some(PAGE)
  const write = database.transaction(() => {
    for (const { key, node, entry } of some.entries) {
      if (entry) entries.save(entry)
      else entries.forget(key, node)
    }
    for (const note of some.notes) notes.write(note, note.base, now)
  })
  write.immediate()
  for (const change of [...some.entries, ...some.notes]) pending.drop(change)
  return pending.entries.size + pending.notes.size > 0
}

/** What the database holds, covered by what it could not be told yet. */
function createEntries(connection: SqliteConnection, pending: Pending) {
  const isCovered = ({ key, node }: CacheEntry): boolean => pending.entry(key, node) !== undefined
  const waiting = (): CacheEntry[] =>
    [...pending.entries.values()].flatMap(({ entry }) => entry ?? [])

  function find(key: FileKey): CacheEntry[] {
    const found = connection.read(({ entries }) => entries.find(key)) ?? []
    if (pending.entries.size === 0) return found
    return [
      ...found.filter((entry) => !isCovered(entry)),
      ...waiting().filter((entry) => entry.key === key),
    ]
  }

  function own(key: FileKey, node: string): CacheEntry | undefined {
    const change = pending.entry(key, node)
    return change ? change.entry : find(key).find((entry) => entry.node === node)
  }

  function save(entry: CacheEntry): void {
    if (connection.write(({ entries }) => entries.save(entry))) return
    pending.setEntry(entry.key, entry.node, entry)
  }

  function touch(key: FileKey, node: string, usedAt: number): void {
    if (connection.write(({ entries }) => entries.touch(key, node, usedAt))) return
    const entry = own(key, node)
    if (entry) pending.setEntry(key, node, { ...entry, usedAt })
  }

  function forget(key: FileKey, node: string): boolean {
    const done = connection.write(({ entries }) => entries.forget(key, node))
    if (done) return done.value
    const was = own(key, node) !== undefined
    pending.setEntry(key, node, undefined)
    return was
  }

  async function leastRecent(node: string, limit: number): Promise<CacheEntry[]> {
    const found = new Map<string, CacheEntry>()
    let after: Place | undefined
    do {
      const page = connection.read(({ entries }) => entries.page(node, after, PAGE))
      // The first sight counts: what is used meanwhile moves to the end and comes again.
      for (const entry of page?.entries ?? []) {
        if (!found.has(entry.key) && !isCovered(entry)) found.set(entry.key, entry)
      }
      after = page?.next
      if (after) await nextTurn()
    } while (after && found.size < limit)
    const more = waiting().filter((entry) => entry.node === node)
    for (const entry of more) found.set(entry.key, entry)
    const all = [...found.values()]
    if (more.length > 0) all.sort((a, b) => a.usedAt - b.usedAt)
    return all.slice(0, limit)
  }

  function totals(node: string | undefined) {
    const sum = connection.read(({ entries }) => {
      const sum = entries.totals(node)
      for (const each of pending.entries.values()) {
        if (node !== undefined && each.node !== node) continue
        const covered = entries.bytesOf(each.key, each.node)
        if (covered === undefined) continue
        sum.files--
        sum.bytes -= covered
      }
      return sum
    }) ?? { files: 0, bytes: 0 }
    for (const entry of waiting()) {
      if (node !== undefined && entry.node !== node) continue
      sum.files++
      sum.bytes += entry.bytes
    }
    return sum
  }

  return { find, save, touch, forget, leastRecent, totals }
}

function createNotes(connection: SqliteConnection, pending: Pending, clock: Clock) {
  const rowOf = (name: string) => connection.read(({ notes }) => notes.read(name, clock.wall()))

  function read(name: string): { json: string; revision: number } | undefined {
    const waiting = pending.notes.get(name)
    if (!waiting) return rowOf(name)
    return waiting.expiresAt > clock.wall() ? waiting : undefined
  }

  function write(name: string, value: unknown, expected: number, ttlMs: number): boolean {
    const now = clock.wall()
    const json = JSON.stringify(value) ?? 'null'
    const note = { name, json, expiresAt: now + Math.max(1, ttlMs) }
    const done = connection.write(({ notes }) => notes.write(note, expected, now))
    if (done) return done.value
    if ((read(name)?.revision ?? 0) !== expected) return false
    pending.setValue(note, rowOf(name)?.revision ?? 0)
    return true
  }

  return { read, write }
}

/**
 * The index of a single node in a SQLite file (better-sqlite3, WAL). Nothing here rejects because of
 * the file: while it cannot be used, `connected` is false, what is written waits in memory and is
 * read from there, and goes into the file once that can be used again.
 * @param deps.persistent false: what an earlier run left in the file does not count
 */
export function createSqliteIndex(
  deps: {
    path: string
    persistent: boolean
    clock: Clock
    log?: Log | undefined
  } & Pick<ConnectionOptions, 'onOpen'>,
): CacheIndex {
  const { path, persistent, clock, log, onOpen } = deps
  const pending = createPending()
  const connection = createSqliteConnection({
    ...{ path, clock, log, onOpen, fresh: !persistent },
    flush: (tables) => flushSome(tables, pending, clock.wall()),
  })
  const entries = createEntries(connection, pending)
  const notes = createNotes(connection, pending, clock)
  // One process works with the file: its leases need no table, and end with it.
  const leases = createLeases(clock)
  return {
    name: 'sqlite',
    shared: false,
    durable: persistent,
    get connected() {
      return connection.connected
    },
    find: async (key) => entries.find(key),
    save: async (entry) => entries.save(entry),
    touch: async (key, node, usedAt) => entries.touch(key, node, usedAt),
    forget: async (key, node) => entries.forget(key, node),
    leastRecent: entries.leastRecent,
    totals: async (node) => entries.totals(node),
    async readValue<T>(name: string) {
      const note = notes.read(name)
      return note && { value: JSON.parse(note.json) as T, revision: note.revision }
    },
    writeValue: async (name, value, expected, ttlMs) => notes.write(name, value, expected, ttlMs),
    claim: async (name, owner, ttlMs) => leases.claim(name, owner, ttlMs),
    close: async () => connection.close(),
  }
}
