import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { killPoint } from '../../common/kill-point.ts'
import { filePaths, infoHashOf } from '../disk/file-paths.ts'
import type { FileRecord } from '../disk/file-record.ts'
import { removeFileOnDisk, removeTorrentFolder, statPayload } from '../disk/stored-bytes.ts'
import type { RecordStore } from './record-store.ts'

/** Removes from disk, records and index; false on a disk error. Needs the torrent's lock. */
async function removeLocked(recordStore: RecordStore, record: FileRecord): Promise<boolean> {
  const { dir, log, records } = recordStore
  const { key } = record
  const paths = filePaths(dir, key)
  try {
    await removeFileOnDisk(paths)
  } catch (err) {
    log.error({ err, key }, 'a file could not be removed; it stays counted')
    record.halfRemoved = (await statPayload(paths).catch(() => undefined)) === undefined
    record.removing = undefined
    return false
  }
  records.delete(key)
  if (!recordStore.hasTorrent(infoHashOf(key))) {
    await removeTorrentFolder(paths.folder).catch((err: unknown) => {
      log.warn({ err, key }, 'an empty folder could not be removed')
    })
  }
  await recordStore.reporter.forget(record)
  killPoint('remove:index')
  return true
}

/** See RecordStore.remove. The file is not found any more from the call on, but counts until it is gone. */
export function removeRecord(recordStore: RecordStore, key: FileKey): Promise<boolean> {
  const record = recordStore.records.get(key)
  if (!record || record.pinned) return Promise.resolve(false)
  if (record.removing) return record.removing.then(() => false)
  recordStore.sidecars.cancel(record)
  record.openDescriptor?.close()
  record.removing = recordStore.withLock(infoHashOf(key), () => removeLocked(recordStore, record))
  return record.removing
}
