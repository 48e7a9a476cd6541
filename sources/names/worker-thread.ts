import { Worker } from 'node:worker_threads'
import { bareEnvironment } from '../../common/host/bare-environment.ts'
import { answerShape } from './parsed-name.ts'
import { type Chunk, IDLE, READY } from './worker-protocol.ts'

/** What became of a chunk. */
export type Outcome =
  /** For as many names as the worker came to in its turn, from the first on; not yet checked. */
  | { readonly kind: 'answers'; readonly answers: readonly unknown[] }
  /** The worker is gone; `at` is the index of the name that it was reading, if any. */
  | { readonly kind: 'ended'; readonly at: number | undefined }

export interface WorkerThreadOptions {
  /** The program of the worker. */
  readonly entry: URL
  /** How long one name may take, milliseconds. */
  readonly nameMs: number
  /** How long the worker may take to load, milliseconds. */
  readonly startMs: number
}

/** The worker is looked at so many times in the time that one name may take. */
const LOOKS = 6
const LATE_LOOKS = 20 * LOOKS
/** Mebibytes. The parsers take about 8; a name is short, so that one that needs more is hostile. */
const LIMITS = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 4, stackSizeMb: 4 }

/**
 * One life of the worker. It has one chunk at a time, and is ended when one name takes too long:
 * looked at several times, so that a machine or a main thread that stood still blames nobody.
 */
export class WorkerThread {
  readonly #options: WorkerThreadOptions
  readonly #worker: Worker | undefined
  readonly #at = new Int32Array(new SharedArrayBuffer(4)).fill(IDLE)
  readonly #loaded: Promise<boolean>
  #settleLoaded: (loaded: boolean) => void = () => undefined
  #asked: { readonly id: number; readonly settle: (outcome: Outcome) => void } | undefined
  #watch: NodeJS.Timeout | undefined
  #ended = false

  constructor(options: WorkerThreadOptions) {
    this.#options = options
    this.#loaded = new Promise((resolve) => {
      this.#settleLoaded = resolve
    })
    this.#worker = this.#start()
  }

  /** Whether it has loaded what it needs; false when it cannot start. Never rejects. */
  get loaded(): Promise<boolean> {
    return this.#loaded
  }

  get isEnded(): boolean {
    return this.#ended
  }

  /** Call it when `loaded`, and when the chunk before is settled. Never rejects. */
  ask(chunk: Chunk): Promise<Outcome> {
    if (this.#ended) return Promise.resolve({ kind: 'ended', at: undefined })
    return new Promise((settle) => {
      this.#asked = { id: chunk.id, settle }
      this.#worker?.postMessage(chunk)
      this.#watchNames()
    })
  }

  /** Resolves when the thread is gone. */
  async end(): Promise<void> {
    this.#over(undefined)
    await this.#worker?.terminate()
  }

  /** Undefined when the machine has no thread left. */
  #start(): Worker | undefined {
    try {
      const worker = new Worker(this.#options.entry, {
        name: 'names',
        workerData: this.#at,
        resourceLimits: LIMITS,
        env: bareEnvironment,
      })
      this.#watch = setTimeout(() => void this.end(), this.#options.startMs)
      worker.on('message', (message: unknown) => this.#take(message))
      // Out of memory, or a fault of ours: either way `exit` follows.
      worker.on('error', () => this.#over(this.#nameNow()))
      worker.on('messageerror', () => void this.end())
      worker.on('exit', () => this.#over(this.#nameNow()))
      return worker
    } catch {
      this.#over(undefined)
      return undefined
    }
  }

  /** Checked as any message of others: hostile text ran in that thread. */
  #take(message: unknown): void {
    if (message === READY) {
      clearTimeout(this.#watch)
      this.#settleLoaded(true)
      return
    }
    const { data } = answerShape.safeParse(message)
    if (!data || data.id !== this.#asked?.id || data.answers.length === 0) return void this.end()
    this.#settle({ kind: 'answers', answers: data.answers })
  }

  /** Ends the thread when it is at the same name in every one of the looks. */
  #watchNames(): void {
    let seen = IDLE
    let looks = 0
    this.#watch = setInterval(() => {
      const now = Atomics.load(this.#at, 0)
      looks = now === seen ? looks + 1 : 0
      seen = now
      // Between two names nothing hostile runs: then it may only be late, or lost.
      if (looks < (now === IDLE ? LATE_LOOKS : LOOKS)) return
      this.#over(this.#nameNow())
      void this.end()
    }, this.#options.nameMs / LOOKS)
  }

  #nameNow(): number | undefined {
    const now = Atomics.load(this.#at, 0)
    return now === IDLE ? undefined : now
  }

  #over(at: number | undefined): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#watch)
    this.#settleLoaded(false)
    this.#settle({ kind: 'ended', at })
  }

  #settle(outcome: Outcome): void {
    clearInterval(this.#watch)
    const asked = this.#asked
    this.#asked = undefined
    asked?.settle(outcome)
  }
}
