import { BLOCK } from '../blocks/block.ts'
import type { WebSeedContent } from './web-seed-content.ts'

/** What a range stream reads for. Blocks are numbered as in WebSeedContent. */
export interface BlockRequests {
  /** Whether a block from `from` to `end` (exclusive) is requested. */
  isAnyRequested(from: number, end: number): boolean
  /** So many bytes more have come, of a block that may not be complete. */
  read(bytes: number): void
  /** @param buffer begins with the bytes of the block; it is used again after the call */
  received(index: number, buffer: Buffer): void
}

/** A stream that has waited so long for requests is ended, in milliseconds. */
const IDLE_MS = 10_000

/** One range being read from a web seed, cut into blocks. */
export class RangeStream {
  /** The block after the last one of the range. */
  readonly end: number
  readonly #content: WebSeedContent
  readonly #requests: BlockRequests
  readonly #abort = new AbortController()
  #next: number
  #wake: () => void = () => {}

  /** @param from the first block */
  constructor(content: WebSeedContent, requests: BlockRequests, from: number) {
    this.#content = content
    this.#requests = requests
    this.#next = from
    this.end = content.rangeEnd(from)
  }

  get aborted(): boolean {
    return this.#abort.signal.aborted
  }

  /** Whether the block is still to come. */
  includes(index: number): boolean {
    return index >= this.#next && index < this.end
  }

  /** Whether a block that is still to come is requested. */
  get isWanted(): boolean {
    return this.#requests.isAnyRequested(this.#next, this.end)
  }

  /** Looks at the requests again. */
  wake(): void {
    this.#wake()
  }

  abort(): void {
    this.#abort.abort()
  }

  /**
   * Reads to the end of the range, or until nobody has wanted the rest for some time.
   * @throws WebSeedError, and the errors of the connection
   */
  async run(): Promise<void> {
    const { signal } = this.#abort
    const buffer = Buffer.allocUnsafe(BLOCK)
    let filled = 0
    for await (const chunk of this.#content.bytes(this.#next, this.end, signal)) {
      this.#requests.read(chunk.length)
      for (let used = 0; used < chunk.length; ) {
        const size = this.#content.sizeOf(this.#next)
        const length = Math.min(chunk.length - used, size - filled)
        chunk.copy(buffer, filled, used, used + length)
        used += length
        filled += length
        if (filled < size) continue
        filled = 0
        if (!(await this.#untilWanted())) return
        this.#requests.received(this.#next++, buffer)
      }
    }
  }

  /** Holds the bytes back until a block from here on is requested. False: end the stream. */
  async #untilWanted(): Promise<boolean> {
    const { signal } = this.#abort
    while (!signal.aborted && !this.isWanted) {
      const woken = Promise.withResolvers<boolean>()
      const idle = setTimeout(() => woken.resolve(false), IDLE_MS)
      const aborted = (): void => woken.resolve(false)
      signal.addEventListener('abort', aborted, { once: true })
      this.#wake = () => woken.resolve(true)
      const goOn = await woken.promise
      clearTimeout(idle)
      signal.removeEventListener('abort', aborted)
      if (!goOn) return false
    }
    return !signal.aborted
  }
}
