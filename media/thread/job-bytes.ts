import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { readNext, readWhole } from '../../common/read-whole.ts'
import type { FilmBytes } from '../film/film.ts'

/** What is fetched ahead for a viewer at most (torrent/engine/picker): more would not be asked for. */
const AHEAD = 16 << 20

/**
 * The bytes that one job reads, one part after the other. Of a film that is still arriving a reader stays that wants what
 * comes behind the last part that was not there: else the line would be idle while the job computes, and each part waited
 * for anew.
 */
export class JobBytes {
  readonly #film: FilmBytes
  readonly #ahead: number
  /** Of the last part that was not there. */
  #waiting: ByteReader | undefined
  #isClosed = false

  /** @param ahead bytes that are wanted behind a part; 0 for a job that jumps about */
  constructor(film: FilmBytes, ahead = AHEAD) {
    this.#film = film
    this.#ahead = ahead
  }

  get size(): number {
    return this.#film.size
  }

  /** Whether all of that is there now. */
  has(range: ByteRange): boolean {
    return this.#film.has?.(range) ?? true
  }

  /** @param end not included @throws what the reader throws, and any error after close() */
  async read(start: number, end: number): Promise<Buffer> {
    if (this.#isClosed) throw new Error('closed')
    const length = end - start
    if (this.has({ start, end: end - 1 })) return readWhole(this.#film, start, length)
    const until = Math.max(end, Math.min(this.size, start + this.#ahead))
    const reader = this.#film.read({ start, end: until - 1 })
    const before = this.#waiting
    this.#waiting = reader
    const reading = readNext(reader, length)
    // Behind the first read of the next one, so that there is no moment without any.
    before?.close()
    return reading
  }

  /** Also ends a read that waits. */
  close(): void {
    this.#isClosed = true
    this.#waiting?.close()
  }
}
