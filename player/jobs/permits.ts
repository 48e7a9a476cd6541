import { Fault } from '../../common/errors.ts'

/** Permission to run; given back once. */
export interface Permit {
  /** While idle, the turn is asked back as soon as somebody waits. */
  setIdle(is: boolean): void
  /** Safe to call twice. */
  release(): void
}

/** At most `max` run at once, at most `waitingMax` wait, first come first served. */
export interface Permits {
  readonly max: number
  readonly running: number
  readonly waiting: number
  /**
   * `onReclaim` is called at most once, when an idle turn is wanted by another; release() must follow.
   * @throws Fault TOO_MANY_ARRIVALS when too many wait; the signal's reason when it fires first
   */
  acquire(signal: AbortSignal, onReclaim: () => void): Promise<Permit>
  /** One that nobody waits for, idle from the start; undefined when all are taken. */
  tryAcquire(onReclaim: () => void): Permit | undefined
}

interface Holder {
  idle: boolean
  asked: boolean
  readonly onReclaim: () => void
}

const RETRY_AFTER_SECONDS = 10

export function createPermits({ max, waitingMax }: { max: number; waitingMax: number }): Permits {
  const holders = new Set<Holder>()
  const waiters: (() => void)[] = []

  /** Asks back as many idle turns as people wait, longest running first. */
  function reclaimIdle(): void {
    let wanted = waiters.length
    for (const holder of holders) if (holder.asked) wanted--
    for (const holder of holders) {
      if (wanted <= 0) return
      if (!holder.idle || holder.asked) continue
      holder.asked = true
      wanted--
      holder.onReclaim()
    }
  }

  function grant(onReclaim: () => void): Permit {
    const holder: Holder = { idle: false, asked: false, onReclaim }
    holders.add(holder)
    return {
      setIdle(is) {
        holder.idle = is
        if (is) reclaimIdle()
      },
      release() {
        if (holders.delete(holder)) waiters.shift()?.()
      },
    }
  }

  /** The place goes over in the same step, so that nobody can slip in between. */
  function wait(signal: AbortSignal, onReclaim: () => void): Promise<Permit> {
    return new Promise((resolve, reject) => {
      const gone = () => {
        waiters.splice(waiters.indexOf(go), 1)
        reject(signal.reason)
      }
      const go = () => {
        signal.removeEventListener('abort', gone)
        resolve(grant(onReclaim))
      }
      signal.addEventListener('abort', gone, { once: true })
      waiters.push(go)
      reclaimIdle()
    })
  }

  return {
    max,
    get running() {
      return holders.size
    },
    get waiting() {
      return waiters.length
    },
    async acquire(signal, onReclaim) {
      signal.throwIfAborted()
      if (holders.size < max) return grant(onReclaim)
      if (waiters.length >= waitingMax) {
        throw new Fault('TOO_MANY_ARRIVALS', { retryAfterSeconds: RETRY_AFTER_SECONDS })
      }
      return wait(signal, onReclaim)
    },
    tryAcquire(onReclaim) {
      if (holders.size >= max) return undefined
      const permit = grant(onReclaim)
      permit.setIdle(true)
      return permit
    },
  }
}
