import { Fault } from '../../common/errors.ts'

/** Permission to run; given back once. */
export interface Turn {
  /** While idle, the turn is asked back as soon as somebody waits. */
  idle(is: boolean): void
  /** Safe to call twice. */
  release(): void
}

/** At most `max` run at once, at most `waitingMax` wait, first come first served. */
export interface Turns {
  readonly max: number
  readonly running: number
  readonly waiting: number
  /**
   * `giveWay` is called at most once, when an idle turn is wanted by another; release() must follow.
   * @throws Fault TOO_MANY_ARRIVALS when too many wait; the signal's reason when it fires first
   */
  take(signal: AbortSignal, giveWay: () => void): Promise<Turn>
  /** One that nobody waits for, idle from the start; undefined when all are taken. */
  takeSpare(giveWay: () => void): Turn | undefined
}

interface Holder {
  idle: boolean
  asked: boolean
  readonly giveWay: () => void
}

const RETRY_AFTER_SECONDS = 10

export function createTurns({ max, waitingMax }: { max: number; waitingMax: number }): Turns {
  const holders = new Set<Holder>()
  const waiters: (() => void)[] = []

  /** Asks back as many idle turns as people wait, longest running first. */
  function press(): void {
    let wanted = waiters.length
    for (const holder of holders) if (holder.asked) wanted--
    for (const holder of holders) {
      if (wanted <= 0) return
      if (!holder.idle || holder.asked) continue
      holder.asked = true
      wanted--
      holder.giveWay()
    }
  }

  function grant(giveWay: () => void): Turn {
    const holder: Holder = { idle: false, asked: false, giveWay }
    holders.add(holder)
    return {
      idle(is) {
        holder.idle = is
        if (is) press()
      },
      release() {
        if (holders.delete(holder)) waiters.shift()?.()
      },
    }
  }

  /** The place goes over in the same step, so that nobody can slip in between. */
  function wait(signal: AbortSignal, giveWay: () => void): Promise<Turn> {
    return new Promise((resolve, reject) => {
      const gone = () => {
        waiters.splice(waiters.indexOf(go), 1)
        reject(signal.reason)
      }
      const go = () => {
        signal.removeEventListener('abort', gone)
        resolve(grant(giveWay))
      }
      signal.addEventListener('abort', gone, { once: true })
      waiters.push(go)
      press()
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
    async take(signal, giveWay) {
      signal.throwIfAborted()
      if (holders.size < max) return grant(giveWay)
      if (waiters.length >= waitingMax) {
        throw new Fault('TOO_MANY_ARRIVALS', { retryAfterSeconds: RETRY_AFTER_SECONDS })
      }
      return wait(signal, giveWay)
    },
    takeSpare(giveWay) {
      if (holders.size >= max) return undefined
      const turn = grant(giveWay)
      turn.idle(true)
      return turn
    },
  }
}
