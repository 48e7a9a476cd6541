/**
 * This often, for about one round trip, fewer blocks are requested (BBR's ProbeRTT). Only when no
 * requests of ours wait in the peer's queue does the delay show the true round-trip time.
 */
const PROBE_EVERY_MS = 3000
const PROBE_ROUND_TRIPS = 1.5
/** When a probe finds a delay lower by this factor, the queue is not empty yet: the next probe follows at once. */
const STILL_FALLING = 0.9
/**
 * An answer that takes so much longer than the one before it (a share of the least delay, and at least
 * so many milliseconds) waited for a lost packet: a queue makes the delay longer by little at a time.
 */
const LOSS_SHARE = 0.5
const LOSS_MS = 20
/** For so long after such an answer the line counts as one that loses packets. */
const LOSSY_MS = 3000
/** A new connection opens its window in jumps of a round trip, and they prove nothing. */
const OPENING_MS = 1000
/**
 * But the delay counts for no more than this many times the least there ever was, so that no queue
 * feeds itself: a lost packet is sent again after about one round trip.
 */
const LONGEST_LOSSY = 2
/** Nor is the least delay taken to have grown by more, when others fill the line. */
const LONGEST_GROWTH = 5

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
  /** The least delay there ever was. */
  #least = Infinity
  #last = 0
  #lossy = false
  #lossyUntil = 0
  #openUntil = 0

  /** While this is true, fewer requests than the line can hold should be in flight. */
  get probing(): boolean {
    return this.#probe !== undefined
  }

  /** How much longer than the lowest round-trip time recent answers took. */
  get queueDelay(): number {
    return this.#smoothed === 0 ? 0 : this.#smoothed - this.min
  }

  /**
   * The round trip that requests have to fill. Where packets get lost TCP keeps back what came after a
   * lost one, so more is on its way, and the least delay is not to be had: it is that of late then.
   */
  get roundTrip(): number {
    return this.#lossy
      ? Math.max(this.min, Math.min(this.#smoothed, this.#least * LONGEST_LOSSY))
      : this.min
  }

  add(delay: number, now: number): void {
    if (this.#smoothed === 0) {
      this.#smoothed = this.#last = delay
      this.#nextProbe = now + PROBE_EVERY_MS
      this.#lossyUntil = now
      this.#openUntil = now + OPENING_MS
    }
    this.#lookForLoss(delay, now)
    this.#smoothed += (delay - this.#smoothed) * 0.25
    this.jitter += (Math.abs(delay - this.#smoothed) - this.jitter) * 0.1
    this.#updateProbe(now)
    this.min = Math.min(this.min, this.#smoothed)
    this.#least = Math.min(this.#least, this.#smoothed)
  }

  #lookForLoss(delay: number, now: number): void {
    const longer = delay - this.#last
    this.#last = delay
    if (now > this.#openUntil && longer > Math.max(LOSS_MS, this.min * LOSS_SHARE)) {
      this.#lossyUntil = now + LOSSY_MS
    }
    this.#lossy = now < this.#lossyUntil
  }

  #updateProbe(now: number): void {
    const probe = this.#probe
    if (probe) {
      probe.least = Math.min(probe.least, this.#smoothed)
      if (now <= probe.ends) return
      const shorter = probe.least < probe.before * STILL_FALLING
      this.min = Math.min(probe.least, this.#least * LONGEST_GROWTH)
      this.#probe = undefined
      this.#nextProbe = now + (shorter ? this.#smoothed : PROBE_EVERY_MS)
    } else if (now > this.#nextProbe) {
      const ends = now + this.#smoothed * PROBE_ROUND_TRIPS
      this.#probe = { ends, before: this.min, least: this.#smoothed }
    }
  }
}
