/** Bytes of a usual request (BEP 3: all current clients use 2^14 bytes). */
export const BLOCK = 1 << 14

/** The part of a piece that one request asks for (BEP 3). Offset and length in bytes. */
export interface Block {
  readonly piece: number
  readonly offset: number
  readonly length: number
}

/** Where the bytes of a block go while they arrive. `target` may be taken away at any moment. */
export interface Placement {
  target: Buffer | undefined
}
