import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { type CacheFolder, emptyCacheFolder } from '../disk/cache-folder.ts'
import { dropSegments } from '../disk/segment-files.ts'
import { dropSlots } from '../disk/slot-files.ts'
import type { CacheIndex } from '../index/cache-index.ts'
import { healIndex } from './heal-index.ts'
import { reconcile } from './reconcile.ts'
import { RecordStore } from './record-store.ts'
import { createRunningTime, type RunningTime } from './running-time.ts'

export interface RecordStoreOptions {
  readonly dir: string
  /** False: what an earlier run left in the folder is removed first. */
  readonly persistent: boolean
  readonly index: CacheIndex
  readonly clock: Clock
  readonly log: Log
}

export interface OpenedRecords {
  readonly recordStore: RecordStore
  readonly time: RunningTime
}

async function readFolder(
  folder: CacheFolder,
  options: RecordStoreOptions,
): Promise<OpenedRecords> {
  const { dir, index, clock, log } = options
  if (!options.persistent) await emptyCacheFolder(dir)
  await dropSlots(dir)
  await dropSegments(dir)
  const { records, changed, orphans, runningMs } = await reconcile(folder, clock, log)
  const time = createRunningTime(runningMs, clock)
  const recordStore = new RecordStore({ dir, node: folder.node, time, index, clock, log })
  for (const record of records) recordStore.records.set(record.key, record)
  await healIndex(index, folder.node, records, true).catch((err: unknown) => {
    // A backend that cannot be reached has logged that itself, once.
    const level = index.connected ? 'warn' : 'debug'
    log[level]({ err }, 'the index could not be told what is stored; the next sweep mends it')
  })
  for (const record of changed) {
    await recordStore.writeSidecar(record, record).catch((err: unknown) => {
      log.warn({ err, key: record.key }, 'a sidecar could not be written')
    })
  }
  if (records.length + orphans > 0) {
    log.info({ files: records.length, orphans }, 'cache folder read')
  }
  return { recordStore, time }
}

/**
 * Reads an open folder into records and brings the index up to date. The folder is unlocked again when
 * it cannot be read.
 * @throws the file system's error
 */
export async function openRecordStore(
  folder: CacheFolder,
  options: RecordStoreOptions,
): Promise<OpenedRecords> {
  try {
    return await readFolder(folder, options)
  } catch (error) {
    await folder.release()
    throw error
  }
}
