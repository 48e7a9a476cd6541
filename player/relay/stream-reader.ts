import type { Readable } from 'node:stream'
import type { ByteReader } from '../../common/byte-reader.ts'

/** Reads a stream that it takes over: from its beginning, at the pace of its caller. */
export class StreamReader implements ByteReader {
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(stream: Readable) {
    this.#stream = stream
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  async read(into: Buffer): Promise<number> {
    if (this.#rest.length === 0) {
      const { value, done } = await this.#chunks.next()
      if (done) return 0
      this.#rest = value
    }
    const length = this.#rest.copy(into)
    this.#rest = this.#rest.subarray(length)
    return length
  }

  close(): void {
    this.#stream.destroy()
    this.#rest = Buffer.alloc(0)
  }
}
