import type { Clock } from '../../common/clock.ts'
import { Fault, type FaultCode } from '../../common/errors.ts'

/** Who asks, where that is counted. */
export interface Asker {
  /** As it is counted, and as it takes its turn. */
  readonly address: string
  /** Stands for the TCP connection: what its sockets may hold unread is counted once for it. */
  readonly connection: object
  /** Something is about to be fetched for this asker. @throws Fault TOO_MANY_REQUESTS */
  startCold(): Promise<void>
  /** Providers are about to be asked for this asker. @throws Fault TOO_MANY_REQUESTS */
  askProviders(): Promise<void>
}

/** One viewer who waits for a first byte: until the connection closes, or the deadline has passed. */
export interface Viewer {
  /** Fires at whichever of the two comes first. */
  readonly signal: AbortSignal
  /** The deadline, on the steady clock. */
  readonly firstByteBy: number
  /**
   * The promise's result, but not later than the deadline. The promise is left alone when the viewer
   * stops waiting, so its result must be nothing that has to be given back.
   * @throws Fault with `late()`'s code at the deadline; the viewer's own reason when it has gone
   */
  wait<T>(promise: Promise<T>, late: () => FaultCode): Promise<T>
  /** As it takes its turn; undefined where nothing is counted. */
  readonly address: string | undefined
  readonly connection: object | undefined
  /** Counts once, however much is then fetched. @throws Fault TOO_MANY_REQUESTS */
  startCold(): Promise<void>
  /** Ends the timer and the listener. Safe to call twice. */
  end(): void
}

/**
 * Timer and listener are made when the signal is first asked for: a play from disk needs neither. A
 * class, because one is made for every range: V8 gives every literal with an accessor a hidden class
 * of its own.
 */
class PlayViewer implements Viewer {
  readonly firstByteBy: number
  readonly #gone: AbortSignal
  readonly #clock: Clock
  readonly #asker: Asker | undefined
  #started: Promise<void> | undefined
  #abort: AbortController | undefined
  #deadline: NodeJS.Timeout | undefined
  #leave: (() => void) | undefined

  constructor(gone: AbortSignal, timeoutMs: number, clock: Clock, asker: Asker | undefined) {
    this.firstByteBy = clock.steady() + timeoutMs
    this.#gone = gone
    this.#clock = clock
    this.#asker = asker
  }

  get address(): string | undefined {
    return this.#asker?.address
  }

  get connection(): object | undefined {
    return this.#asker?.connection
  }

  get signal(): AbortSignal {
    if (this.#abort) return this.#abort.signal
    const made = new AbortController()
    this.#abort = made
    const left = Math.max(0, this.firstByteBy - this.#clock.steady())
    this.#deadline = setTimeout(() => made.abort(), left)
    this.#leave = () => made.abort(this.#gone.reason)
    this.#gone.addEventListener('abort', this.#leave, { once: true })
    if (this.#gone.aborted) this.#leave()
    return made.signal
  }

  async wait<T>(promise: Promise<T>, late: () => FaultCode): Promise<T> {
    const over = this.signal
    const gone = this.#gone
    const stop = Promise.withResolvers<never>()
    const why = () => stop.reject(gone.aborted ? gone.reason : new Fault(late()))
    over.addEventListener('abort', why, { once: true })
    if (over.aborted) why()
    try {
      return await Promise.race([promise, stop.promise])
    } catch (error) {
      // The work has the same signal, and may fail first with an error that says less.
      throw over.aborted && !gone.aborted && !(error instanceof Fault)
        ? new Fault(late(), {}, { cause: error })
        : error
    } finally {
      over.removeEventListener('abort', why)
    }
  }

  startCold(): Promise<void> {
    this.#started ??= this.#asker?.startCold() ?? Promise.resolve()
    return this.#started
  }

  end(): void {
    clearTimeout(this.#deadline)
    if (this.#leave) this.#gone.removeEventListener('abort', this.#leave)
  }
}

export const createViewer = (
  gone: AbortSignal,
  timeoutMs: number,
  clock: Clock,
  asker?: Asker,
): Viewer => new PlayViewer(gone, timeoutMs, clock, asker)
