import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { readNext } from '../../common/read-whole.ts'
import type { FilmBytes } from '../film/film.ts'

/** A reader, which bytes it gives next, and where it ends (not included). */
interface OpenReader {
  readonly reader: ByteReader
  readonly at: number
  readonly end: number
}

/**
 * The bytes that one job reads, one part after the other.
 *
 * - Parts that follow each other come from one reader: of a film that lies elsewhere each one is a request.
 * - Of a film that is still arriving a reader stays that wants what comes behind the last part that was not there: else the
 *   line would be idle while the job computes, and each part waited for anew.
 */
export class JobBytes {
  readonly #film: FilmBytes
  readonly #ahead: number
  #open: OpenReader | undefined
  #isClosed = false

  /** @param ahead bytes that are wanted behind a part that is not there */
  constructor(film: FilmBytes, ahead: number) {
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

  /**
   * @param end not included
   * @param until up to there it is probably read on
   * @throws what the reader throws, and any error after close()
   */
  async read(start: number, end: number, until: number): Promise<Buffer> {
    if (this.#isClosed) throw new Error('closed')
    const isMissing = !this.has({ start, end: end - 1 })
    const before = this.#open
    const goesOn = before !== undefined && before.at === start && before.end >= end
    // One that waits is opened anew, so that it wants as much ahead as before.
    const isAnew = isMissing || !goesOn
    const most = Math.max(end, Math.min(this.size, isMissing ? start + this.#ahead : until))
    const open = isAnew ? this.#opened(start, most) : before
    this.#open = { ...open, at: end }
    const reading = readNext(open.reader, end - start)
    // Behind the first read of the next one, so that there is no moment without any.
    if (isAnew) before?.reader.close()
    return reading
  }

  /** Also ends a read that waits. */
  close(): void {
    this.#isClosed = true
    this.#open?.reader.close()
  }

  #opened(start: number, end: number): OpenReader {
    return { reader: this.#film.read({ start, end: end - 1 }), at: start, end }
  }
}
