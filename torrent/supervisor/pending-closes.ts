/** Files that the engine was told to close and has not answered for. */
export class PendingCloses {
  readonly #timeoutMs: number
  readonly #waiting = new Map<number, (have?: Uint8Array) => void>()

  /** @param timeoutMs a disk that hangs must not hold up who waits for longer */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /**
   * Resolves with the bitfield bytes of the pieces that the engine left on disk; with nothing when it
   * died meanwhile, or did not answer in time.
   */
  wait(id: number): Promise<Uint8Array | undefined> {
    const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>()
    const timer = setTimeout(() => this.answered(id), this.#timeoutMs)
    this.#waiting.set(id, (have) => {
      clearTimeout(timer)
      this.#waiting.delete(id)
      resolve(have)
    })
    return promise
  }

  has(id: number): boolean {
    return this.#waiting.has(id)
  }

  answered(id: number, have?: Uint8Array): void {
    this.#waiting.get(id)?.(have)
  }

  /** The process is gone: nobody will answer. */
  died(): void {
    for (const end of [...this.#waiting.values()]) end()
  }
}
