import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { killPoint } from '../../common/kill-point.ts'
import {
  contentPaths,
  infoHashOf,
  removeContent,
  removeTorrentFolder,
  statPayload,
} from '../disk/content-files.ts'
import type { ContentRecord } from '../disk/content-record.ts'
import type { IndexTeller } from './index-teller.ts'
import type { Shelf } from './shelf.ts'

type Parts = Pick<Shelf, 'dir' | 'log' | 'records' | 'sidecars' | 'inTurn' | 'hasTorrent'>

/** True when it is gone from the disk, the records and the index. In turn. */
async function takeOff(shelf: Parts, teller: IndexTeller, record: ContentRecord): Promise<boolean> {
  const { dir, log, records } = shelf
  const { key } = record
  const paths = contentPaths(dir, key)
  try {
    await removeContent(paths)
  } catch (err) {
    log.error({ err, key }, 'a content could not be removed; it stays counted')
    record.broken = (await statPayload(paths).catch(() => undefined)) === undefined
    record.removing = undefined
    return false
  }
  records.delete(key)
  if (!shelf.hasTorrent(infoHashOf(key))) {
    await removeTorrentFolder(paths.folder).catch((err: unknown) => {
      log.warn({ err, key }, 'an empty folder could not be removed')
    })
  }
  await teller.forget(record)
  killPoint('remove:index')
  return true
}

/** Found by nobody from the call on, counted until its last byte is gone (see Shelf.remove). */
export function removeRecord(shelf: Parts, teller: IndexTeller, key: FileKey): Promise<boolean> {
  const record = shelf.records.get(key)
  if (!record || record.held) return Promise.resolve(false)
  if (record.removing) return record.removing.then(() => false)
  shelf.sidecars.cancel(record)
  record.idle?.close()
  record.removing = shelf.inTurn(infoHashOf(key), () => takeOff(shelf, teller, record))
  return record.removing
}
