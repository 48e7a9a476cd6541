import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { FileRecord } from '../disk/file-record.ts'
import type { CacheIndex } from '../index/cache-index.ts'

/** Range requests of one player come many a second. */
const TOUCH_EVERY_MS = 1000

/**
 * Tells the index what happened on this node's disk. Nothing here rejects: the index can be rebuilt,
 * the play goes on, and the next sweep mends what it missed.
 */
export interface IndexReporter {
  report(record: FileRecord): Promise<void>
  forget(record: FileRecord): Promise<void>
  /** Within a second of the last telling it is left out. */
  touch(record: FileRecord): void
}

export function createIndexReporter(deps: {
  node: string
  index: CacheIndex
  clock: Clock
  log: Log
}): IndexReporter {
  const { node, index, clock, log } = deps
  const told = new WeakMap<FileRecord, number>()

  async function attempt(record: FileRecord, task: () => Promise<unknown>): Promise<void> {
    try {
      await task()
    } catch (err) {
      // A backend that is away has said so itself, once.
      const level = index.connected ? 'warn' : 'debug'
      log[level]({ err, key: record.key }, 'the index could not be told; the next sweep mends it')
    }
  }

  return {
    report: (record) => attempt(record, () => index.save(record.entry(node))),
    forget: (record) => attempt(record, () => index.forget(record.key, node)),
    touch(record) {
      const now = clock.steady()
      if (now - (told.get(record) ?? Number.NEGATIVE_INFINITY) < TOUCH_EVERY_MS) return
      told.set(record, now)
      void attempt(record, () => index.touch(record.key, node, record.usedAt))
    },
  }
}
