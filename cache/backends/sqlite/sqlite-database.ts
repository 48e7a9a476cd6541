import { chmodSync, closeSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import type { Clock } from '../../../common/clock.ts'
import { errorCode } from '../../../common/errors.ts'
import { isMissing } from '../../disk/replace-file.ts'
import { ForeignDatabase, failureOf } from './sqlite-failure.ts'
import { prepareUses } from './sqlite-uses.ts'

export type { Database }

/** How long a call, and so the event loop, waits for a lock that another process holds. */
export const BUSY_MS = 100
/** "Plyl": `PRAGMA application_id` of our files, so that we never write to another program's database. */
const APPLICATION_ID = 0x506c796c
/** `PRAGMA user_version`. Entries are rebuilt from the sidecars, so another version is not migrated. */
const SCHEMA_VERSION = 1
/** `PRAGMA auto_vacuum`: free pages can be given back bit by bit (sqlite-maintenance.ts). */
const INCREMENTAL = 2
/** Suffixes of the files of one database in WAL mode (https://sqlite.org/walformat.html). */
const PARTS = ['', '-wal', '-shm'] as const

/** The table `notes` holds the values of the key-value store. */
const SCHEMA = `
  CREATE TABLE entries (
    key TEXT NOT NULL, node TEXT NOT NULL, name TEXT NOT NULL,
    size INTEGER NOT NULL, bytes INTEGER NOT NULL, complete INTEGER NOT NULL,
    stored_at REAL NOT NULL, used_at REAL NOT NULL,
    PRIMARY KEY (key, node)
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX entries_order ON entries (node, used_at, key, bytes);
  CREATE TABLE notes (
    name TEXT PRIMARY KEY NOT NULL, json TEXT NOT NULL,
    revision INTEGER NOT NULL, expires_at REAL NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX notes_expiry ON notes (expires_at);
  CREATE TABLE last_revision (value INTEGER NOT NULL) STRICT;
  INSERT INTO last_revision VALUES (0);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`

const broken = (why: string): Error => Object.assign(new Error(why), { code: 'SQLITE_CORRUPT' })

function refuseForeign(database: Database): void {
  if (database.pragma('application_id', { simple: true }) === APPLICATION_ID) return
  const tables = database.prepare('SELECT count(*) FROM sqlite_master').pluck().get()
  if (tables !== 0) throw new ForeignDatabase('the file is a database of another program')
}

function prepareSchema(database: Database): void {
  const version = (): unknown => database.pragma('user_version', { simple: true })
  if (version() === SCHEMA_VERSION) {
    if (database.pragma('quick_check(1)', { simple: true }) !== 'ok') throw broken('quick_check')
  } else if (version() !== 0) throw broken(`schema version ${version()}`)
  // Checked again inside the transaction: another process may have made the tables by now.
  const create = database.transaction(() => void (version() === 0 && database.exec(SCHEMA)))
  if (version() === 0) create.immediate()
  prepareUses(database)
}

/**
 * Addresses with keys are kept in it. SQLite gives its log files the permissions of the database, and
 * would make that readable for everybody. What goes wrong here SQLite says itself, in its own words.
 */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch {}
}

/** An earlier version made them readable for everybody. Another user's file stays as it is. */
function closeToOthers(path: string): void {
  for (const part of PARTS) {
    try {
      chmodSync(path + part, 0o600)
    } catch {}
  }
}

function openSound<T>(path: string, use: (database: Database) => T): T {
  makePrivate(path)
  const database = new Sqlite(path, { timeout: BUSY_MS })
  try {
    refuseForeign(database)
    closeToOthers(path)
    // Before the first table is made; makeShrinkable() does it for a file of an earlier version.
    database.pragma(`auto_vacuum = ${INCREMENTAL}`)
    database.pragma('journal_mode = WAL')
    // A crash of the process loses nothing. A power cut loses the last changes; sidecars restore them.
    database.pragma('synchronous = NORMAL')
    // A checkpoint waits for the disk. sqlite-maintenance.ts runs it between calls; this limit is for
    // bursts of writes.
    database.pragma('wal_autocheckpoint = 10000')
    database.pragma('journal_size_limit = 4194304')
    database.pragma('cache_size = -16000')
    prepareSchema(database)
    return use(database)
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Lets the file of an earlier version give back what it no longer needs: writes it anew, once.
 * @throws SqliteError, also where there is no room for that
 */
export function makeShrinkable(database: Database): void {
  if (database.pragma('auto_vacuum', { simple: true }) === INCREMENTAL) return
  database.pragma(`auto_vacuum = ${INCREMENTAL}`)
  database.exec('VACUUM')
}

/** Renames a broken database. @returns its new path. @throws the file system's error */
export function setAside(path: string, clock: Clock): string {
  const aside = `${path}.corrupt-${Math.round(clock.wall())}`
  for (const part of PARTS) {
    try {
      renameSync(path + part, aside + part)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }
  return aside
}

/** Makes the last folder only: Node's recursive mkdir never returns where none can be made (/proc). */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
}

/**
 * Opens the database, and makes its folder and tables when they are missing. A broken one is renamed and
 * a new one begun: one that SQLite calls broken, or whose tables do not fit the statements of `use`.
 * @throws Error of a kind that failureOf() knows
 */
export function openDatabase<T>(
  path: string,
  clock: Clock,
  use: (database: Database) => T,
): { readonly used: T; readonly aside: string | undefined } {
  makeFolder(dirname(path))
  try {
    return { used: openSound(path, use), aside: undefined }
  } catch (error) {
    if (failureOf(error) !== 'broken') throw error
    const aside = setAside(path, clock)
    return { used: openSound(path, use), aside }
  }
}

/** Device and inode of the file, which tell it from a later one of that name; undefined without a file. */
export const identityOf = (path: string): string | undefined => {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

/**
 * Restores a database whose file was removed while it was open, and closes it. It is copied under another
 * name and then renamed, because the open handle still owns the log files of the old name.
 */
export function writeAgain(database: Database, path: string): void {
  const copy = `${path}.new`
  rmSync(copy, { force: true })
  // SQLite takes an empty file for none, and keeps its permissions.
  makePrivate(copy)
  try {
    database.prepare('VACUUM INTO ?').run(copy)
  } finally {
    database.close()
  }
  // SQLite would apply the log of the old file to the new one.
  for (const part of ['-wal', '-shm']) rmSync(path + part, { force: true })
  renameSync(copy, path)
}
