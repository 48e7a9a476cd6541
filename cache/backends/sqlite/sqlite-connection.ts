import type { Clock } from '../../../common/clock.ts'
import { errorCode } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import {
  BUSY_MS,
  type Database,
  identityOf,
  makeShrinkable,
  openDatabase,
  setAside,
  writeAgain,
} from './sqlite-database.ts'
import { failureOf } from './sqlite-failure.ts'
import { Maintenance } from './sqlite-maintenance.ts'
import { prepareTables, type Tables } from './sqlite-tables.ts'

const RETRY_MS = 500
/** How often it is checked that the open file is still the one of that name. */
const FILE_CHECK_MS = 1000
/** At the start; each removes some hundreds of values. */
const MAX_PURGES = 1000

export interface ConnectionOptions {
  readonly path: string
  /** Empty the tables when the database is first opened. */
  readonly fresh: boolean
  /** What all values may take (cache/index/value-size.ts). */
  readonly maxValueBytes: number
  readonly clock: Clock
  readonly log: Log | undefined
  /** Writes some of the pending changes; answers whether there are more, and is called until there are not. */
  readonly flush: (tables: Tables) => boolean
  /** For tests: makes a database full or read-only. */
  readonly onOpen?: ((database: Database) => void) | undefined
}

/**
 * A connection to a database that may be out of use for a while. It never throws for that reason, and no
 * call waits longer than BUSY_MS. The file is opened at the first call, because only then is its folder
 * locked for this process.
 */
export class SqliteConnection {
  readonly #options: ConnectionOptions
  readonly #maintenance: Maintenance
  #fresh: boolean
  #tables: Tables | undefined
  /** Tells the open file from another one that takes its place. */
  #identity: string | undefined
  /** Steady time of the last check of the file. */
  #checkedAt = 0
  /** Code of the failure that put the database out of use; undefined while it can be used. */
  #failure: string | undefined
  #retryTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#fresh = options.fresh
    this.#maintenance = new Maintenance(options.clock, (task) => void this.#attempt(task))
  }

  get connected(): boolean {
    return this.#failure === undefined
  }

  /**
   * Undefined when the database could not be asked. One that refuses writes is still read, without
   * waiting for it.
   */
  read<T>(ask: (tables: Tables) => T): T | undefined {
    return this.#attempt(ask)?.value
  }

  /** Undefined when nothing was written; no further write is tried until the database can be used again. */
  write<T>(change: (tables: Tables) => T): { readonly value: T } | undefined {
    if (this.#failure !== undefined) return undefined
    this.#maintenance.noteWrite()
    return this.#attempt(change)
  }

  /** Tries once more to write what is pending. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#retryTimer)
    this.#maintenance.end()
    try {
      if (this.#failure !== undefined) {
        this.#tables ??= this.#open()
        while (this.#options.flush(this.#tables));
      }
    } catch (error) {
      const code = errorCode(error)
      this.#options.log?.warn({ code }, 'the last changes did not reach the sqlite index')
    }
    this.#keepUses()
    this.#shut()
  }

  #attempt<T>(task: (tables: Tables) => T): { value: T } | undefined {
    if (this.#closed || (this.#failure !== undefined && !this.#tables)) return undefined
    try {
      this.#tables = this.#tables ? this.#followFile(this.#tables) : this.#open()
      return { value: task(this.#tables) }
    } catch (error) {
      if (failureOf(error) === undefined) throw error
      this.#fail(error)
      return undefined
    }
  }

  #open(): Tables {
    const { path, clock, log } = this.#options
    const { used, aside } = openDatabase(path, clock, (database) => this.#prepare(database))
    if (aside) log?.warn({ aside }, 'the sqlite index was broken: set aside and begun anew')
    this.#identity = identityOf(path)
    this.#checkedAt = clock.steady()
    return used
  }

  #prepare(database: Database): Tables {
    this.#options.onOpen?.(database)
    const tables = prepareTables(database, this.#options.maxValueBytes)
    if (this.#fresh) {
      tables.entries.clear()
      tables.values.clear()
    }
    this.#fresh = false
    this.#trim(tables)
    return tables
  }

  /** What an earlier version left may be far too much. One that refuses writes is still read. */
  #trim(tables: Tables): void {
    try {
      const { clock, maxValueBytes } = this.#options
      for (let purges = 0; purges < MAX_PURGES; purges++) {
        tables.values.purge(clock.wall())
        if (tables.values.bytes() <= maxValueBytes) break
      }
      makeShrinkable(tables.database)
    } catch (error) {
      if (failureOf(error) !== 'refused') throw error
    }
  }

  #keepUses(): void {
    try {
      this.#tables?.values.keepUses()
    } catch {} // a value that goes a little too early is made again
  }

  #shut(): void {
    this.#tables?.database.close()
    this.#tables = undefined
  }

  /** Opens the file again when somebody removed or replaced it: nobody would ever read what we write. */
  #followFile(opened: Tables): Tables {
    const { path, clock, log } = this.#options
    if (clock.steady() - this.#checkedAt < FILE_CHECK_MS) return opened
    this.#checkedAt = clock.steady()
    const identity = identityOf(path)
    if (identity === this.#identity) return opened
    this.#tables = undefined
    if (identity === undefined) writeAgain(opened.database, path)
    else opened.database.close()
    const tables = this.#open()
    log?.warn('the file of the sqlite index was removed or replaced under us: opened anew')
    return tables
  }

  #fail(error: unknown): void {
    const { log } = this.#options
    const kind = failureOf(error) ?? 'lost'
    const code = errorCode(error) ?? kind
    if (kind === 'refused') this.#tables?.database.pragma('busy_timeout = 0')
    else this.#shut()
    const aside = kind === 'broken' ? this.#setAside() : undefined
    if (this.#failure === undefined) {
      log?.warn({ code, aside }, 'the sqlite index cannot be used: going on from memory')
    }
    this.#failure = code
    if (!this.#closed) this.#retryTimer ??= setTimeout(() => this.#heal(), RETRY_MS)
  }

  #setAside(): string | undefined {
    const { path, clock, log } = this.#options
    try {
      return setAside(path, clock)
    } catch (err) {
      log?.warn({ err }, 'the broken sqlite index could not be set aside')
      return undefined
    }
  }

  #heal(): void {
    this.#retryTimer = undefined
    try {
      this.#tables ??= this.#open()
      this.#tables.values.probe()
      if (this.#options.flush(this.#tables)) {
        this.#retryTimer = setTimeout(() => this.#heal(), 0)
        return
      }
      this.#tables.database.pragma(`busy_timeout = ${BUSY_MS}`)
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#failure = undefined
    this.#options.log?.info('the sqlite index can be used again')
  }
}
