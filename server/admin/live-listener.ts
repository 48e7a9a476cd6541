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
export function keepTelling(
  res: ServerResponse,
  line: () => Promise<string>,
  { everyMs, until, log }: Telling,
): void {
  let making = false
  let skipped = 0
  let failed = false
  const write = (text: string): void => {
    if (!res.writableEnded && !res.destroyed) res.write(`${text}\n`)
  }

  async function tell(): Promise<void> {
    making = true
    try {
      write(await line())
    } catch (err) {
      if (!failed) log.warn({ err }, 'nothing to tell the live page')
      failed = true
      write('')
    } finally {
      making = false
    }
  }

  function tick(): void {
    if (res.writableLength > 0) {
      if (++skipped > MOST_SKIPPED) res.destroy()
      return
    }
    skipped = 0
    if (making) write('')
    else void tell()
  }

  function end(): void {
    // What it has not taken until now it would not take in time.
    if (res.writableLength > 0) res.destroy()
    else res.end(LAST_LINE)
  }

  const timer = setInterval(tick, everyMs)
  until.addEventListener('abort', end, { once: true })
  res.once('close', () => {
    clearInterval(timer)
    until.removeEventListener('abort', end)
  })
  void tell()
}
