import { Fault } from '../../common/errors.ts'

/** The right to run; given back once. */
export interface Permit {
  /** An idle permit is asked back as soon as somebody waits for one. */
  setIdle(idle: boolean): void
  /** Safe to call twice. */
  release(): void
}

/** Called when an idle permit is wanted by somebody else; release() must follow. */
type OnReclaim = () => void

const RETRY_AFTER_SECONDS = 10

/** A semaphore: at most `max` run at once and at most `waitingMax` wait, first come first served. */
export class Permits {
  readonly max: number
  readonly #waitingMax: number
  /** In the order in which they were granted. */
  readonly #acquired = new Set<AcquiredPermit>()
  readonly #waiters: (() => void)[] = []

  constructor({ max, waitingMax }: { max: number; waitingMax: number }) {
    this.max = max
    this.#waitingMax = waitingMax
  }

  get running(): number {
    return this.#acquired.size
  }

  get waiting(): number {
    return this.#waiters.length
  }

  /**
   * `onReclaim` is called at most once.
   * @throws Fault TOO_MANY_ARRIVALS when too many wait; the signal's reason when it fires first
   */
  async acquire(signal: AbortSignal, onReclaim: OnReclaim): Promise<Permit> {
    signal.throwIfAborted()
    if (this.#acquired.size < this.max) return this.#grant(onReclaim)
    if (this.#waiters.length >= this.#waitingMax) {
      throw new Fault('TOO_MANY_ARRIVALS', { retryAfterSeconds: RETRY_AFTER_SECONDS })
    }
    return this.#wait(signal, onReclaim)
  }

  /** A permit that nobody waits for, idle from the start; undefined when all are taken. */
  tryAcquire(onReclaim: OnReclaim): Permit | undefined {
    if (this.#acquired.size >= this.max) return undefined
    const permit = this.#grant(onReclaim)
    permit.setIdle(true)
    return permit
  }

  #grant(onReclaim: OnReclaim): Permit {
    const permit = new AcquiredPermit(onReclaim, {
      becameIdle: () => this.#reclaimIdle(),
      // The permit goes to the next one in this very step, so that nobody can slip in between.
      released: (one) => void (this.#acquired.delete(one) && this.#waiters.shift()?.()),
    })
    this.#acquired.add(permit)
    return permit
  }

  #wait(signal: AbortSignal, onReclaim: OnReclaim): Promise<Permit> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters.splice(this.#waiters.indexOf(proceed), 1)
        reject(signal.reason)
      }
      const proceed = () => {
        signal.removeEventListener('abort', leave)
        resolve(this.#grant(onReclaim))
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiters.push(proceed)
      this.#reclaimIdle()
    })
  }

  /** Asks back as many idle permits as callers wait, the one held longest first. */
  #reclaimIdle(): void {
    let wanted = this.#waiters.length
    for (const permit of this.#acquired) if (permit.reclaimed) wanted--
    for (const permit of this.#acquired) {
      if (wanted <= 0) return
      if (permit.reclaim()) wanted--
    }
  }
}

class AcquiredPermit implements Permit {
  readonly #onReclaim: OnReclaim
  readonly #owner: { becameIdle(): void; released(permit: AcquiredPermit): void }
  #idle = false
  #reclaimed = false

  constructor(
    onReclaim: OnReclaim,
    owner: { becameIdle(): void; released(p: AcquiredPermit): void },
  ) {
    this.#onReclaim = onReclaim
    this.#owner = owner
  }

  get reclaimed(): boolean {
    return this.#reclaimed
  }

  setIdle(idle: boolean): void {
    this.#idle = idle
    if (idle) this.#owner.becameIdle()
  }

  release(): void {
    this.#owner.released(this)
  }

  /** Asks it back; false when it is in use, or was asked back before. */
  reclaim(): boolean {
    if (!this.#idle || this.#reclaimed) return false
    this.#reclaimed = true
    this.#onReclaim()
    return true
  }
}
