import type { Log } from '../../common/log.ts'
import type { FileRecord } from './file-record.ts'

/** Writes sidecars some time after a change, several changes at once. */
export interface SidecarWriter {
  /** Within `delayMs`, or earlier when an earlier write waits. */
  soon(record: FileRecord, delayMs: number): void
  /** Somebody else wrote it, or it is gone. */
  cancel(record: FileRecord): void
  /** Writes what waits, now, and takes no more. */
  end(): Promise<void>
}

interface Waiting {
  readonly timer: NodeJS.Timeout
  readonly due: number
}

/** @param write queues by itself: it may be called while an earlier write of the record runs */
export function createSidecarWriter(
  write: (record: FileRecord) => Promise<void>,
  log: Log,
): SidecarWriter {
  const waiting = new Map<FileRecord, Waiting>()
  let ended = false

  function cancel(record: FileRecord): void {
    clearTimeout(waiting.get(record)?.timer)
    waiting.delete(record)
  }

  async function run(record: FileRecord): Promise<void> {
    cancel(record)
    try {
      await write(record)
    } catch (err) {
      // The next mark, use or close tries again; memory knows better meanwhile.
      log.warn({ err, key: record.key }, 'a sidecar could not be written')
    }
  }

  return {
    cancel,
    soon(record, delayMs) {
      if (ended) return
      const due = performance.now() + delayMs
      const before = waiting.get(record)
      if (before && before.due <= due) return
      cancel(record)
      waiting.set(record, { due, timer: setTimeout(() => void run(record), delayMs) })
    },
    async end() {
      ended = true
      await Promise.all([...waiting.keys()].map(run))
    },
  }
}
