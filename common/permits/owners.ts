/**
 * The addresses that something is for, as they are now: each counts as often as it was added. Empty
 * where addresses are not counted.
 */
export class Owners {
  readonly #times = new Map<string, number>()

  add(address: string | undefined): void {
    if (address !== undefined) this.#times.set(address, (this.#times.get(address) ?? 0) + 1)
  }

  remove(address: string | undefined): void {
    if (address === undefined) return
    const left = (this.#times.get(address) ?? 0) - 1
    if (left > 0) this.#times.set(address, left)
    else this.#times.delete(address)
  }

  has(address: string): boolean {
    return this.#times.has(address)
  }

  get all(): readonly string[] {
    return [...this.#times.keys()]
  }

  /** What the address has that has least; 0 where none is counted, which has nobody to wait behind. */
  least(of: (address: string) => number): number {
    const each = this.all.map(of)
    return each.length === 0 ? 0 : Math.min(...each)
  }

  /** The one address it is for; undefined when there are several, or none. */
  get only(): string | undefined {
    return this.#times.size === 1 ? this.all[0] : undefined
  }
}
