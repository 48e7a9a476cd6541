/**
 * So often less is asked for, for a round trip or so: only with no queue of ours in it does the delay
 * show how long the way is by now (as BBR looks for it).
 */
const PROBE_EVERY_MS = 3000
const PROBE_ROUND_TRIPS = 1.5
/** A look that found the way so much shorter has not seen its end: the next one follows at once. */
const STILL_FALLING = 0.9

/**
 * How long a peer takes to answer with no queue before it. Times in steady milliseconds.
 * The delay is smoothed before its least is taken: of a line that wavers, the odd quick answer says
 * nothing.
 */
export class MinRtt {
  /** Infinity until something came. */
  min = Infinity
  /** How much answers differ from one another. */
  jitter = 0
  #smoothed = 0
  #probe: { readonly ends: number; readonly before: number; least: number } | undefined
  #nextProbe = Infinity

  /** While this holds, fewer requests than fill the line may be out. */
  get probing(): boolean {
    return this.#probe !== undefined
  }

  /** What came lately had to wait for so long beyond the bare delay. */
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
