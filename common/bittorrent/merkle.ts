import { createHash, hash } from 'node:crypto'

/** What the trees of BEP 52 are made of. */
export const LEAF_BYTES = 16 * 1024
/** Bytes of a SHA-256. */
export const HASH_BYTES = 32

/** Of two hashes, the one above them. */
const above = (left: Uint8Array, right: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([left, right]), 'buffer')

/** What stands where a file has no bytes: leaves are zeros, and each layer above is hashed of them. */
const paddings: Buffer[] = [Buffer.alloc(HASH_BYTES)]
function padding(layer: number): Buffer {
  for (let i = paddings.length; i <= layer; i++) {
    const below = paddings[i - 1] ?? Buffer.alloc(HASH_BYTES)
    paddings.push(above(below, below))
  }
  return paddings[layer] ?? Buffer.alloc(HASH_BYTES)
}

/** The layer, counted from the leaves (0), in which one hash stands for so many bytes. */
export const layerOf = (bytes: number): number =>
  Math.ceil(Math.log2(Math.max(1, bytes / LEAF_BYTES)))

/** The smallest power of two that is not below it. */
export const powerOfTwo = (count: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, count)))

/**
 * The root of hashes that stand side by side in a layer (BEP 52).
 * @param hashes one after the other, HASH_BYTES each; at least one
 * @param width a power of two: what is missing to it is padding
 */
export function merkleRoot(hashes: Uint8Array, width: number, layer: number): Buffer {
  let row: Uint8Array[] = []
  for (let at = 0; at < hashes.length; at += HASH_BYTES)
    row.push(hashes.subarray(at, at + HASH_BYTES))
  let depth = layer
  for (let count = width; count > 1; count /= 2) {
    const next: Uint8Array[] = []
    for (let i = 0; i < row.length; i += 2) {
      next.push(above(row[i] ?? padding(depth), row[i + 1] ?? padding(depth)))
    }
    row = next
    depth++
  }
  return Buffer.from(row[0] ?? padding(depth))
}

/**
 * The root above a part of a layer, by the hashes beside the way up to it.
 * @param index of the part: how many parts of its length stand before it
 * @param uncles HASH_BYTES each, the lowest first
 */
export function rootAbove(part: Uint8Array, index: number, uncles: Uint8Array): Buffer {
  let node: Buffer = Buffer.from(part)
  let place = index
  for (let at = 0; at < uncles.length; at += HASH_BYTES) {
    const uncle = uncles.subarray(at, at + HASH_BYTES)
    node = place % 2 === 1 ? above(uncle, node) : above(node, uncle)
    place = Math.floor(place / 2)
  }
  return node
}

/** Hashes bytes as they come, as a tree of so many leaves (a power of two). */
export class MerkleHash {
  readonly #width: number
  readonly #leaves: Buffer[] = []
  #leaf = createHash('sha256')
  /** Bytes in the leaf that is not full. */
  #filled = 0

  constructor(width: number) {
    this.#width = width
  }

  update(bytes: Uint8Array): this {
    for (let at = 0; at < bytes.length; ) {
      const take = Math.min(LEAF_BYTES - this.#filled, bytes.length - at)
      this.#leaf.update(bytes.subarray(at, at + take))
      this.#filled += take
      at += take
      if (this.#filled === LEAF_BYTES) this.#endLeaf()
    }
    return this
  }

  digest(): Buffer {
    if (this.#filled > 0) this.#endLeaf()
    return merkleRoot(Buffer.concat(this.#leaves), this.#width, 0)
  }

  #endLeaf(): void {
    this.#leaves.push(this.#leaf.digest())
    this.#leaf = createHash('sha256')
    this.#filled = 0
  }
}
