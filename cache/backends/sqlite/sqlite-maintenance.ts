import type { Clock } from '../../../common/clock.ts'
import type { Tables } from './sqlite-tables.ts'

const PURGE_EVERY_MS = 60_000
/** Writes: some 3000 pages of the log. SQLite would do it within a call (sqlite-database.ts). */
const CHECKPOINT_EVERY = 1000
/** Free pages of 4 KiB above which some are given back to the file system. */
const SPARE_PAGES = 2000

/** Purges and checkpoints, run in a tick of their own so that no call has to wait for them. */
export class Maintenance {
  readonly #clock: Clock
  readonly #run: (task: (tables: Tables) => void) => void
  #purgedAt: number
  #writes = 0
  #planned: NodeJS.Immediate | undefined

  /** @param run calls the task with the tables when they can be used, and handles its failure */
  constructor(clock: Clock, run: (task: (tables: Tables) => void) => void) {
    this.#clock = clock
    this.#run = run
    this.#purgedAt = clock.steady()
  }

  /** To be called for every write. */
  noteWrite(): void {
    this.#writes++
    const isDue =
      this.#writes >= CHECKPOINT_EVERY || this.#clock.steady() - this.#purgedAt >= PURGE_EVERY_MS
    if (this.#planned || !isDue) return
    this.#planned = setImmediate(() => {
      this.#planned = undefined
      this.#run((tables) => this.#work(tables))
    })
  }

  end(): void {
    clearImmediate(this.#planned)
  }

  #work({ database, values }: Tables): void {
    if (this.#clock.steady() - this.#purgedAt >= PURGE_EVERY_MS) {
      this.#purgedAt = this.#clock.steady()
      values.purge(this.#clock.wall())
      const free = Number(database.pragma('freelist_count', { simple: true }))
      if (free > SPARE_PAGES) database.pragma(`incremental_vacuum(${SPARE_PAGES})`)
    }
    if (this.#writes >= CHECKPOINT_EVERY) {
      this.#writes = 0
      database.pragma('wal_checkpoint(PASSIVE)')
    }
  }
}
