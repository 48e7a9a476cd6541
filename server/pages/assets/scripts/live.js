import { readLines } from './lines.js'
import { authorization } from './token.js'

/** The server says something every second: after this silence the connection is dead. */
const SILENCE_MS = 15_000
const MOST_WAIT_MS = 15_000

/** What the server answered instead of a stream. */
class Refused extends Error {
  constructor(answer) {
    super(`api/live answered ${answer.status}`)
    this.status = answer.status
    this.waitMs = Number(answer.headers.get('Retry-After') ?? 0) * 1000
  }
}

/** Hands every line of api/live to `heard` until the stream ends. Throws when it breaks. */
async function listen(heard, signal) {
  const silence = new AbortController()
  let alarm = setTimeout(() => silence.abort(), SILENCE_MS)
  try {
    const answer = await fetch('api/live', {
      cache: 'no-store',
      headers: authorization(),
      signal: AbortSignal.any([signal, silence.signal]),
    })
    if (!answer.ok) throw new Refused(answer)
    await readLines(answer, heard, () => {
      clearTimeout(alarm)
      alarm = setTimeout(() => silence.abort(), SILENCE_MS)
    })
  } finally {
    clearTimeout(alarm)
  }
}

/**
 * Follows the live stream while the page is seen, and comes back when it breaks.
 * @param {{ line(line: object): void, lost(): void, refused(status: number): void }} tell
 * @returns {() => void} starts anew, for instance with another token
 */
export function follow(tell) {
  let current
  let timer
  let waitMs = 0

  async function run() {
    clearTimeout(timer)
    current?.abort()
    if (document.hidden) return
    const mine = new AbortController()
    current = mine
    let least = 0
    try {
      const heard = (line) => {
        waitMs = 0
        if (!mine.signal.aborted) tell.line(line)
      }
      await listen(heard, mine.signal)
    } catch (error) {
      if (mine.signal.aborted) return
      if (error instanceof Refused) {
        least = error.waitMs
        tell.refused(error.status)
      } else tell.lost()
    }
    if (mine.signal.aborted) return
    waitMs = Math.min(MOST_WAIT_MS, Math.max(1000, waitMs * 2))
    timer = setTimeout(run, Math.max(least, waitMs))
  }

  document.addEventListener('visibilitychange', run)
  void run()
  return () => void run()
}
