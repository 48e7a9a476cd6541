/** How many of something each address has open; an address without any takes no room. */
export class ConcurrencyLimiter {
  readonly #max: number
  readonly #open = new Map<string, number>()

  constructor(max: number) {
    this.#max = max
  }

  /** One more; undefined when the address has its share. What comes back ends it, once. */
  open(address: string): (() => void) | undefined {
    const count = this.#open.get(address) ?? 0
    if (count >= this.#max) return undefined
    this.#open.set(address, count + 1)
    let isOpen = true
    return () => {
      if (isOpen) this.#close(address)
      isOpen = false
    }
  }

  #close(address: string): void {
    const left = (this.#open.get(address) ?? 0) - 1
    if (left > 0) this.#open.set(address, left)
    else this.#open.delete(address)
  }
}
