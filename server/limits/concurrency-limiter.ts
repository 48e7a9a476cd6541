/** Addresses that are remembered without having anything open: of more, those are forgotten. */
const MOST_IDLE = 1000

/** How many of something each address has open. */
export class ConcurrencyLimiter {
  readonly #max: number
  /**
   * Also of addresses that have none: a map that one address comes to and goes from with each range leaves
   * a chain of old tables, which only a full collection ends.
   */
  readonly #open = new Map<string, number>()
  #idle = 0

  constructor(max: number) {
    this.#max = max
  }

  /** One more; undefined when the address has its share. What comes back ends it, once. */
  open(address: string): (() => void) | undefined {
    const known = this.#open.get(address)
    const count = known ?? 0
    if (count >= this.#max) return undefined
    if (known === 0) this.#idle--
    this.#open.set(address, count + 1)
    let isOpen = true
    return () => {
      if (isOpen) this.#close(address)
      isOpen = false
    }
  }

  #close(address: string): void {
    const left = (this.#open.get(address) ?? 0) - 1
    this.#open.set(address, left)
    if (left > 0 || ++this.#idle <= MOST_IDLE) return
    for (const [idle, count] of this.#open) if (count === 0) this.#open.delete(idle)
    this.#idle = 0
  }
}
