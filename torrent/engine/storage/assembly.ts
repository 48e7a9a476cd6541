import type { Placement } from '../blocks/block.ts'
import { BLOCK, type Block } from '../blocks/block.ts'

/** Piece buffers being filled, reused by size, so that a download does not make garbage of its payload. */
export interface Assembly {
  /**
   * Where a block's bytes may go while they arrive: its place in the piece, or, when somebody else
   * is just writing there, a place of its own. Ended by settle() or release().
   */
  place(block: Block): Placement
  /** The block is whole and counts. */
  settle(block: Block, placement: Placement): void
  /** The block did not become whole, or is not wanted any more. */
  release(block: Block, placement: Placement): void
  /** A block that came otherwise, or a whole piece: it counts at once. */
  put(block: Block, bytes: Uint8Array): void
  /** The piece's bytes; they stay until given back. */
  bytes(piece: number): Uint8Array
  giveBack(piece: number): void
  /** Its buffer is not used again. */
  forget(piece: number): void
}

interface Filling {
  readonly buffer: Buffer
  /** Who writes straight into the piece, by block. */
  readonly writers: Map<number, Placement>
}

/** @param mostSpare buffers kept for reuse; more are left to the garbage collector */
export function createAssembly(
  pieceSize: (piece: number) => number,
  pieceLength: number,
  mostSpare: () => number = () => 2,
): Assembly {
  const filling = new Map<number, Filling>()
  const spare: Buffer[] = []

  function begin(piece: number): Filling {
    let now = filling.get(piece)
    if (!now) {
      const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(pieceLength)
      now = { buffer, writers: new Map() }
      filling.set(piece, now)
    }
    return now
  }

  /** Nobody else may write where the block lies any more. */
  function clear({ writers }: Filling, index: number): void {
    const writer = writers.get(index)
    if (writer) writer.target = undefined
    writers.delete(index)
  }

  return {
    forget(piece) {
      const now = filling.get(piece)
      filling.delete(piece)
      // A late writer must not reach into bytes that somebody else still reads.
      for (const index of [...(now?.writers.keys() ?? [])]) if (now) clear(now, index)
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
    settle(block, placement) {
      const now = begin(block.piece)
      const index = block.offset / BLOCK
      if (now.writers.get(index) === placement) {
        now.writers.delete(index)
        return
      }
      clear(now, index)
      if (placement.target) now.buffer.set(placement.target, block.offset)
    },
    release(block, placement) {
      const now = filling.get(block.piece)
      const index = block.offset / BLOCK
      if (now?.writers.get(index) === placement) now.writers.delete(index)
      placement.target = undefined
    },
    put(block, bytes) {
      const now = begin(block.piece)
      // A web seed brings many blocks in one: none of their writers may go on under the hash.
      const end = block.offset + bytes.length
      for (let at = block.offset; at < end; at += BLOCK) clear(now, at / BLOCK)
      now.buffer.set(bytes, block.offset)
    },
    bytes: (piece) => begin(piece).buffer.subarray(0, pieceSize(piece)),
    giveBack(piece) {
      const now = filling.get(piece)
      if (!now) return
      filling.delete(piece)
      // A late writer must not reach into the next piece of this buffer.
      for (const index of [...now.writers.keys()]) clear(now, index)
      if (spare.length < mostSpare()) spare.push(now.buffer)
    },
  }
}
