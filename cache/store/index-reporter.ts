import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { FileRecord } from '../disk/file-record.ts'
import type { CacheIndex } from '../index/cache-index.ts'

/** A player may send many range requests a second. */
const TOUCH_EVERY_MS = 1000

/**
 * Tells the index what happened on this node's disk. Nothing here rejects: a play goes on without the
 * index, and the next sweep corrects what it has missed.
 */
export class IndexReporter {
  readonly #node: string
  readonly #index: CacheIndex
  readonly #clock: Clock
  readonly #log: Log
  /** Steady time of the last touch that was reported. */
  readonly #touched = new WeakMap<FileRecord, number>()

  constructor(deps: { node: string; index: CacheIndex; clock: Clock; log: Log }) {
    this.#node = deps.node
    this.#index = deps.index
    this.#clock = deps.clock
    this.#log = deps.log
  }

  report(record: FileRecord): Promise<void> {
    return this.#attempt(record, () => this.#index.save(record.entry(this.#node), record.fence))
  }

  forget(record: FileRecord): Promise<void> {
    return this.#attempt(record, () => this.#index.forget(record.key, this.#node))
  }

  /** Reports a use, at most once a second for each file. */
  touch(record: FileRecord): void {
    const now = this.#clock.steady()
    if (now - (this.#touched.get(record) ?? Number.NEGATIVE_INFINITY) < TOUCH_EVERY_MS) return
    this.#touched.set(record, now)
    void this.#attempt(record, () => this.#index.touch(record.key, this.#node, record.usedAt))
  }

  async #attempt(record: FileRecord, task: () => Promise<unknown>): Promise<void> {
    try {
      await task()
    } catch (err) {
      // A backend that cannot be reached has logged that itself, once.
      const level = this.#index.connected ? 'warn' : 'debug'
      const facts = { err, key: record.key }
      this.#log[level](facts, 'the index could not be told; the next sweep mends it')
    }
  }
}
