import { type FileHandle, open, readFile } from 'node:fs/promises'
import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import {
  expectedHash,
  layoutOf,
  pieceHash,
  type TorrentPieces,
} from '../../common/bittorrent/piece-hash.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceInFile,
  pieceSize,
} from '../../common/bittorrent/piece-layout.ts'
import { ownFile } from '../../common/own-file.ts'
import { edgePath, type FilePaths } from './file-paths.ts'
import { type FileRecord, sameLayout } from './file-record.ts'
import { isMissing } from './replace-file.ts'

/** Whether size and place of the file in its torrent are as the sidecar says. */
export function fitsTorrent(layout: PieceLayout, fileIdx: number, metainfo: Metainfo): boolean {
  const file = metainfo.files[fileIdx]
  return file !== undefined && sameLayout(layoutOf(metainfo, file), layout)
}

export interface Hashed {
  /** Pieces (numbered in the torrent) whose hash is not the torrent's. */
  readonly bad: readonly number[]
  /** Number of boundary pieces that cannot be hashed: their bytes outside the file are not on disk. */
  readonly unknown: number
}

/** The bytes of a boundary piece outside the file; undefined when they are not on disk. */
async function readEdge(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path, { flag: ownFile.read })
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function hashOf(
  file: FileHandle,
  paths: FilePaths,
  layout: PieceLayout,
  torrent: TorrentPieces,
  piece: number,
  into: Buffer,
): Promise<Buffer | undefined> {
  const { before, inside, at, after } = pieceInFile(layout, piece)
  const outer = before + after > 0 ? await readEdge(edgePath(paths, piece)) : Buffer.alloc(0)
  if (outer?.length !== before + after) return undefined
  const hash = pieceHash(torrent, piece).update(outer.subarray(0, before))
  let got = 0
  while (got < inside) {
    const { bytesRead } = await file.read(into, 0, Math.min(into.length, inside - got), at + got)
    if (bytesRead === 0) break
    hash.update(into.subarray(0, bytesRead))
    got += bytesRead
  }
  return hash.update(outer.subarray(before)).digest()
}

/** Small enough to stay in the processor's cache from the read to the hash. */
const READ_BYTES = 256 * 1024

/**
 * Hashes the pieces that a record counts (BEP 3, 52). Changes nothing.
 * @param onBytes called after each piece with its size
 * @throws the file system's error
 */
export async function hashFile(
  paths: FilePaths,
  { layout, pieces }: Pick<FileRecord, 'layout' | 'pieces'>,
  torrent: TorrentPieces,
  onBytes: (bytes: number) => void,
): Promise<Hashed> {
  const bad: number[] = []
  let unknown = 0
  const into = Buffer.allocUnsafe(READ_BYTES)
  const first = firstPiece(layout)
  const file = await open(paths.payload, ownFile.read)
  try {
    for (let local = 0; local < pieces.length; local++) {
      if (!pieces.has(local)) continue
      const piece = first + local
      const hash = await hashOf(file, paths, layout, torrent, piece, into)
      if (!hash) unknown++
      else if (!hash.equals(expectedHash(torrent, piece))) bad.push(piece)
      onBytes(pieceSize(layout, piece))
    }
  } finally {
    await file.close()
  }
  return { bad, unknown }
}
