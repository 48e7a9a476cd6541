import type { Block } from './scheduler.ts'

/** Piece buffers being filled, reused by size, so that a download does not make garbage of its payload. */
export interface Assembly {
  put(block: Block, bytes: Uint8Array): void
  /** The piece's bytes; they stay until given back. */
  bytes(piece: number): Uint8Array
  giveBack(piece: number): void
  /** Its buffer is not used again. */
  forget(piece: number): void
}

/** Buffers kept for reuse; more are left to the garbage collector. */
const SPARE_BYTES = 16 << 20

export function createAssembly(
  pieceSize: (piece: number) => number,
  pieceLength: number,
): Assembly {
  const filling = new Map<number, Buffer>()
  const spare: Buffer[] = []
  const most = Math.max(2, Math.floor(SPARE_BYTES / pieceLength))
  const bufferOf = (piece: number): Buffer => {
    let buffer = filling.get(piece)
    if (!buffer) {
      buffer = spare.pop() ?? Buffer.allocUnsafeSlow(pieceLength)
      filling.set(piece, buffer)
    }
    return buffer
  }
  return {
    forget: (piece) => void filling.delete(piece),
    put(block, bytes) {
      bufferOf(block.piece).set(bytes, block.offset)
    },
    bytes: (piece) => bufferOf(piece).subarray(0, pieceSize(piece)),
    giveBack(piece) {
      const buffer = filling.get(piece)
      if (!buffer) return
      filling.delete(piece)
      if (spare.length < most) spare.push(buffer)
    },
  }
}
