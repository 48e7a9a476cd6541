/** One viewer's part in a job. */
export interface Share<T> {
  /** Rejects with what the work threw. */
  readonly result: Promise<T>
  /** The job still waits for a permit. */
  readonly queued: boolean
  /** Why the job ended, or is ending; undefined while it goes on. */
  readonly endedBy: unknown
  /** Idle: this viewer takes nothing. When all are, the job gives way to one that waits for a permit. */
  setIdle(idle: boolean): void
  /** Safe to call twice. */
  leave(): void
}

type SharedWork<T> = Pick<Share<T>, 'result' | 'queued' | 'endedBy'>

interface ShareEvents {
  /** `by`: how many viewers more are idle. */
  becameIdle(by: 1 | -1): void
  left(): void
}

export class JobShare<T> implements Share<T> {
  readonly #job: SharedWork<T>
  #events: ShareEvents | undefined
  #idle = false

  constructor(job: SharedWork<T>, events: ShareEvents) {
    this.#job = job
    this.#events = events
  }

  get result(): Promise<T> {
    return this.#job.result
  }

  get queued(): boolean {
    return this.#job.queued
  }

  get endedBy(): unknown {
    return this.#job.endedBy
  }

  setIdle(idle: boolean): void {
    if (idle === this.#idle) return
    this.#idle = idle
    this.#events?.becameIdle(idle ? 1 : -1)
  }

  leave(): void {
    const events = this.#events
    this.setIdle(false)
    this.#events = undefined
    events?.left()
  }
}
