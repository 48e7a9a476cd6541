/**
 * This often, for about one round trip, fewer blocks are requested (BBR's ProbeRTT). Only when no
 * requests of ours wait in the peer's queue does the delay show the true round-trip time.
 */
const PROBE_EVERY_MS = 3000
const PROBE_ROUND_TRIPS = 1.5
/** When a probe finds a delay lower by this factor, the queue is not empty yet: the next probe follows at once. */
const STILL_FALLING = 0.9

/**
 * The lowest round-trip time of one peer: from a request to its answer when nothing is queued before
 * it. Times in steady milliseconds. Delays are smoothed before the lowest is taken, because on an
 * unsteady line a single quick answer proves nothing.
 */
export class MinRtt {
  /** Infinity until the first answer. */
  min = Infinity
  /** Mean deviation of the delays. */
  jitter = 0
  #smoothed = 0
  #probe: { readonly ends: number; readonly before: number; least: number } | undefined
  #nextProbe = Infinity

  /** While this is true, fewer requests than the line can hold should be in flight. */
  get probing(): boolean {
    return this.#probe !== undefined
  }

  /** How much longer than the lowest round-trip time recent answers took. */
  get queueDelay(): number {
    return this.#smoothed === 0 ? 0 : this.#smoothed - this.min
  }

  add(delay: number, now: number): void {
    if (this.#smoothed === 0) {
      this.#smoothed = delay
      this.#nextProbe = now + PROBE_EVERY_MS
    }
    this.#smoothed += (delay - this.#smoothed) * 0.25
    this.jitter += (Math.abs(delay - this.#smoothed) - this.jitter) * 0.1
    this.#updateProbe(now)
    this.min = Math.min(this.min, this.#smoothed)
  }

  #updateProbe(now: number): void {
    const probe = this.#probe
    if (probe) {
      probe.least = Math.min(probe.least, this.#smoothed)
      if (now <= probe.ends) return
      const shorter = probe.least < probe.before * STILL_FALLING
      this.min = probe.least
      this.#probe = undefined
      this.#nextProbe = now + (shorter ? this.#smoothed : PROBE_EVERY_MS)
    } else if (now > this.#nextProbe) {
      const ends = now + this.#smoothed * PROBE_ROUND_TRIPS
      this.#probe = { ends, before: this.min, least: this.#smoothed }
    }
  }
}
