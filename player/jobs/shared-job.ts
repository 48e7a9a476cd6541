import { CleanupStack } from '../../common/cleanup-stack.ts'
import type { Log } from '../../common/log.ts'
import { Owners } from '../../common/permits/owners.ts'
import { type Permit, type Permits, tooMany } from '../../common/permits/permits.ts'
import { JobShare, type Share } from './job-share.ts'

/** What the work of a shared job may do with its job. */
export interface Job<T> {
  /** Fires when the job is to end: nobody has watched for the linger time, another caller needs its permit, or the server stops. */
  readonly signal: AbortSignal
  readonly viewers: number
  /** Whose viewers watch; empty where that is not counted. */
  readonly addresses: readonly string[]
  /** Names and gives back what the work has just taken; run in reverse order when the work is over. */
  defer(what: string, step: () => void | Promise<void>): void
  /** The same, but run when the last viewer has left too. The name of the job is free before that. */
  deferUntilLeft(what: string, step: () => void | Promise<void>): void
  /**
   * Waits for a permit, which is given back with the job. A speculative job takes one only when
   * nobody waits for it.
   * @throws Fault TOO_MANY_ARRIVALS
   */
  acquirePermit(permits: Permits): Promise<void>
  /** Ends the job as its signal says: nobody can join from then on. */
  end(reason: unknown): void
  /** Hands the result to everybody who waits; the work may go on. */
  resolve(value: T): void
  /**
   * The work is as good as done: the job ends as soon as another one wants its permit, although
   * somebody watches, and as soon as the last viewer leaves.
   */
  setPreemptible(): void
}

export interface RunningJob<T> {
  /** The work has failed or was told to end: nobody can join. */
  readonly ending: boolean
  readonly viewers: number
  /** Somebody watches, and nobody of them takes anything. */
  readonly idle: boolean
  /** Begun for nobody, and nobody has joined since. */
  readonly speculative: boolean
  /** Resolves when everything is given back; never rejects. */
  readonly over: Promise<void>
  /** For who does not watch: unlike a share it does not keep the job running. */
  readonly result: Promise<T>
  /** `address`: whose viewer joins, where that is counted. */
  join(address?: string): Share<T>
  end(reason: unknown): void
}

export interface JobOptions {
  /** How long the job goes on after its last viewer has left, in milliseconds. */
  readonly lingerMs: number
  readonly log: Log
  /** The work begins after this. */
  readonly after?: Promise<void> | undefined
  /** Nobody waits for it: it begins without a viewer, and takes a permit only when one is free. */
  readonly speculative?: boolean
}

/**
 * One piece of work that any number of viewers wait for. It begins with the first of them, ends a
 * linger time after the last one has left, and gives back what it took.
 */
export class SharedJob<T> implements Job<T>, RunningJob<T> {
  readonly over: Promise<void>
  readonly #abort = new AbortController()
  readonly #lingerMs: number
  readonly #cleanup: CleanupStack
  readonly #cleanupWhenLeft: CleanupStack
  readonly #result = Promise.withResolvers<T>()
  readonly #left = Promise.withResolvers<void>()
  /** Of the viewers. */
  readonly #owners = new Owners()
  #viewers = 0
  #idleViewers = 0
  #lingering: NodeJS.Timeout | undefined
  #permit: Permit | undefined
  #queued = false
  #speculative: boolean
  #preemptible = false

  constructor(work: (job: Job<T>) => Promise<void>, options: JobOptions) {
    this.#lingerMs = options.lingerMs
    this.#speculative = options.speculative === true
    this.#cleanup = new CleanupStack(options.log)
    this.#cleanupWhenLeft = new CleanupStack(options.log)
    this.#result.promise.catch(() => {}) // it may fail after everybody has left
    this.over = this.#run(work, options.after)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get ending(): boolean {
    return this.#abort.signal.aborted
  }

  get viewers(): number {
    return this.#viewers
  }

  get addresses(): readonly string[] {
    return this.#owners.all
  }

  get idle(): boolean {
    return this.#viewers > 0 && this.#viewers <= this.#idleViewers
  }

  get speculative(): boolean {
    return this.#speculative
  }

  get queued(): boolean {
    return this.#queued
  }

  get endedBy(): unknown {
    return this.ending ? this.signal.reason : undefined
  }

  get result(): Promise<T> {
    return this.#result.promise
  }

  defer(what: string, step: () => void | Promise<void>): void {
    this.#cleanup.defer(what, step)
  }

  deferUntilLeft(what: string, step: () => void | Promise<void>): void {
    this.#cleanupWhenLeft.defer(what, step)
  }

  async acquirePermit(permits: Permits): Promise<void> {
    const onReclaim = () => this.end(tooMany())
    this.#queued = true
    try {
      const permit = this.#speculative
        ? permits.tryAcquire(onReclaim, this.#owners)
        : await permits.acquire(this.signal, onReclaim, this.#owners)
      if (!permit) throw tooMany()
      this.#permit = permit
      this.#tellIdle()
      this.defer('permit', () => permit.release())
    } finally {
      this.#queued = false
    }
    this.signal.throwIfAborted()
  }

  resolve(value: T): void {
    this.#result.resolve(value)
  }

  setPreemptible(): void {
    this.#preemptible = true
    this.#tellIdle()
    if (this.#viewers === 0) this.end(new Error('nobody watches'))
  }

  join(address?: string): Share<T> {
    this.#viewers++
    this.#owners.add(address)
    this.#speculative = false
    clearTimeout(this.#lingering)
    this.#tellIdle()
    return new JobShare(this, {
      becameIdle: (by) => {
        this.#idleViewers += by
        this.#tellIdle()
      },
      left: () => {
        this.#viewers--
        this.#owners.remove(address)
        if (this.#viewers === 0) this.#lastViewerLeft()
        else this.#tellIdle()
      },
    })
  }

  end(reason: unknown): void {
    if (!this.ending) this.#abort.abort(reason)
  }

  async #run(work: (job: Job<T>) => Promise<void>, after: Promise<void> | undefined) {
    try {
      await after // at least one tick: whoever begins a job joins it before the work starts
      this.signal.throwIfAborted()
      await work(this)
      this.end(new Error('finished'))
    } catch (error) {
      // Does nothing when the job was told to end: that is the reason then, whatever the work threw.
      this.end(error)
    }
    this.#result.reject(this.signal.reason)
    clearTimeout(this.#lingering)
    await this.#cleanup.disposeAsync()
    if (this.#viewers === 0) this.#left.resolve()
    void this.#left.promise.then(() => this.#cleanupWhenLeft.disposeAsync())
  }

  /** Where nobody takes anything the permit may be reclaimed. */
  #tellIdle(): void {
    this.#permit?.setIdle(this.#preemptible || this.#viewers <= this.#idleViewers)
  }

  #lastViewerLeft(): void {
    if (this.ending) this.#left.resolve()
    else if (this.#queued) this.end(new Error('left the queue'))
    else if (this.#preemptible) this.end(new Error('nobody watches'))
    else {
      // The timer comes first: an idle permit may be reclaimed at once, and the end clears the timer.
      this.#lingering = setTimeout(() => this.end(new Error('nobody watches')), this.#lingerMs)
      this.#tellIdle()
    }
  }
}
