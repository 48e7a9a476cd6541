import type { Log } from '../../common/log.ts'
import type { Share } from './job-share.ts'
import { type Job, type RunningJob, SharedJob } from './shared-job.ts'

/** Why a job ended whose permit or room somebody else needed. */
export class GaveWay extends Error {
  override readonly name = 'GaveWay'
}

type Work<T> = (job: Job<T>) => Promise<void>

/**
 * One job per name at a time; later callers join it. More than a single-flight
 * (common/single-flight.ts): the work goes on after its result, and one of the same name begins only
 * when the one before it has given everything back, so that it never meets another at its files.
 */
export class SharedJobs<T> {
  readonly #jobs = new Map<string, RunningJob<T>>()
  readonly #options: { readonly lingerMs: number; readonly log: Log }

  constructor({ lingerMs, log }: { readonly lingerMs: number; readonly log: Log }) {
    this.#options = { lingerMs, log }
  }

  /**
   * `address`: whose viewer joins, where that is counted.
   * A share in the running job, else in a new one, which waits for the end of an ending one. */
  join(name: string, work: Work<T>, address?: string): Share<T> {
    return this.joinRunning(name, address) ?? this.#begin(name, work, false).join(address)
  }

  /** A share in the job when one runs that can be joined. */
  joinRunning(name: string, address?: string): Share<T> | undefined {
    const job = this.#jobs.get(name)
    return job && !job.ending ? job.join(address) : undefined
  }

  /**
   * Begins a job for nobody; undefined when one of that name runs. As soon as somebody joins, it is
   * a job like any other.
   */
  startSpeculative(name: string, work: Work<T>): RunningJob<T> | undefined {
    return this.#jobs.has(name) ? undefined : this.#begin(name, work, true)
  }

  /** Ends those that run for nobody; promises of their end. */
  endSpeculative(): Promise<void>[] {
    return this.#endAll((job) => job.speculative)
  }

  /** Whether a job of that name runs for somebody. */
  isRunning(name: string): boolean {
    const job = this.#jobs.get(name)
    return job !== undefined && !job.ending && !job.speculative
  }

  /** Ends those that nobody watches; promises of their end, and of the end of those ending already. */
  endUnwatched(except: string): Promise<void>[] {
    return this.#endAll((job, name) => name !== except && (job.viewers === 0 || job.ending))
  }

  /** Ends those whose viewers take nothing; promises of their end. */
  endIdle(except: string): Promise<void>[] {
    return this.#endAll((job, name) => name !== except && job.idle && !job.ending)
  }

  /** Ends all with that reason; resolves when everything is given back. */
  async close(reason: unknown): Promise<void> {
    const all = [...this.#jobs.values()]
    for (const job of all) job.end(reason)
    await Promise.all(all.map((job) => job.over))
  }

  #begin(name: string, work: Work<T>, speculative: boolean): RunningJob<T> {
    const after = this.#jobs.get(name)?.over
    const job = new SharedJob<T>(work, { ...this.#options, speculative, after })
    this.#jobs.set(name, job)
    void job.over.then(() => {
      if (this.#jobs.get(name) === job) this.#jobs.delete(name)
    })
    return job
  }

  #endAll(isMeant: (job: RunningJob<T>, name: string) => boolean): Promise<void>[] {
    const meant = [...this.#jobs].filter(([name, job]) => isMeant(job, name))
    for (const [, job] of meant) job.end(new GaveWay('gave way'))
    return meant.map(([, job]) => job.over)
  }
}
