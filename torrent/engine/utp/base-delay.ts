/** BEP 29 and RFC 6817 keep the minima of the last minutes: a way may become longer for good. */
const MINUTES = 13
const MINUTE_MS = 60_000
/** Clocks drift by less than this at a time; more is a way that became shorter. Microseconds. */
const MOST_DRIFT = 10_000

/**
 * The least delay of the packets of one direction, by two clocks that do not agree: only differences
 * count. Microseconds, modulo 2^32.
 */
export class BaseDelay {
  /** The minima of the last minutes, the present one last. */
  readonly #minima: number[] = []
  #minuteBegan = 0

  /** How much longer than the least one a packet took. Answers by how much the least one shrank. */
  add(sample: number, now: number): { readonly queued: number; readonly shrank: number } {
    const before = this.#least()
    if (before === undefined || now - this.#minuteBegan >= MINUTE_MS) {
      this.#minuteBegan = now
      this.#minima.push(sample)
      if (this.#minima.length > MINUTES) this.#minima.shift()
    }
    const current = this.#minima.length - 1
    if (isLess(sample, this.#minima[current] ?? sample)) this.#minima[current] = sample
    const base = this.#least() ?? sample
    const shrank = before !== undefined && isLess(base, before) ? (before - base) >>> 0 : 0
    return { queued: (sample - base) >>> 0, shrank }
  }

  /** The other direction shows that the clocks drift apart: this one's delays grow as much. */
  drifted(by: number): void {
    if (by > MOST_DRIFT) return
    for (let i = 0; i < this.#minima.length; i++) {
      this.#minima[i] = ((this.#minima[i] ?? 0) + by) >>> 0
    }
  }

  #least(): number | undefined {
    let least: number | undefined
    for (const one of this.#minima) if (least === undefined || isLess(one, least)) least = one
    return least
  }
}

const isLess = (a: number, b: number): boolean => ((a - b) | 0) < 0
