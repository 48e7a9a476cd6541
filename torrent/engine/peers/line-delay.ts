/**
 * So often less is asked for, for a round trip or so: only with no queue of ours in it does the delay
 * show how long the way is by now (as BBR looks for it).
 */
const LOOK_EVERY_MS = 3000
const LOOK_TRIPS = 1.5
/** A look that found the way so much shorter has not seen its end: the next one follows at once. */
const SHORTER = 0.9

/**
 * How long a peer takes to answer with no queue before it. Times in steady milliseconds.
 * The delay is smoothed before its least is taken: of a line that wavers, the odd quick answer says
 * nothing.
 */
export class LineDelay {
  /** Infinity until something came. */
  bare = Infinity
  /** How much answers differ from one another. */
  jitter = 0
  #smooth = 0
  #look: { readonly ends: number; readonly before: number; least: number } | undefined
  #nextLook = Infinity

  /** While this holds, fewer requests than fill the line may be out. */
  get looking(): boolean {
    return this.#look !== undefined
  }

  /** What came lately had to wait for so long beyond the bare delay. */
  get queueing(): number {
    return this.#smooth === 0 ? 0 : this.#smooth - this.bare
  }

  add(delay: number, now: number): void {
    if (this.#smooth === 0) {
      this.#smooth = delay
      this.#nextLook = now + LOOK_EVERY_MS
    }
    this.#smooth += (delay - this.#smooth) * 0.25
    this.jitter += (Math.abs(delay - this.#smooth) - this.jitter) * 0.1
    this.#lookAt(now)
    this.bare = Math.min(this.bare, this.#smooth)
  }

  #lookAt(now: number): void {
    const look = this.#look
    if (look) {
      look.least = Math.min(look.least, this.#smooth)
      if (now <= look.ends) return
      const shorter = look.least < look.before * SHORTER
      this.bare = look.least
      this.#look = undefined
      this.#nextLook = now + (shorter ? this.#smooth : LOOK_EVERY_MS)
    } else if (now > this.#nextLook) {
      const ends = now + this.#smooth * LOOK_TRIPS
      this.#look = { ends, before: this.bare, least: this.#smooth }
    }
  }
}
