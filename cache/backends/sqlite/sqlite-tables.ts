import { z } from 'zod'
import { type FileKey, parseFileKey } from '../../../common/bittorrent/file-key.ts'
import type { CacheEntry } from '../../index/cache-index.ts'
import type { Database } from './sqlite-database.ts'

const amount = z.int().nonnegative()

/** A row is checked like anything else from a file: other programs can write into it. */
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

interface RawEntry {
  readonly key: string
  readonly node: string
}

/** Where a page of entries ended. */
export type Place = Pick<CacheEntry, 'key' | 'usedAt'>

export interface EntryTable {
  find(key: FileKey): CacheEntry[]
  save(entry: CacheEntry): void
  touch(key: FileKey, node: string, usedAt: number): void
  forget(key: FileKey, node: string): boolean
  /** Least recently used first; `next` is where the following page begins, undefined at the end. */
  page(
    node: string,
    after: Place | undefined,
    limit: number,
  ): { readonly entries: CacheEntry[]; readonly next: Place | undefined }
  /** Of one entry, unchecked; undefined when there is none. */
  bytesOf(key: FileKey, node: string): number | undefined
  totals(node: string | undefined): { files: number; bytes: number }
  clear(): void
}

/** The entries of a database. Every function throws SqliteError. */
export function entryTable(database: Database): EntryTable {
  const byKey = database.prepare<[string], RawEntry>(`SELECT ${ROW} FROM entries WHERE key = ?`)
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
  // total() is the sum that cannot overflow; it is exact up to 2^53.
  const sums = 'SELECT count(*) AS files, total(bytes) AS bytes FROM entries'
  const sum = database.prepare(sums)
  const sumOf = database.prepare(`${sums} WHERE node = ?`)
  const empty = database.prepare('DELETE FROM entries')

  /** A bad row is no entry, and is gone once it was met. */
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
      const rows = page.all(node, after?.usedAt ?? -Number.MAX_VALUE, after?.key ?? '', limit)
      const last = rows.at(-1) as Place | undefined
      return { entries: checked(rows), next: rows.length < limit ? undefined : last }
    },
    bytesOf: (key, node) => bytesOf.get(key, node),
    totals: (node) => amounts.parse(node === undefined ? sum.get() : sumOf.get(node)),
    clear: () => void empty.run(),
  }
}
