import { type FileHandle, lstat, open } from 'node:fs/promises'
import { firstPiece, type PieceLayout, pieceInFile } from '../../common/bittorrent/piece-layout.ts'
import { ownFile } from '../../common/own-file.ts'
import { boundaryPieces, edgePath, type FilePaths } from './file-paths.ts'
import type { FileRecord } from './file-record.ts'
import { isMissing } from './replace-file.ts'

/** Bytes of a page: file systems allocate a page of a sparse file whole or not at all. */
const PAGE = 4096

const zeros = Buffer.alloc(PAGE)

async function hasData(
  file: FileHandle,
  page: Buffer,
  start: number,
  end: number,
): Promise<boolean> {
  const { bytesRead } = await file.read(page, 0, Math.min(PAGE, end - start), start)
  return !page.subarray(0, bytesRead).equals(zeros.subarray(0, bytesRead))
}

/**
 * Finds pieces (numbered in the torrent) that were written after the last sidecar and before a crash.
 * The holes of a sparse file read as zeros, so the first and last page of a piece show whether it was
 * written; whether it is right, only hashing can say (docs/decisions/0009).
 */
export async function findWritten(paths: FilePaths, record: FileRecord): Promise<number[]> {
  const { layout, pieces } = record
  const first = firstPiece(layout)
  const found: number[] = []
  const page = Buffer.alloc(PAGE)
  const file = await open(paths.payload, ownFile.read)
  try {
    for (let local = 0; local < pieces.length; local++) {
      if (pieces.has(local)) continue
      const { at, inside } = pieceInFile(layout, first + local)
      const end = at + inside
      const last = Math.max(at, end - PAGE)
      if ((await hasData(file, page, at, end)) || (await hasData(file, page, last, end))) {
        found.push(first + local)
      }
    }
  } finally {
    await file.close()
  }
  return found
}

/** Whether all bytes of a boundary piece that lie outside the file are on disk. */
export async function hasEdge(
  paths: FilePaths,
  layout: PieceLayout,
  piece: number,
): Promise<boolean> {
  const { before, after } = pieceInFile(layout, piece)
  try {
    return (await lstat(edgePath(paths, piece))).size === before + after
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** Bytes of a block of `stat` (POSIX leaves it open, Linux and Node say 512). */
const STAT_BLOCK = 512

/**
 * Counts the pieces whose writer has not told of them, in doubt. A file that takes no more on disk than its
 * pieces do is not looked at: the look costs two reads for each piece that is missing.
 * @throws the file system's error
 */
export async function markUntold(paths: FilePaths, record: FileRecord): Promise<void> {
  const { blocks } = await lstat(paths.payload)
  if (blocks * STAT_BLOCK <= record.bytes) return
  const edges = new Set(boundaryPieces(record.layout))
  for (const piece of await findWritten(paths, record)) {
    if (edges.has(piece) && !(await hasEdge(paths, record.layout, piece))) continue
    record.markInDoubt(piece)
  }
}
