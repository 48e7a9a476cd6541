import type { Log } from '../../common/log.ts'
import type { FileRecord } from './file-record.ts'

/**
 * Decides when a sidecar is written: some time after a change, so that several changes cost one
 * write. The text is made by sidecar.ts, and written by cache/store/record-store.ts.
 */
export interface SidecarSchedule {
  /** Plans a write in `delayMs`, unless an earlier one is planned already. */
  soon(record: FileRecord, delayMs: number): void
  /** Drops the planned write: the caller writes the sidecar itself, or removes it. */
  cancel(record: FileRecord): void
  /** Writes all that is planned now, and accepts no more. */
  end(): Promise<void>
}

interface PlannedWrite {
  readonly timer: NodeJS.Timeout
  readonly due: number
}

/** @param write may be called while an earlier write of the same record runs: it has to queue */
export function createSidecarSchedule(
  write: (record: FileRecord) => Promise<void>,
  log: Log,
): SidecarSchedule {
  const planned = new Map<FileRecord, PlannedWrite>()
  let ended = false

  function cancel(record: FileRecord): void {
    clearTimeout(planned.get(record)?.timer)
    planned.delete(record)
  }

  async function run(record: FileRecord): Promise<void> {
    cancel(record)
    try {
      await write(record)
    } catch (err) {
      // The next mark, use or close tries again. Until then the record in memory is ahead of it.
      log.warn({ err, key: record.key }, 'a sidecar could not be written')
    }
  }

  return {
    cancel,
    soon(record, delayMs) {
      if (ended) return
      const due = performance.now() + delayMs
      const before = planned.get(record)
      if (before && before.due <= due) return
      cancel(record)
      planned.set(record, { due, timer: setTimeout(() => void run(record), delayMs) })
    },
    async end() {
      ended = true
      await Promise.all([...planned.keys()].map(run))
    },
  }
}
