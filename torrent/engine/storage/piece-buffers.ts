import { BLOCK, type Block, type Placement } from '../blocks/block.ts'

interface PieceBuffer {
  readonly buffer: Buffer
  /** Placements that are being written straight into the buffer, by block. */
  readonly writers: Map<number, Placement>
}

/** One spare buffer is kept for so many pieces that may be in progress. */
const PIECES_PER_SPARE = 3

/**
 * The buffers of the pieces in progress. They are reused, so that a download does not leave its whole
 * payload to the garbage collector.
 */
export class PieceBuffers {
  readonly #pieceSize: (piece: number) => number
  readonly #pieceLength: number
  readonly #limit: () => number
  readonly #active = new Map<number, PieceBuffer>()
  readonly #spare: Buffer[] = []

  /** @param limit pieces that may be in progress: buffers for reuse are kept within it */
  constructor(
    pieceSize: (piece: number) => number,
    pieceLength: number,
    limit: () => number = () => 6,
  ) {
    this.#pieceSize = pieceSize
    this.#pieceLength = pieceLength
    this.#limit = limit
  }

  /**
   * Where the bytes of a block go while they arrive: into the piece, or into a buffer of their own
   * when another peer is sending the same block. Ended by commit() or discard().
   */
  place(block: Block): Placement {
    const { buffer, writers } = this.#begin(block.piece)
    const index = block.offset / BLOCK
    if (writers.has(index)) return { target: Buffer.allocUnsafe(block.length) }
    const target = buffer.subarray(block.offset, block.offset + block.length)
    const placement: Placement = { target }
    writers.set(index, placement)
    return placement
  }

  /** All bytes of the block have come: they count. */
  commit(block: Block, placement: Placement): void {
    const active = this.#begin(block.piece)
    const index = block.offset / BLOCK
    if (active.writers.get(index) === placement) {
      active.writers.delete(index)
      return
    }
    revoke(active, index)
    if (placement.target) active.buffer.set(placement.target, block.offset)
  }

  /** The block did not come whole, or is not wanted any more. */
  discard(block: Block, placement: Placement): void {
    const active = this.#active.get(block.piece)
    const index = block.offset / BLOCK
    if (active?.writers.get(index) === placement) active.writers.delete(index)
    placement.target = undefined
  }

  /** Bytes that were not placed (one block, or all blocks of a web seed's range): they count at once. */
  write(block: Block, bytes: Uint8Array): void {
    const active = this.#begin(block.piece)
    // From now on no placement may write to these blocks: the piece may be hashed at any moment.
    const end = block.offset + bytes.length
    for (let at = block.offset; at < end; at += BLOCK) revoke(active, at / BLOCK)
    active.buffer.set(bytes, block.offset)
  }

  /** The bytes of a piece; valid until recycle(). */
  bytes(piece: number): Uint8Array {
    return this.#begin(piece).buffer.subarray(0, this.#pieceSize(piece))
  }

  /** The piece is not needed any more: its buffer may be used for another one. */
  recycle(piece: number): void {
    const active = this.#end(piece)
    if (!active) return
    this.#spare.push(active.buffer)
    this.trim()
  }

  /** The limit may be lower now: what is spare beyond it is freed. */
  trim(): void {
    const limit = this.#limit()
    const spare = Math.min(Math.ceil(limit / PIECES_PER_SPARE), limit - this.#active.size)
    this.#spare.splice(Math.max(0, spare))
  }

  /** As recycle(), but the buffer is not used again: somebody may still read it. */
  abandon(piece: number): void {
    this.#end(piece)
  }

  #begin(piece: number): PieceBuffer {
    let active = this.#active.get(piece)
    if (!active) {
      const buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#pieceLength)
      active = { buffer, writers: new Map() }
      this.#active.set(piece, active)
    }
    return active
  }

  #end(piece: number): PieceBuffer | undefined {
    const active = this.#active.get(piece)
    if (!active) return undefined
    this.#active.delete(piece)
    // A block that still arrives must not be written into the next piece of this buffer.
    for (const index of [...active.writers.keys()]) revoke(active, index)
    return active
  }
}

/** Takes the block's place away from the placement that is being written there. */
function revoke({ writers }: PieceBuffer, index: number): void {
  const writer = writers.get(index)
  if (writer) writer.target = undefined
  writers.delete(index)
}
