import { createHash } from 'node:crypto'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { firstPiece, pieceCount, pieceSize } from '../../../common/bittorrent/piece-layout.ts'
import type { ReaderPlace, SerializedPlace } from '../../protocol/messages.ts'
import type { WantedFile } from '../picker/priorities.ts'
import { openPieceFiles } from './piece-files.ts'

/** One file of a torrent that the main process has opened. */
export interface EngineFile extends WantedFile {
  readonly id: number
  readonly have: Bitfield
  readers: readonly ReaderPlace[]
  /** Other peers hear of its pieces and may have them. */
  readonly announced: boolean
  /** Of the last change of its slots; 0 for a content that has its own file. */
  readonly generation: number
  /** Whether the piece is of this content and not on disk yet. */
  lacks(piece: number): boolean
  has(piece: number): boolean
  /** Writes the piece; from then on it counts. */
  write(piece: number, bytes: Uint8Array): Promise<void>
  /** A part of a piece. @throws when the bytes are not there */
  read(piece: number, offset: number, length: number): Promise<Buffer>
  /** What waited for its turn is not written; resolves when what is under way has ended. */
  close(): Promise<void>
}

/**
 * Opens the place of a content. What is said to be there and is not trusted is hashed first:
 * only what verifies counts.
 * @param hashes SHA-1 of every piece of the torrent, 20 bytes apiece
 */
export async function openEngineFile(
  id: number,
  place: SerializedPlace,
  hashes: Uint8Array,
): Promise<EngineFile> {
  const { layout } = place
  const pieceFiles = await openPieceFiles(place.folder, place.fileIdx, layout)
  const first = firstPiece(layout)
  const claimed = new Bitfield(pieceCount(layout), place.have)
  const pendingWrites = new Set<Promise<void>>()
  let closed = false
  const have = place.trusted ? claimed : new Bitfield(claimed.length)
  if (!place.trusted) {
    for (let index = 0; index < claimed.length; index++) {
      if (!claimed.has(index)) continue
      const piece = first + index
      const bytes = await pieceFiles.read(piece, 0, pieceSize(layout, piece)).catch(() => undefined)
      if (bytes && matches(bytes, hashes, piece)) have.set(index)
    }
  }
  return {
    id,
    layout,
    fill: place.fill,
    have,
    readers: [],
    announced: true,
    generation: 0,
    lacks: (piece) => pieceFiles.covers(piece) && !have.has(piece - first),
    has: (piece) => have.has(piece - first),
    async write(piece, bytes) {
      if (closed) throw new Error('closed')
      const writing = pieceFiles.write(piece, bytes)
      pendingWrites.add(writing)
      try {
        await writing
        have.set(piece - first)
      } finally {
        pendingWrites.delete(writing)
      }
    },
    read: pieceFiles.read,
    async close() {
      closed = true
      await Promise.allSettled(pendingWrites)
      await pieceFiles.close()
    },
  }
}

/** SHA-1 in this thread: the processor has instructions for it, a worker gained nothing. */
export function matches(bytes: Uint8Array, hashes: Uint8Array, piece: number): boolean {
  const want = hashes.subarray(piece * 20, piece * 20 + 20)
  return createHash('sha1').update(bytes).digest().equals(want)
}
