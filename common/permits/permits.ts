import { Fault } from '../errors.ts'
import { Owners } from './owners.ts'
import { type Waiting, WaitingLine } from './waiting-line.ts'

/** The right to run; given back once. */
export interface Permit {
  /** An idle permit is reclaimed as soon as somebody waits for one. */
  setIdle(idle: boolean): void
  /** Safe to call twice. */
  release(): void
}

/** Called when somebody else needs the permit; release() must follow. */
type OnReclaim = () => void

export interface PermitsOptions {
  readonly max: number
  readonly waitingMax: number
  /** Of one address. */
  readonly waitingEach?: number
  /** How many permits one address may hold, also where nobody waits. All of them unless given. */
  readonly maxEach?: number
  /**
   * How many permits one address may keep while others wait, given the number of addresses that
   * hold or want one. Half of all permits unless given.
   */
  readonly share?: (max: number, addresses: number) => number
  /** Milliseconds from its grant that an address with more than its share keeps a permit. 0. */
  readonly reclaimAfterMs?: number
}

const RETRY_AFTER_SECONDS = 10

export const tooMany = (): Fault =>
  new Fault('TOO_MANY_ARRIVALS', { retryAfterSeconds: RETRY_AFTER_SECONDS })

const half = (max: number): number => Math.max(1, Math.floor(max / 2))

/** As many for each as for every other. */
export const evenShare = (max: number, addresses: number): number =>
  Math.max(1, Math.floor(max / Math.max(1, addresses)))

/**
 * A semaphore: at most `max` run at once and at most `waitingMax` wait. Addresses take turns, so that
 * one with much to do does not keep the others waiting. What runs and is in use goes on, unless its
 * address has more than its share and one that waits has less.
 */
export class Permits {
  readonly max: number
  readonly #maxEach: number
  readonly #share: (max: number, addresses: number) => number
  readonly #reclaimAfterMs: number
  readonly #line: WaitingLine
  /** In the order in which they were granted. */
  readonly #acquired = new Set<AcquiredPermit>()
  #later: NodeJS.Timeout | undefined

  constructor(options: PermitsOptions) {
    this.max = options.max
    this.#maxEach = options.maxEach ?? options.max
    this.#share = options.share ?? half
    this.#reclaimAfterMs = options.reclaimAfterMs ?? 0
    this.#line = new WaitingLine({ most: options.waitingMax, mostEach: options.waitingEach })
  }

  get running(): number {
    return this.#acquired.size
  }

  get waiting(): number {
    return this.#line.length
  }

