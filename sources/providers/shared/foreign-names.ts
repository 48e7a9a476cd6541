import { randomInt } from 'node:crypto'

const BITS = 2 ** 17
/** Differs in each process: nobody can choose names that are taken for one. */
const SEED = randomInt(2 ** 32)
/** Of FNV-1a, a hash of 32 bits. */
const PRIME = 0x01000193

/** Counts different names without keeping them. Of 10,000 it takes a few hundred for known ones. */
export class ForeignNames {
  readonly #seen = new Uint8Array(BITS / 8)

  isNew(bytes: Uint8Array, start: number, end: number): boolean {
    let hash = SEED
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), PRIME)
    const bit = (hash ^ (hash >>> 15)) & (BITS - 1)
    const mask = 1 << (bit & 7)
    const known = this.#seen[bit >> 3] ?? 0
    this.#seen[bit >> 3] = known | mask
    return (known & mask) === 0
  }
}
