import { stat } from 'node:fs/promises'
import { fileKey } from '../../common/bittorrent/file-key.ts'
import { type PieceLayout, pieceInFile } from '../../common/bittorrent/piece-layout.ts'
import type { Clock } from '../../common/clock.ts'
import { edgePath, edgePieces, filePaths, statPayload } from './file-paths.ts'
import type { FileRecord } from './file-record.ts'
import { findWritten } from './find-written.ts'
import { isMissing } from './replace-file.ts'
import { readSidecar, recordOf, type Sidecar } from './sidecar.ts'

export interface VerifiedFile {
  readonly record: FileRecord
  readonly sidecar: Sidecar
  /** The bytes are not as the sidecar says: it has to be written anew. */
  readonly changed: boolean
}

type Paths = ReturnType<typeof filePaths>

/** Whether the outer bytes of a boundary piece are there, all of them. */
async function hasEdge(paths: Paths, layout: PieceLayout, piece: number): Promise<boolean> {
  const { before, after } = pieceInFile(layout, piece)
  try {
    return (await stat(edgePath(paths, piece))).size === before + after
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** A content as its sidecar tells it, as far as its bytes agree; undefined when they do not. */
export async function verifyFile(
  dir: string,
  infoHash: string,
  fileIdx: number,
  clock: Clock,
): Promise<VerifiedFile | undefined> {
  const key = fileKey(infoHash, fileIdx)
  const paths = filePaths(dir, key)
  const sidecar = readSidecar(paths.sidecar, key)
  const payload = await statPayload(paths)
  if (!sidecar || payload?.size !== sidecar.layout.size) return undefined
  const record = recordOf(sidecar, key, clock)
  // Copies and backups keep the time to a millisecond or so.
  const untouched = Math.abs(payload.mtimeMs - sidecar.mtime) < 2
  // Right size, other time: somebody wrote to it. Its pieces are hashed when it is next opened.
  if (!untouched) record.complete = false
  record.settled &&= untouched
  if (!record.settled) {
    // What came after the last sidecar takes room and may be right: counted, and in doubt like the rest.
    for (const piece of await findWritten(paths, record)) record.mark(piece)
    record.doubtAll()
  }
  // A complete film is played and not seeded: without an edge it is still whole for its viewers.
  for (const piece of record.complete ? [] : edgePieces(record.layout)) {
    if (!(await hasEdge(paths, record.layout, piece))) record.unmark(piece)
  }
  if (record.bytes === 0 && !record.complete) return undefined
  const changed =
    record.complete !== sidecar.complete ||
    record.settled !== sidecar.settled ||
    !Buffer.from(record.pieces.bytes).equals(Buffer.from(sidecar.pieces, 'base64'))
  return { record, sidecar, changed }
}
