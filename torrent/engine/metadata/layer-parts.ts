import { HASH_BYTES, merkleRoot, powerOfTwo, rootAbove } from '../../../common/bittorrent/merkle.ts'
import type { PieceLayer } from '../../../common/bittorrent/piece-layers.ts'
import { type HashRequest, hashRequest, MAX_HASHES } from './hash-messages.ts'

/** What is asked for at once: a part of the hashes of one file's pieces. */
export interface LayerPart {
  readonly of: PieceLayer
  readonly request: HashRequest
  /** The request as it is sent, latin1. */
  readonly name: string
}

/** A layer in parts. The hashes beside the way to the root prove each part by itself. */
export function partsOf(of: PieceLayer): readonly LayerPart[] {
  const width = powerOfTwo(of.count)
  const length = Math.min(MAX_HASHES, width)
  // Those that follow from the part itself are counted, and not sent.
  const proofs = length === width ? 0 : Math.log2(width) - 1
  const parts: LayerPart[] = []
  for (let index = 0; index < of.count; index += length) {
    const request = { root: of.root, layer: of.layer, index, length, proofs }
    parts.push({ of, request, name: hashRequest(request).toString('latin1') })
  }
  return parts
}

/** The hashes of a part, as a peer sent them; undefined when they are not those of the file. */
export function provenHashes({ of, request }: LayerPart, sent: Uint8Array): Uint8Array | undefined {
  const { index, length, layer, root } = request
  const bytes = length * HASH_BYTES
  const uncles = Math.log2(powerOfTwo(of.count) / length)
  if (sent.length !== bytes + uncles * HASH_BYTES) return undefined
  const hashes = sent.subarray(0, bytes)
  const top = rootAbove(merkleRoot(hashes, length, layer), index / length, sent.subarray(bytes))
  if (!top.equals(root)) return undefined
  // Behind the end of the file stands padding.
  return hashes.subarray(0, Math.min(length, of.count - index) * HASH_BYTES)
}
