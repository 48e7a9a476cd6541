import type { Placement } from '../blocks/block.ts'
import { BLOCK, type Block } from '../blocks/block.ts'

/** Piece buffers being filled, reused by size, so that a download does not make garbage of its payload. */
export interface PieceBuffers {
  /**
   * Where a block's bytes may go while they arrive: its place in the piece, or, when somebody else
   * is just writing there, a place of its own. Ended by settle() or release().
   */
  place(block: Block): Placement
  /** The block is whole and counts. */
  commit(block: Block, placement: Placement): void
  /** The block did not become whole, or is not wanted any more. */
  discard(block: Block, placement: Placement): void
  /** A block that came otherwise, or a whole piece: it counts at once. */
  write(block: Block, bytes: Uint8Array): void
  /** The piece's bytes; they stay until given back. */
  bytes(piece: number): Uint8Array
  recycle(piece: number): void
  /** Its buffer is not used again. */
  abandon(piece: number): void
}

interface ActiveBuffer {
  readonly buffer: Buffer
  /** Who writes straight into the piece, by block. */
  readonly writers: Map<number, Placement>
}

/** @param maxSpare buffers kept for reuse; more are left to the garbage collector */
export function createPieceBuffers(
  pieceSize: (piece: number) => number,
  pieceLength: number,
  maxSpare: () => number = () => 2,
): PieceBuffers {
  const active = new Map<number, ActiveBuffer>()
  const spare: Buffer[] = []

  function begin(piece: number): ActiveBuffer {
    let entry = active.get(piece)
    if (!entry) {
      const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(pieceLength)
      entry = { buffer, writers: new Map() }
      active.set(piece, entry)
    }
    return entry
  }

  /** Nobody else may write where the block lies any more. */
  function revoke({ writers }: ActiveBuffer, index: number): void {
    const writer = writers.get(index)
    if (writer) writer.target = undefined
    writers.delete(index)
  }

  return {
    abandon(piece) {
      const entry = active.get(piece)
      active.delete(piece)
      // A late writer must not reach into bytes that somebody else still reads.
      for (const index of [...(entry?.writers.keys() ?? [])]) if (entry) revoke(entry, index)
    },
    place(block) {
      const { buffer, writers } = begin(block.piece)
      const index = block.offset / BLOCK
      if (writers.has(index)) return { target: Buffer.allocUnsafe(block.length) }
      const target = buffer.subarray(block.offset, block.offset + block.length)
      const placement: Placement = { target }
      writers.set(index, placement)
      return placement
    },
    commit(block, placement) {
      const entry = begin(block.piece)
      const index = block.offset / BLOCK
      if (entry.writers.get(index) === placement) {
        entry.writers.delete(index)
        return
      }
      revoke(entry, index)
      if (placement.target) entry.buffer.set(placement.target, block.offset)
    },
    discard(block, placement) {
      const entry = active.get(block.piece)
      const index = block.offset / BLOCK
      if (entry?.writers.get(index) === placement) entry.writers.delete(index)
      placement.target = undefined
    },
    write(block, bytes) {
      const entry = begin(block.piece)
      // A web seed brings many blocks in one: none of their writers may go on under the hash.
      const end = block.offset + bytes.length
      for (let at = block.offset; at < end; at += BLOCK) revoke(entry, at / BLOCK)
      entry.buffer.set(bytes, block.offset)
    },
    bytes: (piece) => begin(piece).buffer.subarray(0, pieceSize(piece)),
    recycle(piece) {
      const entry = active.get(piece)
      if (!entry) return
      active.delete(piece)
      // A late writer must not reach into the next piece of this buffer.
      for (const index of [...entry.writers.keys()]) revoke(entry, index)
      if (spare.length < maxSpare()) spare.push(entry.buffer)
    },
  }
}
