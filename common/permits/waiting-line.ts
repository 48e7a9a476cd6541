import type { Owners } from './owners.ts'

export interface Waiting {
  readonly owners: Owners
  /** Its turn has come. */
  proceed(): void
  /** Another one needs its place in the line. */
  reject(): void
}

export interface LineLimits {
  /** In all. */
  readonly most: number
  /** Of one address; `most` unless given. */
  readonly mostEach?: number | undefined
}

/** Addresses whose last turn is remembered; forgotten together, which costs one round its order. */
const MOST_REMEMBERED = 1000

/**
 * Who waits for a permit. Its next is from the address that holds fewest; of equals from the one
 * whose last turn is longest ago; then first come first served.
 */
export class WaitingLine {
  readonly #limits: Required<{ [K in keyof LineLimits]: number }>
  readonly #waiting: Waiting[] = []
  readonly #lastServed = new Map<string, number>()
  #served = 0

  constructor({ most, mostEach = most }: LineLimits) {
    this.#limits = { most, mostEach }
  }

  get length(): number {
    return this.#waiting.length
  }

  /** Every address that waits. */
  get addresses(): ReadonlySet<string> {
    return new Set(this.#waiting.flatMap(({ owners }) => owners.all))
  }

  /**
   * False when there is no place. In a full line, the newest of the address that has most of it makes
   * place for one that has less.
   */
  add(one: Waiting): boolean {
    const own = one.owners.least((address) => this.#count(address))
    if (own >= this.#limits.mostEach) return false
    if (this.#waiting.length >= this.#limits.most && !this.#rejectForOneWith(own)) return false
    this.#waiting.push(one)
    return true
  }

  /** False when it is not in the line any more. */
  remove(one: Waiting): boolean {
    const at = this.#waiting.indexOf(one)
    if (at >= 0) this.#waiting.splice(at, 1)
    return at >= 0
  }

  /**
   * @param permitsOf how many permits an address holds
   * @param most who holds so many is passed over
   */
  next(permitsOf: (address: string) => number, most: number): Waiting | undefined {
    let best: { one: Waiting; permits: number; served: number } | undefined
    for (const one of this.#waiting) {
      const permits = one.owners.least(permitsOf)
      if (permits >= most) continue
      const served = one.owners.least((address) => this.#lastServed.get(address) ?? 0)
      const isBefore =
        !best || permits < best.permits || (permits === best.permits && served < best.served)
      if (isBefore) best = { one, permits, served }
    }
    if (!best) return undefined
    this.remove(best.one)
    this.#remember(best.one.owners)
    return best.one
  }

  #count(address: string): number {
    return this.#waiting.filter(({ owners }) => owners.has(address)).length
  }

  #rejectForOneWith(own: number): boolean {
    let most: { address: string; count: number } | undefined
    for (const address of this.addresses) {
      const count = this.#count(address)
      if (count > own + 1 && count > (most?.count ?? 0)) most = { address, count }
    }
    const newest = most && this.#waiting.findLast(({ owners }) => owners.only === most.address)
    if (!newest) return false
    this.remove(newest)
    newest.reject()
    return true
  }

  #remember(owners: Owners): void {
    if (this.#lastServed.size >= MOST_REMEMBERED || this.#waiting.length === 0)
      this.#lastServed.clear()
    this.#served++
    for (const address of owners.all) this.#lastServed.set(address, this.#served)
  }
}
