import type { Clock } from '../../../common/clock.ts'
import type { Tables } from './sqlite-connection.ts'

const PURGE_EVERY_MS = 60_000
/** Some 3000 pages of the log; SQLite itself would stop a call for it (sqlite-database.ts). */
const CHECKPOINT_EVERY = 1000

/** Work that no call is to wait for, done in a turn of its own after one of them. */
export interface Maintenance {
  /** After every write. */
  written(): void
  end(): void
}

/** @param run hands out the tables when they can be used, and takes care of what fails */
export function createMaintenance(
  clock: Clock,
  run: (task: (tables: Tables) => void) => void,
): Maintenance {
  let purgedAt = clock.steady()
  let writes = 0
  let turn: NodeJS.Immediate | undefined

  function work({ database, notes }: Tables): void {
    if (clock.steady() - purgedAt >= PURGE_EVERY_MS) {
      purgedAt = clock.steady()
      notes.purge(clock.wall())
    }
    if (writes >= CHECKPOINT_EVERY) {
      writes = 0
      database.pragma('wal_checkpoint(PASSIVE)')
    }
  }

  return {
    written() {
      writes++
      if (turn || (writes < CHECKPOINT_EVERY && clock.steady() - purgedAt < PURGE_EVERY_MS)) return
      turn = setImmediate(() => {
        turn = undefined
        run(work)
      })
    },
    end: () => clearImmediate(turn),
  }
}
