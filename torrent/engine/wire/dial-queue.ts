/** Addresses that wait for a free connection. */
const MAX_WAITING = 200
/**
 * While others wait, a peer that has not answered within this time gives up its place. It is tried
 * again after them, and then may take longer. Milliseconds.
 */
const HURRY_MS = 1000
const PATIENT_MS = 4000

/**
 * Addresses that wait for a free connection. Of those that a tracker lists most may be gone, and
 * nothing is heard of them: so each is given a short time first, until all have been tried.
 */
export class DialQueue {
  readonly #fresh = new Set<string>()
  /** They did not answer at once. */
  readonly #postponed = new Set<string>()
  /** Being tried for the second time. */
  readonly #second = new Set<string>()

  get isEmpty(): boolean {
    return this.#fresh.size === 0 && this.#postponed.size === 0
  }

  has(address: string): boolean {
    return this.#fresh.has(address) || this.#postponed.has(address)
  }

  /** False when too many wait. */
  add(address: string): boolean {
    if (this.#fresh.size >= MAX_WAITING) return false
    this.#fresh.add(address)
    return true
  }

  /** Takes the address to connect to next out of the queue. */
  next(): string | undefined {
    const [fresh] = this.#fresh
    if (fresh !== undefined) {
      this.#fresh.delete(fresh)
      return fresh
    }
    const [postponed] = this.#postponed
    if (postponed === undefined) return undefined
    this.#postponed.delete(postponed)
    this.#second.add(postponed)
    return postponed
  }

  /**
   * Whether a connection whose handshake is not done has to make way for others.
   * @param ageMs since it was opened
   */
  givesWay(address: string, ageMs: number): boolean {
    if (this.#second.has(address)) return ageMs > PATIENT_MS && !this.isEmpty
    return ageMs > HURRY_MS && this.#fresh.size > 0
  }

  /** A connection made way. Answers whether its address is tried again; not after the second time. */
  madeWay(address: string): boolean {
    if (this.#second.has(address) || this.#postponed.size >= MAX_WAITING) return false
    this.#postponed.add(address)
    return true
  }

  /** A connection to the address has ended. */
  ended(address: string): void {
    this.#second.delete(address)
  }
}
