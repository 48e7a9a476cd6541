/** Bytes of a usual request (BEP 3: all current clients use 2^14). */
export const BLOCK = 1 << 14

/** A part of a piece that is asked for and delivered in one go (BEP 3); bytes. */
export interface Block {
  readonly piece: number
  readonly offset: number
  readonly length: number
}

/** Where a block's bytes go while they arrive; `target` may be taken away at any moment. */
export interface Placement {
  target: Buffer | undefined
}
