import type { ByteReader } from '../../common/byte-reader.ts'

/**
 * Tells when a viewer takes nothing: the next read is asked for when the client has taken what the
 * last one brought, so a client that takes nothing asks for none.
 */
export class IdleWatch {
  readonly #idleMs: number
  readonly #tell: (idle: boolean) => void
  #reading = 0
  #timer: NodeJS.Timeout | undefined
  #isIdle = false
  #ended = false

  /** @param idleMs milliseconds without a read after which `tell(true)` is called */
  constructor(idleMs: number, tell: (idle: boolean) => void) {
    this.#idleMs = idleMs
    this.#tell = tell
  }

  watch(reader: ByteReader): ByteReader {
    return {
      read: async (into) => {
        this.#begin()
        try {
          return await reader.read(into)
        } finally {
          this.#settled()
        }
      },
      close: () => reader.close(),
    }
  }

  /** Ends the timer; nothing is told any more. */
  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
  }

  #begin(): void {
    this.#reading++
    if (!this.#isIdle) return
    this.#isIdle = false
    this.#tell(false)
  }

  #settled(): void {
    this.#reading--
    if (this.#ended) return
    // One timer for all reads, set anew by each: they are many.
    this.#timer ??= setTimeout(() => this.#quiet(), this.#idleMs)
    this.#timer.refresh()
  }

  #quiet(): void {
    if (this.#reading > 0) return
    this.#isIdle = true
    this.#tell(true)
  }
}
