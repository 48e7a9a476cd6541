import { z } from 'zod'
import { isKeepable, MAX_VALUE_BYTES } from '../../index/value-size.ts'
import type { Database } from './sqlite-database.ts'
import { Uses } from './sqlite-uses.ts'

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
  /** Of all values; as valueSize() counts them. */
  bytes(): number
  /** Removes some expired values, and some of those for which there is no room. */
  purge(now: number): void
  /** Writes down which values were read; a write does so too, when it needs to know. */
  keepUses(): void
  /** Writes without changing anything. @throws SqliteError when the database refuses writes */
  probe(): void
  clear(): void
}

/**
 * The key-value store in the table `notes`: at most `maxBytes`, else the least recently used go. Uses by
 * reading are written down only when one has to go, or at the end: a read must not write.
 * @throws SqliteError, by this function and all it returns
 */
export function valueTable(database: Database, maxBytes: number): ValueTable {
  const uses = new Uses(database)
  const get = database.prepare<[string, number], ValueRow>(
    // What is too large is not loaded: it may be a gigabyte.
    `SELECT iif(octet_length(json) <= ${MAX_VALUE_BYTES}, json, NULL) AS json, revision
     FROM notes WHERE name = ? AND expires_at > ?`,
  )
  const drop = database.prepare('DELETE FROM notes WHERE name = ?')
  // One counter for all names: a revision is never used again, also not for a later value of a name.
  const nextRevision = database
    .prepare('UPDATE last_revision SET value = value + 1 RETURNING value')
    .pluck()
  const put = database.prepare(`INSERT INTO notes VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE
    SET json = excluded.json, revision = excluded.revision, expires_at = excluded.expires_at`)
  const dropEnded = database.prepare(`DELETE FROM notes WHERE name IN
    (SELECT name FROM notes WHERE expires_at <= ? ORDER BY expires_at LIMIT ${PURGE_ROWS})`)
  const probe = database.prepare('UPDATE last_revision SET value = value')
  const empty = database.prepare('DELETE FROM notes')

  function read(name: string, now: number): ValueRow | undefined {
    const row = get.get(name, now)
    if (!row) return undefined
    // Other programs can write to the file: a row that is not ours is removed.
    const parsed = valueRow.safeParse(row)
    if (parsed.success) {
      uses.note(name)
      return parsed.data
    }
    drop.run(name)
    return undefined
  }

  const write = database.transaction((value: NewValue, expected: number, now: number): boolean => {
    if ((read(value.name, now)?.revision ?? 0) !== expected) return false
    const isKept = isKeepable(value.name, value.json, maxBytes)
    const revision = Number(nextRevision.get())
    if (isKept) put.run(value.name, value.json, revision, value.expiresAt)
    else drop.run(value.name)
    uses.noteWrite(revision)
    uses.makeRoom(maxBytes)
    return true
  })
  const purge = database.transaction((now: number): void => {
    dropEnded.run(now)
    uses.makeRoom(maxBytes)
  })
  const keepUses = database.transaction(() => uses.keep())

  return {
    read,
    write: (value, expected, now) => write.immediate(value, expected, now),
    purge: (now) => purge.immediate(now),
    bytes: () => uses.bytes,
    keepUses: () => keepUses.immediate(),
    probe: () => void probe.run(),
    clear: () => void empty.run(),
  }
}
