import { z } from 'zod'
import { type FileKey, parseFileKey } from '../../../common/bittorrent/file-key.ts'
import type { CacheEntry } from '../../index/cache-index.ts'
import { MAX_ENTRY_BYTES, MAX_KEY_BYTES } from '../../index/value-size.ts'
import type { Database } from './sqlite-database.ts'

const amount = z.int().nonnegative()

/** Checks a row, because other programs can write to the file. */
const entryRow = z
  .object({
    key: z.custom<FileKey>((key) => typeof key === 'string' && parseFileKey(key)),
    node: z.string(),
    name: z.string(),
    size: amount,
    bytes: amount,
    complete: z.union([z.literal(0), z.literal(1)]),
    storedAt: z.number(),
    usedAt: z.number(),
  })
  .transform((row): CacheEntry => ({ ...row, complete: row.complete === 1 }))

const amounts = z.object({ files: amount, bytes: z.number() })

const ROW = 'key, node, name, size, bytes, complete, stored_at AS storedAt, used_at AS usedAt'

/** Rows that are too long to be ours: they are not loaded, for a text may have a gigabyte. */
const TOO_LONG = `octet_length(key) > ${MAX_KEY_BYTES}
  OR octet_length(node) + octet_length(name) > ${MAX_ENTRY_BYTES}`
/** Nodes that hold one file; another program may have written millions of rows. */
const MOST_NODES = 1000

interface RawEntry {
  readonly key: string
  readonly node: string
}

/** The last entry of a page; the next page starts behind it. */
export type Position = Pick<CacheEntry, 'key' | 'usedAt'>

export interface EntryTable {
  find(key: FileKey): CacheEntry[]
  save(entry: CacheEntry): void
  touch(key: FileKey, node: string, usedAt: number): void
  forget(key: FileKey, node: string): boolean
  /** Entries of a node, least recently used first; `next` is undefined on the last page. */
  page(
    node: string,
    after: Position | undefined,
    limit: number,
  ): { readonly entries: CacheEntry[]; readonly next: Position | undefined }
  /** Bytes of one entry; undefined when there is none. */
  bytesOf(key: FileKey, node: string): number | undefined
  totals(node: string | undefined): { files: number; bytes: number }
  clear(): void
}

/** The entries in the table `entries`. @throws SqliteError, by this function and all it returns */
export function entryTable(database: Database): EntryTable {
  const byKey = database.prepare<[string], RawEntry>(
    `SELECT ${ROW} FROM entries WHERE key = ? AND NOT (${TOO_LONG}) LIMIT ${MOST_NODES}`,
  )
  const dropTooLong = database.prepare(`DELETE FROM entries WHERE node = ? AND (${TOO_LONG})`)
  const upsert = database.prepare<[Record<string, unknown>]>(`
    INSERT INTO entries VALUES
      (:key, :node, :name, :size, :bytes, :complete, :storedAt, :usedAt)
    ON CONFLICT (key, node) DO UPDATE SET name = :name, size = :size, bytes = :bytes,
      complete = :complete, stored_at = :storedAt, used_at = :usedAt`)
  const use = database.prepare('UPDATE entries SET used_at = ? WHERE key = ? AND node = ?')
  const drop = database.prepare('DELETE FROM entries WHERE key = ? AND node = ?')
  const bytesOf = database
    .prepare<[string, string], number>('SELECT bytes FROM entries WHERE key = ? AND node = ?')
    .pluck()
  const page = database.prepare<[string, number, string, number], RawEntry>(
    `SELECT ${ROW} FROM entries WHERE node = ? AND (used_at, key) > (?, ?)
     ORDER BY used_at, key LIMIT ?`,
  )
  // Unlike sum(), total() cannot overflow (https://sqlite.org/lang_aggfunc.html); exact up to 2^53.
  const sums = 'SELECT count(*) AS files, total(bytes) AS bytes FROM entries'
  const sum = database.prepare(sums)
  const sumOf = database.prepare(`${sums} WHERE node = ?`)
  const empty = database.prepare('DELETE FROM entries')

  /** Leaves out rows that are not entries, and removes them from the table. */
  function checked(rows: readonly RawEntry[]): CacheEntry[] {
    return rows.flatMap((row) => {
      const entry = entryRow.safeParse(row)
      if (entry.success) return [entry.data]
      drop.run(row.key, row.node)
      return []
    })
  }

  return {
    find: (key) => checked(byKey.all(key)),
    save: (entry) => void upsert.run({ ...entry, complete: entry.complete ? 1 : 0 }),
    touch: (key, node, usedAt) => void use.run(usedAt, key, node),
    forget: (key, node) => drop.run(key, node).changes > 0,
    page(node, after, limit) {
      if (!after) dropTooLong.run(node)
      const rows = page.all(node, after?.usedAt ?? -Number.MAX_VALUE, after?.key ?? '', limit)
      const last = rows.at(-1) as Position | undefined
      return { entries: checked(rows), next: rows.length < limit ? undefined : last }
    },
    bytesOf: (key, node) => bytesOf.get(key, node),
    totals: (node) => amounts.parse(node === undefined ? sum.get() : sumOf.get(node)),
    clear: () => void empty.run(),
  }
}
