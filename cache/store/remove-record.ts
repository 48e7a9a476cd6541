import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { killPoint } from '../../common/kill-point.ts'
import {
  filePaths,
  infoHashOf,
  removeStoredFile,
  removeTorrentFolder,
  statPayload,
} from '../disk/file-paths.ts'
import type { FileRecord } from '../disk/file-record.ts'
import type { IndexReporter } from './index-reporter.ts'
import type { RecordStore } from './record-store.ts'

type Parts = Pick<RecordStore, 'dir' | 'log' | 'records' | 'sidecars' | 'withLock' | 'hasTorrent'>

/** True when it is gone from the disk, the records and the index. In turn. */
async function takeOff(
  recordStore: Parts,
  reporter: IndexReporter,
  record: FileRecord,
): Promise<boolean> {
  const { dir, log, records } = recordStore
  const { key } = record
  const paths = filePaths(dir, key)
  try {
    await removeStoredFile(paths)
  } catch (err) {
    log.error({ err, key }, 'a content could not be removed; it stays counted')
    record.broken = (await statPayload(paths).catch(() => undefined)) === undefined
    record.removing = undefined
    return false
  }
  records.delete(key)
  if (!recordStore.hasTorrent(infoHashOf(key))) {
    await removeTorrentFolder(paths.folder).catch((err: unknown) => {
      log.warn({ err, key }, 'an empty folder could not be removed')
    })
  }
  await reporter.forget(record)
  killPoint('remove:index')
  return true
}

/** Found by nobody from the call on, counted until its last byte is gone (see Shelf.remove). */
export function removeRecord(
  recordStore: Parts,
  reporter: IndexReporter,
  key: FileKey,
): Promise<boolean> {
  const record = recordStore.records.get(key)
  if (!record || record.held) return Promise.resolve(false)
  if (record.removing) return record.removing.then(() => false)
  recordStore.sidecars.cancel(record)
  record.idle?.close()
  record.removing = recordStore.withLock(infoHashOf(key), () =>
    takeOff(recordStore, reporter, record),
  )
  return record.removing
}
