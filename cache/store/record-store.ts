import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Clock } from '../../common/clock.ts'
import { killPoint } from '../../common/kill-point.ts'
import type { Log } from '../../common/log.ts'
import { filePaths, infoHashOf } from '../disk/file-paths.ts'
import type { FileRecord } from '../disk/file-record.ts'
import { replaceFile } from '../disk/replace-file.ts'
import { type SidecarState, sidecarText } from '../disk/sidecar.ts'
import { createSidecarWriter, type SidecarWriter } from '../disk/sidecar-writer.ts'
import type { CacheIndex } from '../index/cache-index.ts'
import { createIndexReporter } from './index-reporter.ts'
import { createKeyedLock } from './keyed-lock.ts'
import { RecordMap } from './record-map.ts'
import { removeRecord } from './remove-record.ts'
import type { RunningTime } from './running-time.ts'

/** A crash forgets uses of this long; every use of a file would cost a write otherwise. */
const USE_WRITE_DELAY_MS = 30_000

/** The records of a node, in memory, and what every operation on them shares. */
export interface RecordStore {
  readonly dir: string
  readonly clock: Clock
  readonly log: Log
  readonly sidecars: SidecarWriter
  /** Least recently used first. */
  readonly records: Map<FileKey, FileRecord>
  /** Runs one after another what changes a torrent's folder. Never waits for itself: do not nest. */
  withLock<T>(infoHash: string, task: () => Promise<T>): Promise<T>
  idle(): Promise<void>
  touch(record: FileRecord): void
  /** Only in turn. @throws the file system's error */
  writeSidecar(record: FileRecord, state: SidecarState): Promise<void>
  /** Tells the index. Only in turn; never rejects: the index can be rebuilt, the play goes on. */
  report(record: FileRecord): Promise<void>
  /** True when this call removed it; false while held, unknown, or when the disk refused. */
  remove(key: FileKey): Promise<boolean>
  /** Whether any content of the torrent is here. */
  hasTorrent(infoHash: string): boolean
}

export function createRecordStore(deps: {
  dir: string
  node: string
  time: RunningTime
  index: CacheIndex
  clock: Clock
  log: Log
}): RecordStore {
  const { dir, time, clock, log } = deps
  const records = new RecordMap()
  const lock = createKeyedLock()
  const reporter = createIndexReporter(deps)

  const writeSidecar = (record: FileRecord, state: SidecarState): Promise<void> =>
    replaceFile(filePaths(dir, record.key).sidecar, sidecarText(record, state, time.now()))

  async function refresh(record: FileRecord): Promise<void> {
    if (records.get(record.key) !== record || record.removing || record.broken) return
    await writeSidecar(record, record)
    killPoint('mark:sidecar')
    await reporter.report(record)
  }
  const sidecars = createSidecarWriter(
    (record) => lock.run(infoHashOf(record.key), () => refresh(record)),
    log,
  )

  const hasTorrent = (infoHash: string): boolean => records.hasTorrent(infoHash)
  const parts = { dir, clock, log, sidecars, records, hasTorrent, withLock: lock.run }
  return {
    ...parts,
    idle: lock.idle,
    writeSidecar,
    report: reporter.report,
    remove: (key) => removeRecord(parts, reporter, key),
    touch(record) {
      record.touch()
      if (records.get(record.key) !== record) return
      records.last(record.key, record)
      sidecars.soon(record, USE_WRITE_DELAY_MS)
      reporter.touch(record)
    },
  }
}
