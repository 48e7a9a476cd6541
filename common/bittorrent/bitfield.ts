/**
 * One bit for each piece, most significant bit first (BEP 3). The length is fixed; other indices
 * are ignored.
 */
export class Bitfield {
  readonly length: number
  readonly bytes: Uint8Array
  #count = 0

  /** @param bytes a bitfield to copy: missing bits count as unset, spare ones are ignored */
  constructor(length: number, bytes?: Uint8Array) {
    this.length = length
    this.bytes = new Uint8Array(Math.ceil(length / 8))
    if (bytes) {
      for (let i = 0; i < length; i++) if (((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1) this.set(i)
    }
  }

  /** How many bits are set. */
  get count(): number {
    return this.#count
  }

  get complete(): boolean {
    return this.#count === this.length
  }

  has(i: number): boolean {
    return i >= 0 && i < this.length && (((this.bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1) === 1
  }

  /** Answers whether this changed the bit. */
  set(i: number): boolean {
    if (i < 0 || i >= this.length || this.has(i)) return false
    this.bytes[i >> 3] = (this.bytes[i >> 3] ?? 0) | (1 << (7 - (i & 7)))
    this.#count++
    return true
  }

  /** Answers whether this changed the bit. */
  clear(i: number): boolean {
    if (!this.has(i)) return false
    this.bytes[i >> 3] = (this.bytes[i >> 3] ?? 0) & ~(1 << (7 - (i & 7)))
    this.#count--
    return true
  }
}
