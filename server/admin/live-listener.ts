import type { ServerResponse } from 'node:http'
import type { Log } from '../../common/log.ts'

export interface Telling {
  readonly everyMs: number
  /** Ends the response at once. */
  readonly until: AbortSignal
  readonly log: Log
}

/** Ticks a listener may take nothing before its place is given to another. */
const MOST_SKIPPED = 30
const LAST_LINE = `${JSON.stringify({ end: 'draining' })}\n`

/**
 * Writes a line now and one every `everyMs` until the response closes. A listener that has not taken
 * the last line is skipped, so nothing piles up; one that takes none for long is cut.
 */
export function keepTelling(res: ServerResponse, line: () => Promise<string>, pace: Telling): void {
  new LiveListener(res, line, pace)
}

/** One response that tells line after line; it ends with the response. */
class LiveListener {
  readonly #res: ServerResponse
  readonly #line: () => Promise<string>
  readonly #log: Log
  #making = false
  #skipped = 0
  #failed = false

  constructor(res: ServerResponse, line: () => Promise<string>, { everyMs, until, log }: Telling) {
    this.#res = res
    this.#line = line
    this.#log = log
    const timer = setInterval(() => this.#tick(), everyMs)
    const end = () => this.#end()
    until.addEventListener('abort', end, { once: true })
    res.once('close', () => {
      clearInterval(timer)
      until.removeEventListener('abort', end)
    })
    void this.#tell()
  }

  #write(text: string): void {
    const res = this.#res
    if (!res.writableEnded && !res.destroyed) res.write(`${text}\n`)
  }

  async #tell(): Promise<void> {
    this.#making = true
    try {
      this.#write(await this.#line())
    } catch (err) {
      if (!this.#failed) this.#log.warn({ err }, 'nothing to tell the live page')
      this.#failed = true
      this.#write('')
    } finally {
      this.#making = false
    }
  }

  #tick(): void {
    if (this.#res.writableLength > 0) {
      if (++this.#skipped > MOST_SKIPPED) this.#res.destroy()
      return
    }
    this.#skipped = 0
    if (this.#making) this.#write('')
    else void this.#tell()
  }

  #end(): void {
    // What it has not taken until now it would not take in time.
    if (this.#res.writableLength > 0) this.#res.destroy()
    else this.#res.end(LAST_LINE)
  }
}
