import { Owners } from '../../common/permits/owners.ts'
import { type Permit, Permits } from '../../common/permits/permits.ts'
import type { FilmBytes } from '../film/film.ts'
import type { Job } from '../worker/protocol.ts'
import { FilmThread, type FilmThreadOptions } from './film-thread.ts'

/** For whom something is done, and until when somebody waits for it. */
export interface Asked {
  readonly signal: AbortSignal
  /** Undefined: nothing is counted. */
  readonly address?: string | undefined
}

export interface FilmThreadsOptions extends FilmThreadOptions {
  /** How many jobs at once: most of them wait for bytes of a film that is still arriving. */
  readonly max: number
}

/** Jobs that read much hold some hundred megabytes each: so many at once, and one of an address. */
const LARGE_JOBS = 2
const WAITING = 64
const WAITING_EACH = 16
/** Threads that nobody has used for so long are ended: each holds some 40 MiB. */
const IDLE_MS = 60_000

/** The threads that read films: as many as there is work, each used again. */
export class FilmThreads {
  readonly #options: FilmThreadsOptions
  readonly #permits: Permits
  readonly #largePermits: Permits
  readonly #idle: FilmThread[] = []
  readonly #all = new Set<FilmThread>()
  #idleTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: FilmThreadsOptions) {
    this.#options = options
    const { max } = options
    const maxEach = Math.max(1, Math.ceil((max * 3) / 4))
    this.#permits = new Permits({ max, maxEach, waitingMax: WAITING, waitingEach: WAITING_EACH })
    this.#largePermits = new Permits({ max: LARGE_JOBS, maxEach: 1, waitingMax: max })
  }

  /** @throws Fault TOO_MANY_ARRIVALS when too many wait, and as FilmThread.run */
  async run(job: Job, film: FilmBytes | undefined, { signal, address }: Asked): Promise<unknown> {
    const owners = new Owners()
    owners.add(address)
    const permit = await this.#permits.acquire(signal, () => undefined, owners)
    const over = new AbortController()
    let large: Permit | undefined
    const beforeMuch = async (): Promise<void> => {
      large = await this.#largePermits.acquire(over.signal, () => undefined, owners)
      // The job may have ended meanwhile.
      if (over.signal.aborted) large.release()
    }
    try {
      if (this.#closed) throw new Error('closed')
      const thread = this.#take()
      try {
        return await thread.run({ job, film, signal, beforeMuch })
      } finally {
        this.#giveBack(thread)
      }
    } finally {
      over.abort()
      large?.release()
      permit.release()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idleTimer)
    await Promise.all([...this.#all].map((thread) => thread.end()))
    this.#all.clear()
  }

  #take(): FilmThread {
    clearTimeout(this.#idleTimer)
    // One that ended while nobody used it is left out.
    for (const one of this.#all) if (one.isEnded) this.#all.delete(one)
    const idle = this.#idle.splice(0).filter((one) => !one.isEnded)
    const thread = idle.pop() ?? new FilmThread(this.#options)
    this.#idle.push(...idle)
    this.#all.add(thread)
    return thread
  }

  #giveBack(thread: FilmThread): void {
    if (thread.isEnded) this.#all.delete(thread)
    else if (!this.#closed) this.#idle.push(thread)
    clearTimeout(this.#idleTimer)
    if (this.#closed) return
    this.#idleTimer = setTimeout(() => this.#endIdle(), IDLE_MS)
    this.#idleTimer.unref()
  }

  #endIdle(): void {
    for (const thread of this.#idle.splice(0)) {
      this.#all.delete(thread)
      void thread.end()
    }
  }
}
