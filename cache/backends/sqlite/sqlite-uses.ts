import type { Database, Statement } from 'better-sqlite3'
import { VALUE_OVERHEAD_BYTES } from '../../index/value-size.ts'

/** As valueSize() counts them. */
const bytesOf = (row: string): string =>
  `octet_length(${row}.name) + octet_length(${row}.json) + ${VALUE_OVERHEAD_BYTES}`

/**
 * What each value takes and when it was last used, so that the least recently used can go. `used` is the
 * last revision that was given by then, because clocks jump; `note_bytes` is the sum. Triggers keep both, whoever changes the values, and
 * the table of the values is as earlier versions made it.
 */
const USES = `
  CREATE TABLE note_uses (
    name TEXT PRIMARY KEY NOT NULL, used INTEGER NOT NULL, bytes INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX note_uses_order ON note_uses (used);
  CREATE TABLE note_bytes (value INTEGER NOT NULL) STRICT;
  INSERT INTO note_bytes VALUES (0);
  CREATE TRIGGER note_use_added AFTER INSERT ON note_uses BEGIN
    UPDATE note_bytes SET value = value + NEW.bytes;
  END;
  CREATE TRIGGER note_use_changed AFTER UPDATE OF bytes ON note_uses BEGIN
    UPDATE note_bytes SET value = value + NEW.bytes - OLD.bytes;
  END;
  CREATE TRIGGER note_use_removed AFTER DELETE ON note_uses BEGIN
    UPDATE note_bytes SET value = value - OLD.bytes;
  END;
  CREATE TRIGGER note_added AFTER INSERT ON notes BEGIN
    INSERT INTO note_uses VALUES (NEW.name, NEW.revision, ${bytesOf('NEW')})
      ON CONFLICT (name) DO UPDATE SET used = excluded.used, bytes = excluded.bytes;
  END;
  CREATE TRIGGER note_changed AFTER UPDATE ON notes BEGIN
    UPDATE note_uses SET used = NEW.revision, bytes = ${bytesOf('NEW')} WHERE name = NEW.name;
  END;
  CREATE TRIGGER note_removed AFTER DELETE ON notes BEGIN
    DELETE FROM note_uses WHERE name = OLD.name;
  END;
  INSERT INTO note_uses SELECT name, revision, ${bytesOf('notes')} FROM notes;
`

/** Makes these tables where an earlier version has not. @throws SqliteError */
export function prepareUses(database: Database): void {
  const exists = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'note_uses'").pluck()
  if (exists.get() === 1) return
  const create = database.transaction(() => void (exists.get() === 1 || database.exec(USES)))
  create.immediate()
}

/** Uses by reading that wait to be written; what was used before them counts as not used. */
const MAX_WAITING = 10_000
/** Values removed at once, so that it never blocks the process for long. */
const MOST_AT_ONCE = 500

/** Which values were used, and the room that they take. @throws SqliteError, by every method */
export class Uses {
  readonly #sum: Statement<[], number>
  readonly #oldest: Statement<[], string>
  readonly #mark: Statement<[number, string, number]>
  readonly #removeValue: Statement<[string]>
  readonly #removeUse: Statement<[string]>
  /** Values that were read and not yet marked, each with its use; the last one at the end. */
  readonly #read = new Map<string, number>()
  #now: number

  constructor(database: Database) {
    this.#sum = database.prepare<[], number>('SELECT value FROM note_bytes').pluck()
    const oldest = 'SELECT name FROM note_uses ORDER BY used LIMIT 1'
    this.#oldest = database.prepare<[], string>(oldest).pluck()
    this.#mark = database.prepare('UPDATE note_uses SET used = ? WHERE name = ? AND used < ?')
    const last = database.prepare<[], number>('SELECT value FROM last_revision').pluck()
    this.#now = last.get() ?? 0
    this.#removeValue = database.prepare('DELETE FROM notes WHERE name = ?')
    this.#removeUse = database.prepare('DELETE FROM note_uses WHERE name = ?')
  }

  /** Of all values. */
  get bytes(): number {
    return this.#sum.get() ?? 0
  }

  /** A value was read. Nothing is written: a read must not wait for a lock. */
  note(name: string): void {
    this.#read.delete(name)
    this.#read.set(name, this.#now)
    const [first] = this.#read.size > MAX_WAITING ? this.#read.keys() : []
    if (first !== undefined) this.#read.delete(first)
  }

  /** A value was written: what is read from now on was used later than it. */
  noteWrite(revision: number): void {
    this.#now = revision
  }

  /** Writes down what was read. */
  keep(): void {
    for (const [name, used] of this.#read) this.#mark.run(used, name, used)
    this.#read.clear()
  }

  /** Removes the least recently used; a limit that was lowered by much takes several calls. */
  makeRoom(maxBytes: number): void {
    if (this.bytes <= maxBytes) return
    this.keep()
    for (let removed = 0; removed < MOST_AT_ONCE && this.bytes > maxBytes; removed++) {
      const name = this.#oldest.get()
      if (name === undefined) return
      this.#removeValue.run(name)
      this.#removeUse.run(name)
    }
  }
}
