import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import { errorCode } from '../../disk/replace-file.ts'
import {
  BUSY_MS,
  type Database,
  identityOf,
  openDatabase,
  setAside,
  writeAgain,
} from './sqlite-database.ts'
import { failureOf } from './sqlite-failure.ts'
import { createMaintenance } from './sqlite-maintenance.ts'
import { type EntryTable, entryTable } from './sqlite-tables.ts'
import { type ValueTable, valueTable } from './sqlite-values.ts'

const RETRY_MS = 500
/** How often an open file is looked for under its name. */
const LOOK_MS = 1000

export interface Tables {
  readonly database: Database
  readonly entries: EntryTable
  readonly notes: ValueTable
}

/** A database that may be away; never throws for that, and never waits longer than BUSY_MS. */
export interface SqliteConnection {
  readonly connected: boolean
  /** undefined: it could not be asked. While it takes no writes it is still asked, without waiting. */
  read<T>(ask: (tables: Tables) => T): T | undefined
  /** undefined: not written, and nothing more is tried until it has healed. */
  write<T>(change: (tables: Tables) => T): { readonly value: T } | undefined
  close(): void
}

export interface ConnectionOptions {
  readonly path: string
  /** Nothing of an earlier run counts. */
  readonly fresh: boolean
  readonly clock: Clock
  readonly log: Log | undefined
  /** Writes some of what waits; answers whether there is more. Called until there is not. */
  readonly flush: (tables: Tables) => boolean
  /** What tests do to a database to make it full or read-only. */
  readonly onOpen?: ((database: Database) => void) | undefined
}

/** The file is opened at the first call: only then is its folder locked for this process. */
export function createSqliteConnection(options: ConnectionOptions): SqliteConnection {
  const { path, clock, log, flush } = options
  let { fresh } = options
  let tables: Tables | undefined
  let identity: string | undefined
  let looked = 0
  let trouble: string | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function prepare(database: Database): Tables {
    options.onOpen?.(database)
    const prepared = { database, entries: entryTable(database), notes: valueTable(database) }
    if (fresh) for (const table of [prepared.entries, prepared.notes]) table.clear()
    fresh = false
    return prepared
  }

  function open(): Tables {
    const { used, aside } = openDatabase(path, clock, prepare)
    if (aside) log?.warn({ aside }, 'the sqlite index was broken: set aside and begun anew')
    identity = identityOf(path)
    looked = clock.steady()
    return used
  }

  function shut(): void {
    tables?.database.close()
    tables = undefined
  }

  function failed(error: unknown): void {
    const kind = failureOf(error) ?? 'lost'
    const code = errorCode(error) ?? kind
    let aside: string | undefined
    if (kind === 'refused') tables?.database.pragma('busy_timeout = 0')
    else shut()
    if (kind === 'broken') {
      try {
        aside = setAside(path, clock)
      } catch (err) {
        log?.warn({ err }, 'the broken sqlite index could not be set aside')
      }
    }
    if (trouble === undefined) {
      log?.warn({ code, aside }, 'the sqlite index cannot be used: going on from memory')
    }
    trouble = code
    if (!closed) timer ??= setTimeout(heal, RETRY_MS)
  }

  function heal(): void {
    timer = undefined
    try {
      tables ??= open()
      tables.notes.probe()
      if (flush(tables)) {
        timer = setTimeout(heal, 0)
        return
      }
      tables.database.pragma(`busy_timeout = ${BUSY_MS}`)
    } catch (error) {
      failed(error)
      return
    }
    trouble = undefined
    log?.info('the sqlite index can be used again')
  }

  /** A file removed or replaced by somebody would take writes that nobody ever reads. */
  function followFile(opened: Tables): Tables {
    if (clock.steady() - looked < LOOK_MS) return opened
    looked = clock.steady()
    const now = identityOf(path)
    if (now === identity) return opened
    tables = undefined
    if (now === undefined) writeAgain(opened.database, path)
    else opened.database.close()
    tables = open()
    log?.warn('the file of the sqlite index was removed or replaced under us: opened anew')
    return tables
  }

  function attempt<T>(task: (tables: Tables) => T): { value: T } | undefined {
    if (closed || (trouble !== undefined && !tables)) return undefined
    try {
      tables = tables ? followFile(tables) : open()
      return { value: task(tables) }
    } catch (error) {
      if (failureOf(error) === undefined) throw error
      failed(error)
      return undefined
    }
  }

  const maintenance = createMaintenance(clock, attempt)

  return {
    get connected() {
      return trouble === undefined
    },
    read: (ask) => attempt(ask)?.value,
    write(change) {
      if (trouble !== undefined) return undefined
      maintenance.written()
      return attempt(change)
    },
    close() {
      if (closed) return
      closed = true
      clearTimeout(timer)
      maintenance.end()
      try {
        if (trouble !== undefined) {
          tables ??= open()
          while (flush(tables));
        }
      } catch (error) {
        log?.warn({ code: errorCode(error) }, 'the last changes did not reach the sqlite index')
      }
      shut()
    },
  }
}
