/** Bytes that wait, in their order. */
export class ByteQueue {
  readonly #chunks: Uint8Array[] = []
  /** Bytes of the first chunk that are taken. */
  #taken = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  /** The bytes must not change afterwards. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#chunks.push(bytes)
    this.#length += bytes.length
  }

  /** Moves the next bytes to where they go; there must be enough to fill it. */
  take(into: Uint8Array): void {
    let at = 0
    for (let chunk = this.#chunks[0]; chunk && at < into.length; chunk = this.#chunks[0]) {
      const part = chunk.subarray(this.#taken, this.#taken + into.length - at)
      into.set(part, at)
      at += part.length
      this.#taken += part.length
      if (this.#taken < chunk.length) break
      this.#chunks.shift()
      this.#taken = 0
    }
    this.#length -= at
  }
}
