import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Clock } from '../../common/clock.ts'
import { killPoint } from '../../common/kill-point.ts'
import type { Log } from '../../common/log.ts'
import { filePaths, infoHashOf } from '../disk/file-paths.ts'
import type { FileRecord } from '../disk/file-record.ts'
import { replaceFile } from '../disk/replace-file.ts'
import { type SidecarState, sidecarText } from '../disk/sidecar.ts'
import { createSidecarSchedule, type SidecarSchedule } from '../disk/sidecar-schedule.ts'
import type { CacheIndex } from '../index/cache-index.ts'
import { IndexReporter } from './index-reporter.ts'
import { KeyedLock } from './keyed-lock.ts'
import { RecordMap } from './record-map.ts'
import { removeRecord } from './remove-record.ts'
import type { RunningTime } from './running-time.ts'

/** A crash may lose the uses of the last 30 seconds. Without the delay every use would cost a write. */
const USE_WRITE_DELAY_MS = 30_000

/** The records of this node's files in memory, and what every operation on them shares. */
export class RecordStore {
  readonly dir: string
  readonly clock: Clock
  readonly log: Log
  readonly records = new RecordMap()
  readonly sidecars: SidecarSchedule
  readonly reporter: IndexReporter
  readonly #time: RunningTime
  readonly #torrentLocks = new KeyedLock()

  constructor(deps: {
    dir: string
    node: string
    time: RunningTime
    index: CacheIndex
    clock: Clock
    log: Log
  }) {
    this.dir = deps.dir
    this.clock = deps.clock
    this.log = deps.log
    this.#time = deps.time
    this.reporter = new IndexReporter(deps)
    this.sidecars = createSidecarSchedule(
      (record) => this.withLock(infoHashOf(record.key), () => this.#refresh(record)),
      deps.log,
    )
  }

  /**
   * Runs a task that changes a torrent's folder while no other one does. Not reentrant: a task that asks
   * for the lock of its own torrent waits for ever.
   */
  withLock<T>(infoHash: string, task: () => Promise<T>): Promise<T> {
    return this.#torrentLocks.run(infoHash, task)
  }

  /** Resolves when no task holds or waits for a lock. */
  idle(): Promise<void> {
    return this.#torrentLocks.idle()
  }

  /** Notes a use: now the most recently used file; sidecar and index follow later. */
  touch(record: FileRecord): void {
    record.touch()
    if (this.records.get(record.key) !== record) return
    this.records.moveLast(record.key, record)
    this.sidecars.soon(record, USE_WRITE_DELAY_MS)
    this.reporter.touch(record)
  }

  /** See FileStore.setKeep. Counts before the first await: nobody evicts it in between. */
  async setKeep(key: FileKey, keep: boolean): Promise<boolean> {
    const record = this.records.get(key)
    if (!record || record.removing || record.halfRemoved) return false
    const before = record.keep
    record.keep = keep
    try {
      await this.withLock(infoHashOf(key), () => this.writeSidecar(record, record))
    } catch (error) {
      record.keep = before
      throw error
    }
    return true
  }

  /** Needs the torrent's lock. @throws the file system's error */
  writeSidecar(record: FileRecord, state: SidecarState): Promise<void> {
    const path = filePaths(this.dir, record.key).sidecar
    return replaceFile(path, sidecarText(record, state, this.#time.now()))
  }

  /** Tells the index. Needs the torrent's lock; never rejects. */
  report(record: FileRecord): Promise<void> {
    return this.reporter.report(record)
  }

  /** True when this call removed it; false while it is pinned, when it is unknown, or on a disk error. */
  remove(key: FileKey): Promise<boolean> {
    return removeRecord(this, key)
  }

  /** Whether any file of the torrent is here. */
  hasTorrent(infoHash: string): boolean {
    return this.records.hasTorrent(infoHash)
  }

  async #refresh(record: FileRecord): Promise<void> {
    if (this.records.get(record.key) !== record || record.removing || record.halfRemoved) return
    await this.writeSidecar(record, record)
    killPoint('mark:sidecar')
    await this.reporter.report(record)
  }
}
