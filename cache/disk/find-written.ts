import { type FileHandle, open } from 'node:fs/promises'
import { firstPiece, pieceInFile } from '../../common/bittorrent/piece-layout.ts'
import type { FilePaths } from './file-paths.ts'
import type { FileRecord } from './file-record.ts'

/** A page: what file systems keep or leave out as a whole. */
const PAGE = 4096

const zeros = Buffer.alloc(PAGE)

async function hasData(file: FileHandle, page: Buffer, start: number, end: number) {
  const { bytesRead } = await file.read(page, 0, Math.min(PAGE, end - start), start)
  return !page.subarray(0, bytesRead).equals(zeros.subarray(0, bytesRead))
}

/**
 * Pieces (numbered in the torrent) that the sidecar does not know and that have bytes in the payload:
 * what arrived between the last sidecar and a crash. A hole reads as zeros, so the first and the last
 * page of a piece tell; only hashing says whether the piece is right.
 */
export async function findWritten(paths: FilePaths, record: FileRecord): Promise<number[]> {
  const { layout, pieces } = record
  const first = firstPiece(layout)
  const found: number[] = []
  const page = Buffer.alloc(PAGE)
  const file = await open(paths.payload, 'r')
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