  /**
   * `onReclaim` is called at most once. `owners`: whom it is for, now and later.
   * @throws Fault TOO_MANY_ARRIVALS when too many wait; the signal's reason when it fires first
   */
  async acquire(
    signal: AbortSignal,
    onReclaim: OnReclaim,
    owners: Owners = new Owners(),
  ): Promise<Permit> {
    signal.throwIfAborted()
    if (this.#mayHaveOne(owners)) return this.#grant(onReclaim, owners)
    return this.#wait(signal, onReclaim, owners)
  }

  /** Never waits: undefined when all are taken. The permit starts idle, so it can be reclaimed at once. */
  tryAcquire(onReclaim: OnReclaim, owners: Owners = new Owners()): Permit | undefined {
    if (!this.#mayHaveOne(owners)) return undefined
    const permit = this.#grant(onReclaim, owners)
    permit.setIdle(true)
    return permit
  }

  #mayHaveOne(owners: Owners): boolean {
    const own = owners.least((address) => this.#permitsOf(address).length)
    return this.#acquired.size < this.max && own < this.#maxEach
  }

  #grant(onReclaim: OnReclaim, owners: Owners): Permit {
    const permit = new AcquiredPermit(onReclaim, owners, {
      becameIdle: () => this.#makeRoom(),
      released: (one) => this.#released(one),
    })
    this.#acquired.add(permit)
    return permit
  }

  /** The permit goes to the next one in this very step, so that nobody can slip in between. */
  #released(permit: AcquiredPermit): void {
    if (!this.#acquired.delete(permit)) return
    this.#line.next((address) => this.#permitsOf(address).length, this.#maxEach)?.proceed()
    this.#makeRoom()
  }

  #wait(signal: AbortSignal, onReclaim: OnReclaim, owners: Owners): Promise<Permit> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (this.#line.remove(waiting)) reject(signal.reason)
        this.#makeRoom()
      }
      const waiting: Waiting = {
        owners,
        proceed: () => {
          signal.removeEventListener('abort', leave)
          resolve(this.#grant(onReclaim, owners))
        },
        reject: () => {
          signal.removeEventListener('abort', leave)
          reject(tooMany())
        },
      }
      if (!this.#line.add(waiting)) return reject(tooMany())
      signal.addEventListener('abort', leave, { once: true })
      this.#makeRoom()
    })
  }

  /** Reclaims one permit per waiting caller, if it can: idle ones first, of them the oldest first. */
  #makeRoom(): void {
    clearTimeout(this.#later)
    // Whoever waits has as many as an address may hold.
    if (this.#acquired.size < this.max) return
    for (const permit of this.#acquired) {
      if (this.#askedBack() >= this.#line.length) return
      permit.reclaim()
    }
    while (this.#askedBack() < this.#line.length && this.#reclaimBeyondShare());
  }

  /** What an address holds beyond its share goes to one that waits and has less. */
  #reclaimBeyondShare(): boolean {
    const holders = new Set([...this.#acquired].flatMap(({ owners }) => owners.all))
    const waiting = this.#line.addresses
    const share = this.#share(this.max, new Set([...holders, ...waiting]).size)
    const entitled = [...waiting].filter((address) => this.#permitsOf(address).length < share)
    // Permits already being reclaimed will go to these: next in line is the address with the fewest.
    if (entitled.length <= this.#askedBack()) return false
    const beyond = this.#oneBeyond(share, holders)
    if (!beyond) return false
    const dueIn = beyond.grantedAt + this.#reclaimAfterMs - performance.now()
    if (dueIn > 0) {
      this.#later = setTimeout(() => this.#makeRoom(), dueIn)
      return false
    }
    return beyond.reclaim(true)
  }

  #askedBack(): number {
    let count = 0
    for (const permit of this.#acquired) if (permit.reclaimed) count++
    return count
  }

  /**
   * Of the address that has most: its newest permit that is due, else the one that is due first. The
   * newest of all may have been granted a moment ago, and would be each time somebody comes.
   * Never one that several addresses share.
   */
  #oneBeyond(share: number, holders: ReadonlySet<string>): AcquiredPermit | undefined {
    let most: readonly AcquiredPermit[] = []
    for (const address of holders) {
      const own = this.#permitsOf(address)
      if (own.length > share && own.length > most.length) most = own
    }
    const own = most.filter(({ owners }) => owners.only !== undefined)
    const dueSince = performance.now() - this.#reclaimAfterMs
    return own.findLast(({ grantedAt }) => grantedAt <= dueSince) ?? own[0]
  }

  #permitsOf(address: string): readonly AcquiredPermit[] {
    return [...this.#acquired].filter(({ owners, reclaimed }) => !reclaimed && owners.has(address))
  }
}

class AcquiredPermit implements Permit {
  readonly grantedAt = performance.now()
  readonly owners: Owners
  readonly #onReclaim: OnReclaim
  readonly #permits: { becameIdle(): void; released(permit: AcquiredPermit): void }
  #idle = false
  #reclaimed = false

  constructor(
    onReclaim: OnReclaim,
    owners: Owners,
    permits: { becameIdle(): void; released(permit: AcquiredPermit): void },
  ) {
    this.owners = owners
    this.#onReclaim = onReclaim
    this.#permits = permits
  }

  get reclaimed(): boolean {
    return this.#reclaimed
  }

  setIdle(idle: boolean): void {
    this.#idle = idle
    if (idle) this.#permits.becameIdle()
  }

  release(): void {
    this.#permits.released(this)
  }

  /** Returns false if it was already reclaimed, or is in use and `force` is not set. */
  reclaim(force = false): boolean {
    if (!(this.#idle || force) || this.#reclaimed) return false
    this.#reclaimed = true
    this.#onReclaim()
    return true
  }
}
