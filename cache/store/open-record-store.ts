import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { type CacheFolder, emptyCacheFolder } from '../disk/cache-folder.ts'
import { dropSlots } from '../disk/slot-files.ts'
import type { CacheIndex } from '../index/cache-index.ts'
import { healIndex } from './heal-index.ts'
import { reconcile } from './reconcile.ts'
import { createRecordStore, type RecordStore } from './record-store.ts'
import { createRunningTime, type RunningTime } from './running-time.ts'

export interface RecordStoreOptions {
  readonly dir: string
  /** False empties our own folder first. */
  readonly persistent: boolean
  readonly index: CacheIndex
  readonly clock: Clock
  readonly log: Log
}

/** The records of what the folder holds, known to the index. */
async function fill(
  place: CacheFolder,
  options: RecordStoreOptions,
): Promise<{ recordStore: RecordStore; time: RunningTime }> {
  const { dir, index, clock, log } = options
  if (!options.persistent) await emptyCacheFolder(dir)
  await dropSlots(dir)
  const { records, changed, orphans, runningMs } = await reconcile(place, clock, log)
  const time = createRunningTime(runningMs, clock)
  const recordStore = createRecordStore({ dir, node: place.node, time, index, clock, log })
  for (const record of records) recordStore.records.set(record.key, record)
  await healIndex(index, place.node, records, true).catch((err: unknown) => {
    // A backend that is away has said so itself, once.
    const level = index.connected ? 'warn' : 'debug'
    log[level]({ err }, 'the index could not be told what is held; the next sweep mends it')
  })
  for (const record of changed) {
    await recordStore.writeSidecar(record, record).catch((err: unknown) => {
      log.warn({ err, key: record.key }, 'a sidecar could not be written')
    })
  }
  if (records.length + orphans > 0) {
    log.info({ contents: records.length, orphans }, 'cache folder read')
  }
  return { recordStore, time }
}

/**
 * The shelf of an open folder; the folder is given back when it cannot be read.
 * @throws the file system's error
 */
export async function openRecordStore(
  place: CacheFolder,
  options: RecordStoreOptions,
): Promise<{ recordStore: RecordStore; time: RunningTime }> {
  try {
    return await fill(place, options)
  } catch (error) {
    await place.release()
    throw error
  }
}
