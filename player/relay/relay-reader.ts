import type { Readable } from 'node:stream'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { asFault } from '../../common/errors.ts'

/** Begins the body anew at a byte of the same file. Rejects when it is another file meanwhile. */
export type OpenBody = (from: number, signal: AbortSignal) => Promise<Readable>

/**
 * Reads a part of a link's bytes. Nothing is read ahead of its caller but what the connection holds,
 * so a viewer that takes nothing stops the other server too. A body that breaks is asked for once
 * more, from the byte that it broke at.
 */
export class RelayReader implements ByteReader {
  readonly #open: OpenBody
  readonly #end: number
  readonly #closing = new AbortController()
  #at: number
  #body: Readable | undefined
  #chunks: AsyncIterator<Buffer> | undefined
  #rest: Buffer = Buffer.alloc(0)
  #mayRetry = true

  /** @param body one that begins at the range already; the reader takes it over */
  constructor(range: ByteRange, open: OpenBody, body?: Readable) {
    this.#open = open
    this.#at = range.start
    this.#end = range.end
    this.#body = body
  }

  async read(into: Buffer): Promise<number> {
    if (this.#at > this.#end) return 0
    if (this.#rest.length === 0) this.#rest = await this.#nextChunk()
    const length = Math.min(into.length, this.#rest.length, this.#end - this.#at + 1)
    this.#rest.copy(into, 0, 0, length)
    this.#rest = this.#rest.subarray(length)
    this.#at += length
    if (this.#at > this.#end) this.close()
    return length
  }

  close(): void {
    this.#closing.abort(new Error('read after close'))
    this.#body?.destroy()
    this.#rest = Buffer.alloc(0)
  }

  /** @throws Fault UPSTREAM_FAILED, and what `open` rejects with */
  async #nextChunk(): Promise<Buffer> {
    const { signal } = this.#closing
    for (;;) {
      signal.throwIfAborted()
      const opened = this.#body !== undefined
      try {
        return await this.#chunk()
      } catch (error) {
        this.#body?.destroy()
        // A connection that cannot be made is no broken body.
        if (signal.aborted || !this.#mayRetry || !opened) throw asFault(error, 'UPSTREAM_FAILED')
        this.#mayRetry = false
        this.#body = undefined
        this.#chunks = undefined
      }
    }
  }

  async #chunk(): Promise<Buffer> {
    if (!this.#body) {
      this.#body = await this.#open(this.#at, this.#closing.signal)
      if (this.#closing.signal.aborted) this.#body.destroy()
    }
    this.#chunks ??= this.#body[Symbol.asyncIterator]()
    const { value, done } = await this.#chunks.next()
    if (done) throw new Error('the body ended before the range')
    return value
  }
}
