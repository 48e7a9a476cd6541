import { Worker } from 'node:worker_threads'
import { Fault } from '../../common/errors.ts'
import { bareEnvironment } from '../../common/host/bare-environment.ts'
import { moduleBeside } from '../../common/host/module-beside.ts'
import type { FilmBytes } from '../film/film.ts'
import type { FromWorker, Job, ToWorker } from '../worker/protocol.ts'
import { JobBytes } from './job-bytes.ts'

export interface FilmThreadOptions {
  /** The program of the thread. */
  readonly entry?: URL
  /** How long one job may compute, milliseconds; what it waits for bytes does not count. */
  readonly jobMs?: number
}

/** One piece of work, and what it may use. */
export interface ThreadJob {
  readonly job: Job
  /** Whose bytes it reads. */
  readonly film: FilmBytes | undefined
  readonly signal: AbortSignal
  /** Called once, before the job reads more than a usual one does: it goes on when that resolves. */
  readonly beforeMuch?: () => Promise<unknown>
}

const ENTRY = moduleBeside('../worker/film-worker', import.meta.url)
const JOB_MS = 30_000
/** The thread is looked at so many times within that. */
const LOOKS = 60
/** That one job may read: the largest segment, and the index of a long film. */
const MOST_READ = 256 << 20
/** A segment of six seconds with 40 Mbit/s is found in less. */
const MUCH_READ = 32 << 20
/** Mebibytes, without the bytes of films, which lie outside of V8's memory and are counted by what is read. */
const LIMITS = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 4, stackSizeMb: 4 }
/** Jobs that read a part of the film from its beginning to its end; others jump about, and want nothing else. */
const GOES_ON: ReadonlySet<Job['kind']> = new Set(['video', 'audio', 'packets', 'pictures'])
/** What is fetched ahead for a viewer at most (torrent/engine/picker): more would not be asked for. */
const AHEAD = 16 << 20

interface Running {
  readonly bytes: JobBytes | undefined
  readonly beforeMuch: () => Promise<unknown>
  /** Rejects when nobody waits any more. */
  readonly left: Promise<never>
  readonly settle: (outcome: Outcome) => void
  read: number
  waitsForBytes: boolean
  /** Why bytes could not be read: that is what the caller is told. */
  fault: unknown
}

type ReadMessage = Extract<FromWorker, { kind: 'read' }>
type Outcome = { readonly result: unknown } | { readonly error: unknown }

const broken = (message?: string): Fault =>
  new Fault('MEDIA_UNREADABLE', message === undefined ? {} : { message })

/** The job was ended because it computed for too long, or took too much memory. */
class JobEnded extends Error {
  override readonly name = 'JobEnded'
}

/** The file made the thread end: so it would again. */
export const isTooCostly = (error: unknown): error is Fault =>
  error instanceof Fault && error.cause instanceof JobEnded

/** One life of the thread that reads films. One job at a time; ended when a job computes for too long. */
export class FilmThread {
  readonly #worker: Worker
  readonly #lookMs: number
  #running: Running | undefined
  #watch: NodeJS.Timeout | undefined
  #ended = false

