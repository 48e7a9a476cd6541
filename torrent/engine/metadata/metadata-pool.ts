/** Length of a metadata piece; the last one may be shorter (BEP 9). */
export const METADATA_PIECE_BYTES = 16 * 1024

interface Part {
  readonly bytes: Buffer
  readonly from: object
}

/** The pieces of one info dictionary that have come, from whichever peers (BEP 9). */
export class MetadataPool {
  /** Bytes of the whole, as the peers say. */
  readonly size: number
  readonly #count: number
  readonly #parts = new Map<number, Part>()
  /** How many peers have been asked for a piece and have not answered. */
  readonly #requests = new Map<number, number>()
  #bytes = 0

  constructor(size: number) {
    this.size = size
    this.#count = Math.ceil(size / METADATA_PIECE_BYTES)
  }

  /** Bytes that have come. */
  get bytes(): number {
    return this.#bytes
  }

  get isComplete(): boolean {
    return this.#parts.size === this.#count
  }

  /** Who sent the pieces. */
  get contributors(): ReadonlySet<object> {
    return new Set([...this.#parts.values()].map(({ from }) => from))
  }

  /** The piece to request next: one that is missing and that fewest peers are asked for; or -1. */
  next(except: ReadonlySet<number>): number {
    let best = -1
    for (let piece = 0; piece < this.#count; piece++) {
      if (this.#parts.has(piece) || except.has(piece)) continue
      if (best < 0 || this.#requestsOf(piece) < this.#requestsOf(best)) best = piece
      if (this.#requestsOf(best) === 0) return best
    }
    return best
  }

  #requestsOf(piece: number): number {
    return this.#requests.get(piece) ?? 0
  }

  requested(piece: number): void {
    this.#requests.set(piece, this.#requestsOf(piece) + 1)
  }

  /** The request was answered or given up. */
  released(piece: number): void {
    this.#requests.set(piece, this.#requestsOf(piece) - 1)
  }

  /**
   * Keeps a copy of the bytes. False when they are not a piece of this one, or one that is here.
   * @param from whoever sent them
   */
  add(piece: number, bytes: Uint8Array, from: object): boolean {
    const expected = Math.min(METADATA_PIECE_BYTES, this.size - piece * METADATA_PIECE_BYTES)
    if (piece >= this.#count || bytes.length !== expected || this.#parts.has(piece)) return false
    this.#parts.set(piece, { bytes: Buffer.from(bytes), from })
    this.#bytes += bytes.length
    return true
  }

  /** What one peer has sent of it. */
  partOf(from: object): MetadataPool {
    const part = new MetadataPool(this.size)
    for (const [piece, one] of this.#parts) {
      if (one.from === from) part.add(piece, one.bytes, from)
    }
    return part
  }

  /** All bytes; only when it is complete. */
  whole(): Buffer {
    const parts = [...this.#parts].sort(([a], [b]) => a - b)
    return Buffer.concat(parts.map(([, { bytes }]) => bytes))
  }
}
