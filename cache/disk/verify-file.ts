import { fileKey } from '../../common/bittorrent/file-key.ts'
import type { Clock } from '../../common/clock.ts'
import { boundaryPieces, filePaths } from './file-paths.ts'
import type { FileRecord } from './file-record.ts'
import { findWritten, hasEdge } from './find-written.ts'
import { readSidecar, recordOf, type Sidecar } from './sidecar.ts'
import { statPayload } from './stored-bytes.ts'

export interface VerifiedFile {
  readonly record: FileRecord
  readonly sidecar: Sidecar
  /** The bytes on disk are not what the sidecar says, so that it has to be written again. */
  readonly changed: boolean
}

/**
 * Reads the sidecar of a file and checks it against the bytes on disk, without hashing any. What does
 * not agree is corrected in the record (docs/decisions/0003, 0009); undefined when nothing usable is left.
 * @throws the file system's error
 */
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
  // Copies and backups may round the time to a millisecond.
  const untouched = Math.abs(payload.mtimeMs - sidecar.mtime) < 2
  // The size is right and the time is not: somebody wrote to it. It is hashed when it is next opened.
  if (!untouched) record.complete = false
  record.settled &&= untouched
  if (!record.settled) {
    // Pieces written after the last sidecar take room and may be right: they count, and are hashed
    // again like all others.
    for (const piece of await findWritten(paths, record)) record.mark(piece)
    record.distrustPieces()
  }
  // Viewers do not need the edges, so a complete file stays complete without them.
  for (const piece of record.complete ? [] : boundaryPieces(record.layout)) {
    if (!(await hasEdge(paths, record.layout, piece))) record.unmark(piece)
  }
  if (record.bytes === 0 && !record.complete) return undefined
  const changed =
    record.complete !== sidecar.complete ||
    record.settled !== sidecar.settled ||
    !Buffer.from(record.pieces.bytes).equals(Buffer.from(sidecar.pieces, 'base64'))
  return { record, sidecar, changed }
}
