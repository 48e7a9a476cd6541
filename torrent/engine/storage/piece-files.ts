import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import {
  firstPiece,
  type PieceLayout,
  pieceCount,
  pieceInFile,
  pieceSize,
} from '../../../common/bittorrent/piece-layout.ts'
import { ownFile } from '../../../common/own-file.ts'

/**
 * The bytes of one file on disk: `<folder>/<fileIdx>`, and one small file below `<folder>/edges/` for
 * each boundary piece, with the bytes that belong to neighbour files (docs/decisions/0003).
 */
export class PieceFiles {
  readonly #folder: string
  readonly #fileIdx: number
  readonly #layout: PieceLayout
  readonly #file: FileHandle
  readonly #first: number
  readonly #last: number

  private constructor(folder: string, fileIdx: number, layout: PieceLayout, file: FileHandle) {
    this.#folder = folder
    this.#fileIdx = fileIdx
    this.#layout = layout
    this.#file = file
    this.#first = firstPiece(layout)
    this.#last = this.#first + pieceCount(layout) - 1
  }

  /** @param folder holds `<fileIdx>`, which exists. @throws node's file errors */
  static async open(folder: string, fileIdx: number, layout: PieceLayout): Promise<PieceFiles> {
    const file = await open(join(folder, `${fileIdx}`), ownFile.update)
    return new PieceFiles(folder, fileIdx, layout, file)
  }

  covers(piece: number): boolean {
    return piece >= this.#first && piece <= this.#last
  }

  /** @throws node's file errors (ENOSPC and the like) */
  async write(piece: number, bytes: Uint8Array): Promise<void> {
    const { before, inside, at, after } = pieceInFile(this.#layout, piece)
    await writeAll(this.#file, bytes.subarray(before, before + inside), at)
    if (before + after === 0) return
    await mkdir(join(this.#folder, 'edges'), { recursive: true })
    await this.#withEdge(piece, ownFile.write, async (edge) => {
      await writeAll(edge, bytes.subarray(0, before), 0)
      await writeAll(edge, bytes.subarray(before + inside), before)
    })
  }

  /** A whole piece, or a part of it. @throws when the bytes are not there */
  async read(piece: number, offset: number, length: number): Promise<Buffer> {
    const { before, inside, at, after } = pieceInFile(this.#layout, piece)
    const end = Math.min(offset + length, pieceSize(this.#layout, piece))
    if (offset < 0 || end <= offset) throw new Error('outside the piece')
    const out = Buffer.allocUnsafe(end - offset)
    const overlap = (from: number, to: number) =>
      [Math.max(offset, from), Math.min(end, to)] as const
    const [start, stop] = overlap(before, before + inside)
    if (stop > start)
      await readAll(this.#file, out.subarray(start - offset, stop - offset), at + start - before)
    if (before + after === 0) return out
    const [headStart, headStop] = overlap(0, before)
    const [tailStart, tailStop] = overlap(before + inside, before + inside + after)
    if (headStop <= headStart && tailStop <= tailStart) return out
    await this.#withEdge(piece, ownFile.read, async (edge) => {
      const head = out.subarray(headStart - offset, headStop - offset)
      const tail = out.subarray(tailStart - offset, tailStop - offset)
      if (headStop > headStart) await readAll(edge, head, headStart)
      if (tailStop > tailStart) await readAll(edge, tail, tailStart - inside)
    })
    return out
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  async #withEdge(
    piece: number,
    flags: number,
    use: (edge: FileHandle) => Promise<void>,
  ): Promise<void> {
    const edge = await open(join(this.#folder, 'edges', `${this.#fileIdx}-${piece}`), flags)
    try {
      await use(edge)
    } finally {
      await edge.close()
    }
  }
}

export async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
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
