/** BEP 29. */
const LEAST_TIMEOUT_MS = 500
/** Until a round trip has been measured (BEP 29). */
const FIRST_TIMEOUT_MS = 1000
const MOST_TIMEOUT_MS = 30_000

/** How long an acknowledgement takes, and how long it is waited for (BEP 29, as RFC 6298). Milliseconds. */
export class RoundTrip {
  #mean: number | undefined
  #deviation = 0
  #timeoutMs = FIRST_TIMEOUT_MS

  /** Undefined until one has been measured. */
  get ms(): number | undefined {
    return this.#mean
  }

  get timeoutMs(): number {
    return this.#timeoutMs
  }

  /** Not for a packet that was sent twice: which of them was acknowledged? (Karn's algorithm) */
  measured(ms: number): void {
    if (this.#mean === undefined) {
      this.#mean = ms
      this.#deviation = ms / 2
    } else {
      this.#deviation += (Math.abs(this.#mean - ms) - this.#deviation) / 4
      this.#mean += (ms - this.#mean) / 8
    }
    this.#timeoutMs = Math.max(LEAST_TIMEOUT_MS, this.#mean + 4 * this.#deviation)
  }

  timedOut(): void {
    this.#timeoutMs = Math.min(this.#timeoutMs * 2, MOST_TIMEOUT_MS)
  }
}
