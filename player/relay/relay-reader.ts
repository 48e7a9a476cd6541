import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { asFault } from '../../common/errors.ts'

/** Begins the body anew at a byte of the same file. Rejects when it is another file meanwhile. */
export type OpenBody = (from: number, signal: AbortSignal) => Promise<ByteReader>

/**
 * Reads a part of what another server sends. Nothing is read ahead of its caller but what the connection
 * holds, so a viewer that takes nothing stops the other server too. A body that breaks is asked for once
 * more, from the byte that it broke at.
 */
export class RelayReader implements ByteReader {
  readonly #open: OpenBody
  readonly #end: number
  readonly #closing = new AbortController()
  #at: number
  #body: ByteReader | undefined
  #mayRetry = true

  /** @param body one that begins at the range already; the reader takes it over */
  constructor(range: ByteRange, open: OpenBody, body?: ByteReader) {
    this.#open = open
    this.#at = range.start
    this.#end = range.end
    this.#body = body
  }

  async read(into: Buffer): Promise<number> {
    const left = this.#end - this.#at + 1
    if (left <= 0) return 0
    const length = await this.#readBody(into.length > left ? into.subarray(0, left) : into)
    this.#at += length
    if (this.#at > this.#end) this.close()
    return length
  }

  close(): void {
    this.#closing.abort(new Error('read after close'))
    this.#body?.close()
  }

  /** @throws Fault UPSTREAM_FAILED, and what `open` rejects with */
  async #readBody(into: Buffer): Promise<number> {
    const { signal } = this.#closing
    for (;;) {
      signal.throwIfAborted()
      const opened = this.#body !== undefined
      try {
        this.#body ??= await this.#open(this.#at, signal)
        if (signal.aborted) this.#body.close()
        const length = await this.#body.read(into)
        if (length === 0) throw new Error('the body ended before the range')
        return length
      } catch (error) {
        this.#body?.close()
        // A connection that cannot be made is no broken body.
        if (signal.aborted || !this.#mayRetry || !opened) throw asFault(error, 'UPSTREAM_FAILED')
        this.#mayRetry = false
        this.#body = undefined
      }
    }
  }
}
