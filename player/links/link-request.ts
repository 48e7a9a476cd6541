import { setTimeout as sleep } from 'node:timers/promises'
import type { ByteReader } from '../../common/byte-reader.ts'

const TRIES = 4
/** Doubled each time. */
const FIRST_RETRY_MS = 250

/** The bytes of a link in order. A request that breaks is made again, from where it broke. */
export class LinkRequest {
  readonly #open: (from: number) => Promise<ByteReader>
  readonly #signal: AbortSignal
  readonly #ended = (): void => this.close()
  #body: ByteReader | undefined
  #at: number | undefined

  constructor(open: (from: number) => Promise<ByteReader>, signal: AbortSignal) {
    this.#open = open
    this.#signal = signal
    signal.addEventListener('abort', this.#ended, { once: true })
  }

  /**
   * @param got told how many bytes came
   * @throws what opening it throws, several times in a row; the reason of the signal
   */
  async read(from: number, length: number, got: (bytes: number) => void): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length)
    let filled = 0
    for (let failures = 0; filled < length; ) {
      try {
        const came = await this.#readInto(from + filled, bytes.subarray(filled))
        filled += came
        failures = 0
        got(came)
      } catch (error) {
        this.#drop()
        this.#signal.throwIfAborted()
        if (++failures >= TRIES) throw error
        await sleep(FIRST_RETRY_MS * 2 ** (failures - 1), undefined, { signal: this.#signal })
      }
    }
    return bytes
  }

  /** Safe to call twice. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#ended)
    this.#drop()
  }

  async #readInto(at: number, into: Buffer): Promise<number> {
    if (this.#at !== at) this.#drop()
    this.#at = at
    this.#body ??= await this.#open(at)
    // It ended while that was opened.
    if (this.#signal.aborted) this.#drop()
    this.#signal.throwIfAborted()
    const came = (await this.#body?.read(into)) ?? 0
    if (came === 0) throw new Error('the body ended before the file')
    this.#at = at + came
    return came
  }

  #drop(): void {
    this.#body?.close()
    this.#body = undefined
    this.#at = undefined
  }
}