  constructor({ entry = ENTRY, jobMs = JOB_MS }: FilmThreadOptions = {}) {
    this.#lookMs = jobMs / LOOKS
    this.#worker = new Worker(entry, {
      name: 'films',
      resourceLimits: LIMITS,
      env: bareEnvironment,
      execArgv: [],
      // The library tells the console what it finds, which are the words of whoever made the file.
      stdout: true,
      stderr: true,
    })
    this.#worker.stdout.resume()
    this.#worker.stderr.resume()
    this.#worker.on('message', (message: FromWorker) => this.#take(message))
    // Out of memory, or a fault of ours: either way `exit` follows.
    this.#worker.on('error', () => this.#over(tooCostly()))
    this.#worker.on('exit', () => this.#over(tooCostly()))
    this.#worker.unref()
  }

  get isEnded(): boolean {
    return this.#ended
  }

  /**
   * Settles when the thread is free again, or has ended.
   * @throws Fault MEDIA_UNREADABLE; what reading the bytes threw; the reason of the signal
   */
  async run({ job, film, signal, beforeMuch = nothing }: ThreadJob): Promise<unknown> {
    signal.throwIfAborted()
    if (this.#ended) throw broken()
    const left = Promise.withResolvers<never>()
    left.promise.catch(() => undefined)
    const leave = (): void => left.reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    const outcome = await new Promise<Outcome>((settle) => {
      const { promise } = left
      this.#running = {
        bytes: film && new JobBytes(film, GOES_ON.has(job.kind) ? AHEAD : 0),
        beforeMuch,
        left: promise,
        settle,
        read: 0,
        waitsForBytes: false,
        fault: undefined,
      }
      this.#watchJob()
      this.#say({ job })
    })
    signal.removeEventListener('abort', leave)
    // Told before that nobody waits: who leaves early and comes again would end one thread after another.
    if ('error' in outcome && isTooCostly(outcome.error)) throw outcome.error
    signal.throwIfAborted()
    if ('error' in outcome) throw outcome.error
    return outcome.result
  }

  /** Resolves when the thread is gone. */
  async end(error: Fault = broken()): Promise<void> {
    this.#over(error)
    await this.#worker.terminate()
  }

  #take(message: FromWorker): void {
    const running = this.#running
    if (!running || message.kind === 'ready') return
    if (message.kind === 'read') void this.#read(running, message)
    else if (message.kind === 'done') this.#settle({ result: message.result })
    else this.#settle({ error: running.fault ?? broken(message.why) })
  }

  /** What cannot be read, or is read for nobody, is told as such: the job then ends by itself. */
  async #read(running: Running, { start, end, until, isWaiting }: ReadMessage): Promise<void> {
    const before = running.read
    running.read += end - start
    running.waitsForBytes = true
    try {
      const { bytes: film, left } = running
      const isOfFilm = film && isWithin(start, end, film.size) && isWithin(start, until, film.size)
      if (!isOfFilm || running.read > MOST_READ) throw broken()
      const isThere = isWaiting || film.has({ start, end: end - 1 })
      if (!isThere) return this.#say({ bytes: new Uint8Array() })
      if (before <= MUCH_READ && running.read > MUCH_READ) {
        await Promise.race([running.beforeMuch(), left])
      }
      // Not copied: it is a buffer of its own, which the thread is given.
      const bytes = await Promise.race([film.read(start, end, until), left])
      if (this.#running === running) this.#say({ bytes })
    } catch (error) {
      running.fault ??= error
      if (this.#running === running) this.#say({ bytes: undefined })
    } finally {
      running.waitsForBytes = false
    }
  }

  #say(message: ToWorker): void {
    const bytes = 'bytes' in message ? message.bytes : undefined
    this.#worker.postMessage(message, bytes ? [bytes.buffer as ArrayBuffer] : [])
  }

  #watchJob(): void {
    let looks = 0
    this.#watch = setInterval(() => {
      if (!this.#running?.waitsForBytes) looks++
      if (looks >= LOOKS) void this.end(tooCostly())
    }, this.#lookMs)
  }

  #over(error: Fault): void {
    this.#ended = true
    this.#settle({ error })
  }

  #settle(outcome: Outcome): void {
    clearInterval(this.#watch)
    const running = this.#running
    this.#running = undefined
    running?.bytes?.close()
    running?.settle(outcome)
  }
}

const tooCostly = (): Fault => new Fault('MEDIA_UNREADABLE', {}, { cause: new JobEnded() })

const nothing = async (): Promise<void> => {}

const isWithin = (start: number, end: number, size: number): boolean =>
  Number.isSafeInteger(start) &&
  Number.isSafeInteger(end) &&
  start >= 0 &&
  end > start &&
  end <= size
