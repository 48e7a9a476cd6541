import { z } from 'zod'
import type { Database } from './sqlite-database.ts'

/** A source list is some KB; expired ones go first, then those that would expire first. */
const MAX_VALUES = 100_000
/** So that one purge never blocks for long. */
const PURGE = 500

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
  write(note: NewValue, expectedRevision: number, now: number): boolean
  /** Drops some of what nobody will read. */
  purge(now: number): void
  /** Writes without changing anything: throws when the database takes no writes. */
  probe(): void
  clear(): void
}

/** The notes of a database. Every function throws SqliteError. */
export function valueTable(database: Database): ValueTable {
  const get = database.prepare<[string, number], ValueRow>(
    'SELECT json, revision FROM notes WHERE name = ? AND expires_at > ?',
  )
  const drop = database.prepare('DELETE FROM notes WHERE name = ?')
  // One sequence for all names and never reused: an old revision cannot match a note born later.
  const nextRevision = database
    .prepare('UPDATE last_revision SET value = value + 1 RETURNING value')
    .pluck()
  const put = database.prepare('INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?)')
  const count = database.prepare<[], number>('SELECT count(*) FROM notes').pluck()
  const purge = database.prepare(`DELETE FROM notes WHERE name IN
    (SELECT name FROM notes WHERE expires_at <= ? ORDER BY expires_at LIMIT ${PURGE})`)
  const shorten = database.prepare(`DELETE FROM notes WHERE name IN
    (SELECT name FROM notes ORDER BY expires_at LIMIT ?)`)
  const probe = database.prepare('UPDATE last_revision SET value = value')
  const empty = database.prepare('DELETE FROM notes')

  function read(name: string, now: number): ValueRow | undefined {
    const row = get.get(name, now)
    if (!row) return undefined
    const note = valueRow.safeParse(row)
    if (note.success) return note.data
    drop.run(name)
    return undefined
  }

  const write = database.transaction((note: NewValue, expected: number, now: number): boolean => {
    if ((read(note.name, now)?.revision ?? 0) !== expected) return false
    put.run(note.name, note.json, nextRevision.get(), note.expiresAt)
    return true
  })

  return {
    read,
    write: (note, expected, now) => write.immediate(note, expected, now),
    purge(now) {
      purge.run(now)
      const excess = (count.get() ?? 0) - MAX_VALUES
      if (excess > 0) shorten.run(Math.min(excess, PURGE))
    },
    probe: () => void probe.run(),
    clear: () => void empty.run(),
  }
}
