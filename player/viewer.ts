import type { Clock } from '../common/clock.ts'
import { Fault, type FaultCode } from '../common/errors.ts'

/** One viewer on the way to a first byte: leaves when the connection closes, gives up at the deadline. */
export interface Viewer {
  /** Fires when the viewer has gone or the deadline has passed. */
  readonly signal: AbortSignal
  /** When the first byte must be there, on the steady clock. */
  readonly firstByteBy: number
  /**
   * The promise's result, but never later than the deadline. Only for what takes nothing that
   * must be given back: the promise is left alone when the viewer is gone.
   * @throws Fault with `late()`'s code at the deadline; the viewer's own reason when it has gone
   */
  wait<T>(promise: Promise<T>, late: () => FaultCode): Promise<T>
  /** Ends the timer and the listener. Safe to call twice. */
  end(): void
}

/**
 * Timer and listener are made when the signal is first asked for: a play from disk waits for
 * nobody, and needs neither.
 */
export function createViewer(gone: AbortSignal, timeoutMs: number, clock: Clock): Viewer {
  const firstByteBy = clock.steady() + timeoutMs
  let abort: AbortController | undefined
  let deadline: NodeJS.Timeout | undefined
  const leave = () => abort?.abort(gone.reason)

  function signal(): AbortSignal {
    if (abort) return abort.signal
    abort = new AbortController()
    const made = abort
    deadline = setTimeout(() => made.abort(), Math.max(0, firstByteBy - clock.steady()))
    gone.addEventListener('abort', leave, { once: true })
    if (gone.aborted) leave()
    return made.signal
  }

  return {
    get signal() {
      return signal()
    },
    firstByteBy,
    async wait(promise, late) {
      const over = signal()
      const stop = Promise.withResolvers<never>()
      const why = () => stop.reject(gone.aborted ? gone.reason : new Fault(late()))
      over.addEventListener('abort', why, { once: true })
      if (over.aborted) why()
      try {
        return await Promise.race([promise, stop.promise])
      } catch (error) {
        // Work that heard of the deadline itself may answer first, with its own words.
        throw over.aborted && !gone.aborted && !(error instanceof Fault)
          ? new Fault(late(), {}, { cause: error })
          : error
      } finally {
        over.removeEventListener('abort', why)
      }
    },
    end() {
      if (!abort) return
      clearTimeout(deadline)
      gone.removeEventListener('abort', leave)
    },
  }
}
