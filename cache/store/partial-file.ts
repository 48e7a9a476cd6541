import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import { Fault } from '../../common/errors.ts'
import { killPoint } from '../../common/kill-point.ts'
import { diskFault } from '../disk/disk-fault.ts'
import { boundaryPieces, type FilePaths, filePaths, infoHashOf } from '../disk/file-paths.ts'
import { FileRecord, sameLayout } from '../disk/file-record.ts'
import type { PartialFile } from '../disk/file-store.ts'
import { markUntold } from '../disk/find-written.ts'
import {
  createPayload,
  makeFolder,
  removeFileOnDisk,
  statPayload,
  syncFileOnDisk,
} from '../disk/stored-bytes.ts'
import type { RecordStore } from './record-store.ts'

/** A crash may lose the marks of the last second; the pieces are found on disk again (docs/decisions/0009). */
const MARK_WRITE_DELAY_MS = 1000

const internal = (why: string): Fault => new Fault('INTERNAL', {}, { cause: new Error(why) })

/** What a download makes of a file. */
interface WantedFile {
  readonly name: string
  readonly layout: PieceLayout
  /** Of the lease that it is fetched under. */
  readonly fence?: number | undefined
}

/** The record to fill. It is found free and claimed in the same tick, so nobody can claim it twice. */
async function claimRecord(
  recordStore: RecordStore,
  key: FileKey,
  name: string,
  layout: PieceLayout,
): Promise<FileRecord> {
  for (;;) {
    const record = recordStore.records.get(key)
    if (record?.removing || record?.halfRemoved) {
      await recordStore.remove(key)
      if (record.halfRemoved && recordStore.records.get(key) === record)
        throw internal('cannot be removed')
      continue
    }
    if (record?.filling) throw internal('opened twice')
    if (record && record.pins > 0 && !sameLayout(record.layout, layout)) {
      throw internal('read with another layout')
    }
    const claimed = record ?? new FileRecord(key, name, layout, recordStore.clock)
    if (!sameLayout(claimed.layout, layout)) claimed.complete = false
    claimed.filling = true
    recordStore.sidecars.cancel(claimed)
    recordStore.records.set(key, claimed)
    // A new one is used by being made, and is told of whole in a moment.
    if (record) recordStore.touch(claimed)
    return claimed
  }
}

/** Resumes the pieces on disk, or starts with an empty file. Needs the torrent's lock. */
async function prepare(
  recordStore: RecordStore,
  record: FileRecord,
  paths: FilePaths,
  wanted: WantedFile,
): Promise<void> {
  const { name, layout } = wanted
  const usable = sameLayout(record.layout, layout) && (record.complete || record.bytes > 0)
  if (usable && (await statPayload(paths))?.size === layout.size) {
    if (boundaryPieces(layout).length > 0) await makeFolder(paths.edges)
  } else {
    record.complete = false
    await removeFileOnDisk(paths)
    record.reset(name, layout)
    await createPayload(paths, layout)
    killPoint('open:payload')
  }
  // Written before the first byte: after a crash from here on, the pieces are hashed again.
  record.settled = record.complete
  await recordStore.writeSidecar(record, record)
  killPoint('open:sidecar')
  await recordStore.report(record)
}

/** @throws Fault DOES_NOT_FIT (disk full), INTERNAL */
export async function openPartial(
  recordStore: RecordStore,
  key: FileKey,
  wanted: WantedFile,
): Promise<PartialFile> {
  const { name, layout, fence } = wanted
  const record = await claimRecord(recordStore, key, name, layout)
  record.fence = fence
  const paths = filePaths(recordStore.dir, key)
  try {
    await recordStore.withLock(infoHashOf(key), () => prepare(recordStore, record, paths, wanted))
  } catch (error) {
    record.filling = false
    if (record.bytes === 0) await recordStore.remove(key)
    throw diskFault(error)
  }
  return createPartial(recordStore, record, paths)
}

/** Makes the file complete; the order of the steps is what a crash between two of them relies on. */
async function publish(
  recordStore: RecordStore,
  record: FileRecord,
  paths: FilePaths,
  mayPublish: () => Promise<boolean>,
): Promise<boolean> {
  if (!record.pieces.complete) throw internal('published with pieces missing')
  recordStore.sidecars.cancel(record)
  killPoint('publish:begin')
  try {
    record.mtime = await syncFileOnDisk(paths, record.layout)
    killPoint('publish:synced')
    if (!(await mayPublish())) return false
    await recordStore.writeSidecar(record, { complete: true, settled: true, mtime: record.mtime })
    killPoint('publish:sidecar')
  } catch (error) {
    throw diskFault(error)
  }
  if (!record.pieces.complete) throw internal('a piece was lost while publishing')
  record.complete = true
  record.settled = true
  record.unverified.clear()
  await recordStore.report(record)
  killPoint('publish:index')
  return true
}

/** Flushes an incomplete file, so that it can be resumed without hashing. Never rejects. */
async function settle(
  recordStore: RecordStore,
  record: FileRecord,
  paths: FilePaths,
  mayHoldMore: boolean,
): Promise<void> {
  recordStore.sidecars.cancel(record)
  try {
    if (mayHoldMore && !record.complete) await markUntold(paths, record)
    if (!record.complete && record.pieces.count > 0) {
      record.mtime = await syncFileOnDisk(paths, record.layout)
      killPoint('settle:synced')
      const settled = record.unverified.size === 0
      await recordStore.writeSidecar(record, { complete: false, settled, mtime: record.mtime })
      killPoint('settle:sidecar')
      record.settled = settled
    }
  } catch (err) {
    recordStore.log.warn({ err, key: record.key }, 'a partial file could not be settled')
  }
  await recordStore.report(record)
}

function createPartial(
  recordStore: RecordStore,
  record: FileRecord,
  paths: FilePaths,
): PartialFile {
  const infoHash = infoHashOf(record.key)
  let closing: Promise<void> | undefined
  let mayHoldMore = false

  async function close(): Promise<void> {
    await recordStore.withLock(infoHash, () => settle(recordStore, record, paths, mayHoldMore))
    record.filling = false
    record.fence = undefined
    recordStore.touch(record)
    // Without a piece there is nothing to resume, and it must not count as a file.
    if (!record.complete && record.pieces.count === 0) await recordStore.remove(record.key)
  }

  const change = (pieces: readonly number[], apply: (piece: number) => boolean): void => {
    if (closing) return
    for (const piece of pieces) apply(piece)
    recordStore.sidecars.soon(record, MARK_WRITE_DELAY_MS)
  }

  return {
    record,
    folder: paths.folder,
    trusted: record.unverified.size === 0,
    mark: (pieces) => change(pieces, (piece) => record.mark(piece)),
    unmark: (pieces) => change(pieces, (piece) => record.unmark(piece)),
    mayHoldMore: () => {
      mayHoldMore = true
    },
    publish: (mayPublish = async () => true) =>
      recordStore.withLock(infoHash, () => {
        if (closing) throw internal('published after close')
        return publish(recordStore, record, paths, mayPublish)
      }),
    close: () => (closing ??= close()),
  }
}
