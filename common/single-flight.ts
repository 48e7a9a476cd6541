export interface SingleFlightOptions {
  /**
   * What happens to work when its last caller has left: `abort` ends it, and the next caller starts
   * it anew; `finish` lets it run on, because its result is of use to the next caller.
   */
  readonly whenAbandoned: 'abort' | 'finish'
}

interface Flight<T> {
  readonly result: Promise<T>
  readonly controller: AbortController
  waiting: number
}

/**
 * Runs one piece of work per key at a time. Callers who ask while it runs share its result, each
 * with a signal of their own (the pattern is known from Go's golang.org/x/sync/singleflight).
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>()
  readonly #closing = new AbortController()
  readonly #abortsAbandoned: boolean

  constructor({ whenAbandoned }: SingleFlightOptions) {
    this.#abortsAbandoned = whenAbandoned === 'abort'
  }

  /**
   * The result of the work that runs for this key, else of `work`, which is started before this
   * call returns. The signal that `work` gets is not a caller's: it aborts on close(), and with the
   * option `abort` when the last caller has left.
   * @throws what the work threw; the reason of `signal` when that fires first, or of close()
   */
  async join(
    key: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted()
    this.#closing.signal.throwIfAborted()
    const flight = this.#flights.get(key) ?? this.#start(key, work)
    flight.waiting++
    try {
      return await untilAborted(flight.result, signal)
    } finally {
      flight.waiting--
      if (flight.waiting === 0 && this.#abortsAbandoned) this.#abandon(key, flight)
    }
  }

  /** Aborts what runs. Every later join() is refused. */
  close(reason: unknown = new Error('closed')): void {
    this.#closing.abort(reason)
    for (const { controller } of this.#flights.values()) controller.abort(reason)
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const result = work(controller.signal).finally(() => {
      this.#forget(key, flight)
    })
    result.catch(() => {}) // it may fail when no caller waits any more
    const flight: Flight<T> = { result, controller, waiting: 0 }
    this.#flights.set(key, flight)
    return flight
  }

  /** The key is free first: the next caller must not join work that is being ended. */
  #abandon(key: string, flight: Flight<T>): void {
    if (!this.#forget(key, flight)) return // it has ended already
    flight.controller.abort(new Error('nobody waits for it any more'))
  }

  #forget(key: string, flight: Flight<T>): boolean {
    return this.#flights.get(key) === flight && this.#flights.delete(key)
  }
}

/** @throws the signal's reason when that fires first; the work itself is left alone */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  const aborted = Promise.withResolvers<never>()
  const leave = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
