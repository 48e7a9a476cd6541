/** Resolves when it plays. The signal fires when another attempt was faster, or the viewer has gone. */
export type Attempt = (signal: AbortSignal) => Promise<void>

export interface HedgeOptions {
  /** How long the latest attempt may keep the viewer waiting before the next one starts, in milliseconds. */
  readonly hedgeDelayMs: number
  readonly signal: AbortSignal
}

/**
 * Starts the attempts one after the other: the next one after the hedge delay, or when all that run
 * have failed. Resolves with the index of the first that plays. The others are ended and waited for,
 * so that nothing of them is left behind.
 * @throws what the first attempt threw, when none plays; the signal's reason when it fires
 */
export const firstToPlay = (attempts: readonly Attempt[], options: HedgeOptions): Promise<number> =>
  new HedgedRace(attempts, options).run()

class HedgedRace {
  readonly #attempts: readonly Attempt[]
  readonly #hedgeDelayMs: number
  readonly #signal: AbortSignal
  /** Ends the attempts: with the caller's signal, or when one has won. */
  readonly #end = new AbortController()
  readonly #outcome = Promise.withResolvers<number>()
  readonly #failures = new Map<number, unknown>()
  readonly #running: Promise<void>[] = []
  #hedgeTimer: NodeJS.Timeout | undefined

  constructor(attempts: readonly Attempt[], { hedgeDelayMs, signal }: HedgeOptions) {
    this.#attempts = attempts
    this.#hedgeDelayMs = hedgeDelayMs
    this.#signal = signal
  }

  async run(): Promise<number> {
    const signal = this.#signal
    signal.throwIfAborted()
    const stop = () => {
      this.#outcome.reject(signal.reason)
      this.#end.abort(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
    try {
      this.#startNext()
      return await this.#outcome.promise
    } catch (error) {
      // At the deadline: why the best source did not play, if it said so.
      throw signal.aborted && this.#failures.has(0) ? this.#failures.get(0) : error
    } finally {
      clearTimeout(this.#hedgeTimer)
      signal.removeEventListener('abort', stop)
      this.#end.abort(new Error('another source was faster'))
      await Promise.all(this.#running)
    }
  }

  #startNext(): void {
    clearTimeout(this.#hedgeTimer)
    const index = this.#running.length
    const attempt = this.#attempts[index]
    if (!attempt || this.#end.signal.aborted) return
    this.#hedgeTimer = setTimeout(() => this.#startNext(), this.#hedgeDelayMs)
    this.#running.push(
      attempt(this.#end.signal).then(
        () => this.#outcome.resolve(index),
        (error: unknown) => this.#failed(index, error),
      ),
    )
  }

  #failed(index: number, error: unknown): void {
    this.#failures.set(index, error)
    if (this.#failures.size === this.#attempts.length) {
      this.#outcome.reject(this.#failures.get(0))
    } else if (this.#failures.size === this.#running.length) {
      this.#startNext()
    }
  }
}
