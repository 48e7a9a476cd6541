interface Waiting {
  readonly bytes: number
  go(): void
  stop(why: Error): void
}

/**
 * The upload limit of all torrents and connections together: a token bucket that holds one second.
 */
export class RateLimit {
  /** Nothing may be uploaded at all. */
  readonly off: boolean
  readonly #bytesPerSecond: number
  readonly #waiting: Waiting[] = []
  /** Bytes in the bucket; below zero after a block that was larger than the bucket. */
  #free: number
  #refilledAt = performance.now()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** @param bytesPerSecond 0 = no uploads, negative = no limit */
  constructor(bytesPerSecond: number) {
    this.off = bytesPerSecond === 0
    this.#bytesPerSecond = bytesPerSecond
    this.#free = bytesPerSecond
  }

  /**
   * Resolves when so many bytes may be sent, in the order of the calls.
   * @throws Error when uploads are off, and after close()
   */
  take(bytes: number): Promise<void> {
    if (this.off || this.#closed) return Promise.reject(new Error('nothing is given'))
    if (this.#bytesPerSecond < 0) return Promise.resolve()
    return new Promise((go, stop) => {
      this.#waiting.push({ bytes, go, stop })
      if (this.#timer === undefined) this.#serve()
    })
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const one of this.#waiting.splice(0)) one.stop(new Error('nothing is given any more'))
  }

  #serve(): void {
    this.#timer = undefined
    const perSecond = this.#bytesPerSecond
    const now = performance.now()
    this.#free = Math.min(perSecond, this.#free + ((now - this.#refilledAt) * perSecond) / 1000)
    this.#refilledAt = now
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      // A block larger than the bucket may go when the bucket is full.
      const needed = Math.min(first.bytes, perSecond)
      if (this.#free < needed) {
        const waitMs = Math.ceil(((needed - this.#free) * 1000) / perSecond)
        this.#timer = setTimeout(() => this.#serve(), waitMs)
        return
      }
      this.#free -= first.bytes
      this.#waiting.shift()
      first.go()
    }
  }
}
