import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import { Fault } from '../../common/errors.ts'
import { killPoint } from '../../common/kill-point.ts'
import {
  type ContentPaths,
  contentPaths,
  createPayload,
  edgePieces,
  infoHashOf,
  makeFolder,
  removeContent,
  statPayload,
  syncContent,
} from '../disk/content-files.ts'
import { ContentRecord, sameLayout } from '../disk/content-record.ts'
import { diskFault } from '../disk/disk-fault.ts'
import type { PartialFile } from '../disk/file-store.ts'
import type { Shelf } from './shelf.ts'

const MARK_WRITE_DELAY_MS = 1000

const internal = (why: string): Fault => new Fault('INTERNAL', {}, { cause: new Error(why) })

/** The record to fill, marked open in the same tick in which it is found free. */
async function claimRecord(
  shelf: Shelf,
  key: FileKey,
  name: string,
  layout: PieceLayout,
): Promise<ContentRecord> {
  for (;;) {
    const record = shelf.records.get(key)
    if (record?.removing || record?.broken) {
      await shelf.remove(key)
      if (record.broken && shelf.records.get(key) === record) throw internal('cannot be removed')
      continue
    }
    if (record?.open) throw internal('opened twice')
    if (record && record.holds > 0 && !sameLayout(record.layout, layout)) {
      throw internal('read with another layout')
    }
    const claimed = record ?? new ContentRecord(key, name, layout, shelf.clock)
    if (!sameLayout(claimed.layout, layout)) claimed.complete = false
    claimed.open = true
    shelf.sidecars.cancel(claimed)
    shelf.records.set(key, claimed)
    shelf.touch(claimed)
    return claimed
  }
}

/** Resumes what is there, or begins anew. In turn. */
async function prepare(
  shelf: Shelf,
  record: ContentRecord,
  paths: ContentPaths,
  wanted: { name: string; layout: PieceLayout },
): Promise<void> {
  const { name, layout } = wanted
  const usable = sameLayout(record.layout, layout) && (record.complete || record.bytes > 0)
  if (usable && (await statPayload(paths))?.size === layout.size) {
    if (edgePieces(layout).length > 0) await makeFolder(paths.edges)
  } else {
    record.complete = false
    await removeContent(paths)
    record.reset(name, layout)
    await createPayload(paths, layout)
    killPoint('open:payload')
  }
  // Said before the first byte comes: after a crash from here on, the pieces are hashed again.
  record.settled = record.complete
  await shelf.writeSidecar(record, record)
  killPoint('open:sidecar')
  await shelf.report(record)
}

/** @throws Fault DOES_NOT_FIT (disk full), INTERNAL */
export async function openPartial(
  shelf: Shelf,
  key: FileKey,
  name: string,
  layout: PieceLayout,
): Promise<PartialFile> {
  const record = await claimRecord(shelf, key, name, layout)
  const paths = contentPaths(shelf.dir, key)
  try {
    await shelf.inTurn(infoHashOf(key), () => prepare(shelf, record, paths, { name, layout }))
  } catch (error) {
    record.open = false
    if (record.bytes === 0) await shelf.remove(key)
    throw diskFault(error)
  }
  return createPartial(shelf, record, paths)
}

async function publish(shelf: Shelf, record: ContentRecord, paths: ContentPaths): Promise<void> {
  if (!record.pieces.complete) throw internal('published with pieces missing')
  shelf.sidecars.cancel(record)
  killPoint('publish:begin')
  try {
    record.mtime = await syncContent(paths, record.layout)
    killPoint('publish:synced')
    await shelf.writeSidecar(record, { complete: true, settled: true, mtime: record.mtime })
    killPoint('publish:sidecar')
  } catch (error) {
    throw diskFault(error)
  }
  if (!record.pieces.complete) throw internal('a piece was lost while publishing')
  record.complete = true
  record.settled = true
  record.doubtful.clear()
  await shelf.report(record)
  killPoint('publish:index')
}

/** What is there becomes a partial that can be resumed without hashing. Never rejects. */
async function settle(shelf: Shelf, record: ContentRecord, paths: ContentPaths): Promise<void> {
  shelf.sidecars.cancel(record)
  try {
    if (!record.complete && record.pieces.count > 0) {
      record.mtime = await syncContent(paths, record.layout)
      killPoint('settle:synced')
      const settled = record.doubtful.size === 0
      await shelf.writeSidecar(record, { complete: false, settled, mtime: record.mtime })
      killPoint('settle:sidecar')
      record.settled = settled
    }
  } catch (err) {
    shelf.log.warn({ err, key: record.key }, 'a partial file could not be settled')
  }
  await shelf.report(record)
}

function createPartial(shelf: Shelf, record: ContentRecord, paths: ContentPaths): PartialFile {
  const infoHash = infoHashOf(record.key)
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    await shelf.inTurn(infoHash, () => settle(shelf, record, paths))
    record.open = false
    shelf.touch(record)
    // Nothing came: then there is nothing to resume, and it must not count as a file.
    if (!record.complete && record.pieces.count === 0) await shelf.remove(record.key)
  }

  const change = (pieces: readonly number[], apply: (piece: number) => boolean): void => {
    if (closing) return
    for (const piece of pieces) apply(piece)
    shelf.sidecars.soon(record, MARK_WRITE_DELAY_MS)
  }

  return {
    record,
    folder: paths.folder,
    trusted: record.doubtful.size === 0,
    mark: (pieces) => change(pieces, (piece) => record.mark(piece)),
    unmark: (pieces) => change(pieces, (piece) => record.unmark(piece)),
    publish: () =>
      shelf.inTurn(infoHash, async () => {
        if (closing) throw internal('published after close')
        await publish(shelf, record, paths)
      }),
    close: () => (closing ??= close()),
  }
}
