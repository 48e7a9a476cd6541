import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import {
  firstPiece,
  type PieceLayout,
  pieceCount,
  pieceInFile,
  pieceSize,
} from '../../../common/bittorrent/piece-layout.ts'

/** The bytes of one content on disk: its own file, and `edges` for what boundary pieces have outside. */
export interface PieceFiles {
  /** @throws node's file errors (ENOSPC and the like) */
  write(piece: number, bytes: Uint8Array): Promise<void>
  /** A whole piece, or a part of it. @throws when the bytes are not there */
  read(piece: number, offset: number, length: number): Promise<Buffer>
  covers(piece: number): boolean
  close(): Promise<void>
}

/** @param folder holds `<fileIdx>`, which exists, and `edges/` */
export async function openPieceFiles(
  folder: string,
  fileIdx: number,
  layout: PieceLayout,
): Promise<PieceFiles> {
  const file = await open(join(folder, `${fileIdx}`), 'r+')
  const first = firstPiece(layout)
  const last = first + pieceCount(layout) - 1
  const edgePath = (piece: number): string => join(folder, 'edges', `${fileIdx}-${piece}`)
  const withEdge = async <T>(piece: number, flags: string, use: (f: FileHandle) => Promise<T>) => {
    const edge = await open(edgePath(piece), flags)
    try {
      return await use(edge)
    } finally {
      await edge.close()
    }
  }
  return {
    covers: (piece) => piece >= first && piece <= last,
    async write(piece, bytes) {
      const { before, inside, at, after } = pieceInFile(layout, piece)
      await writeAll(file, bytes.subarray(before, before + inside), at)
      if (before + after === 0) return
      await mkdir(join(folder, 'edges'), { recursive: true })
      await withEdge(piece, 'w', async (edge) => {
        await writeAll(edge, bytes.subarray(0, before), 0)
        await writeAll(edge, bytes.subarray(before + inside), before)
      })
    },
    async read(piece, offset, length) {
      const { before, inside, at, after } = pieceInFile(layout, piece)
      const end = Math.min(offset + length, pieceSize(layout, piece))
      if (offset < 0 || end <= offset) throw new Error('outside the piece')
      const out = Buffer.allocUnsafe(end - offset)
      const overlap = (from: number, to: number) =>
        [Math.max(offset, from), Math.min(end, to)] as const
      const [a, b] = overlap(before, before + inside)
      if (b > a) await readAll(file, out.subarray(a - offset, b - offset), at + a - before)
      if (before + after > 0) {
        const [c, d] = overlap(0, before)
        const [e, f] = overlap(before + inside, before + inside + after)
        if (d > c || f > e) {
          await withEdge(piece, 'r', async (edge) => {
            if (d > c) await readAll(edge, out.subarray(c - offset, d - offset), c)
            if (f > e) await readAll(edge, out.subarray(e - offset, f - offset), e - inside)
          })
        }
      }
      return out
    },
    close: () => file.close(),
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done)
    done += bytesWritten
  }
}

async function readAll(file: FileHandle, into: Buffer, at: number): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, at + done)
    if (bytesRead === 0) throw new Error('the file is shorter than it should be')
    done += bytesRead
  }
}
