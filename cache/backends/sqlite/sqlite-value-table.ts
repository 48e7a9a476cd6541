import { z } from 'zod'
import type { Database } from './sqlite-database.ts'

/** A value is some KB. Expired values are purged first, then those that expire next. */
const MAX_VALUES = 100_000
/** Rows removed by one purge, so that it never blocks the process for long. */
const PURGE_ROWS = 500

const valueRow = z.object({ json: z.string().refine(isJson), revision: z.int().positive() })

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

export type ValueRow = Readonly<z.infer<typeof valueRow>>

export interface NewValue {
  readonly name: string
  readonly json: string
  /** Wall-clock milliseconds. */
  readonly expiresAt: number
}

export interface ValueTable {
  read(name: string, now: number): ValueRow | undefined
  /** Compare-and-set, in one transaction. */
  write(value: NewValue, expectedRevision: number, now: number): boolean
  /** Removes some expired values, and some of those above MAX_VALUES. */
  purge(now: number): void
  /** Writes without changing anything. @throws SqliteError when the database refuses writes */
  probe(): void
  clear(): void
}

/** The key-value store in the table `notes`. @throws SqliteError, by this function and all it returns */
export function valueTable(database: Database): ValueTable {
  const get = database.prepare<[string, number], ValueRow>(
    'SELECT json, revision FROM notes WHERE name = ? AND expires_at > ?',
  )
  const drop = database.prepare('DELETE FROM notes WHERE name = ?')
  // One counter for all names: a revision is never used again, also not for a later value of a name.
  const nextRevision = database
    .prepare('UPDATE last_revision SET value = value + 1 RETURNING value')
    .pluck()
  const put = database.prepare('INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?)')
  const count = database.prepare<[], number>('SELECT count(*) FROM notes').pluck()
  const purge = database.prepare(`DELETE FROM notes WHERE name IN
    (SELECT name FROM notes WHERE expires_at <= ? ORDER BY expires_at LIMIT ${PURGE_ROWS})`)
  const shorten = database.prepare(`DELETE FROM notes WHERE name IN
    (SELECT name FROM notes ORDER BY expires_at LIMIT ?)`)
  const probe = database.prepare('UPDATE last_revision SET value = value')
  const empty = database.prepare('DELETE FROM notes')

  function read(name: string, now: number): ValueRow | undefined {
    const row = get.get(name, now)
    if (!row) return undefined
    // Other programs can write to the file: a row that is not ours is removed.
    const parsed = valueRow.safeParse(row)
    if (parsed.success) return parsed.data
    drop.run(name)
    return undefined
  }

  const write = database.transaction((value: NewValue, expected: number, now: number): boolean => {
    if ((read(value.name, now)?.revision ?? 0) !== expected) return false
    put.run(value.name, value.json, nextRevision.get(), value.expiresAt)
    return true
  })

  return {
    read,
    write: (value, expected, now) => write.immediate(value, expected, now),
    purge(now) {
      purge.run(now)
      const excess = (count.get() ?? 0) - MAX_VALUES
      if (excess > 0) shorten.run(Math.min(excess, PURGE_ROWS))
    },
    probe: () => void probe.run(),
    clear: () => void empty.run(),
  }
}
