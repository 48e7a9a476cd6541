import { HASH_BYTES } from '../../../common/bittorrent/merkle.ts'

/** Hashes of a file's tree that are asked for (BEP 52), and what all three messages begin with. */
export interface HashRequest {
  /** Of the file. */
  readonly root: Uint8Array
  /** Counted from the leaves. */
  readonly layer: number
  /** Of the first hash in its layer; a multiple of `length`. */
  readonly index: number
  /** A power of two. */
  readonly length: number
  /** Layers above it, of which the hashes beside the way up are wanted too. */
  readonly proofs: number
}

/** BEP 52: what nobody asks for more of at once. */
export const MAX_HASHES = 512
const HEAD_BYTES = HASH_BYTES + 16

/** The body of a hash request, and of what rejects it. */
export function hashRequest({ root, layer, index, length, proofs }: HashRequest): Buffer {
  const body = Buffer.alloc(HEAD_BYTES)
  body.set(root)
  for (const [i, number] of [layer, index, length, proofs].entries()) {
    body.writeUInt32BE(number, HASH_BYTES + i * 4)
  }
  return body
}

export interface HashAnswer {
  /** As hashRequest() wrote it, latin1: which request is answered. */
  readonly request: string
  /** The hashes asked for, then those of the proof; empty for a reject. */
  readonly hashes: Uint8Array
}

/** Undefined when the body is of no such message. */
export function readHashAnswer(body: Buffer): HashAnswer | undefined {
  if (body.length < HEAD_BYTES || (body.length - HEAD_BYTES) % HASH_BYTES !== 0) return undefined
  return { request: body.toString('latin1', 0, HEAD_BYTES), hashes: body.subarray(HEAD_BYTES) }
}
