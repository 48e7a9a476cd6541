import type { Log } from '../../common/log.ts'
import { type Job, type RunningJob, type Share, startJob } from './shared-job.ts'

/** One job a name at a time: who comes later joins it. */
export interface SharedJobs<T> {
  /** A share in the running job, else in a new one, which waits until an ending one has given all back. */
  join(name: string, work: (job: Job<T>) => Promise<void>): Share<T>
  /** A share in the job when one runs that can be joined. */
  joinRunning(name: string): Share<T> | undefined
  /** Begins it for nobody; undefined when one of that name runs. Whoever joins makes it a job like any. */
  startSpeculative(name: string, work: (job: Job<T>) => Promise<void>): RunningJob<T> | undefined
  /** Ends those that run for nobody: who comes now needs other work; promises of their end. */
  endSpeculative(): Promise<void>[]
  isRunning(name: string): boolean
  /** Ends those nobody watches; they and those ending already, as promises of their end. */
  endUnwatched(except: string): Promise<void>[]
  /** Ends all with that reason; resolves when everything is given back. */
  close(reason: unknown): Promise<void>
}

export function createSharedJobs<T>(deps: { lingerMs: number; log: Log }): SharedJobs<T> {
  const jobs = new Map<string, RunningJob<T>>()

  const joinRunning = (name: string) => {
    const job = jobs.get(name)
    return job && !job.ending ? job.join() : undefined
  }

  function begin(name: string, work: (job: Job<T>) => Promise<void>, speculative: boolean) {
    const job = startJob(work, { ...deps, speculative, after: jobs.get(name)?.over })
    jobs.set(name, job)
    void job.over.then(() => {
      if (jobs.get(name) === job) jobs.delete(name)
    })
    return job
  }

  function endAll(is: (job: RunningJob<T>, name: string) => boolean): Promise<void>[] {
    const ended = [...jobs].filter(([name, job]) => is(job, name)).map(([, job]) => job)
    for (const job of ended) job.end(new Error('gave way'))
    return ended.map((job) => job.over)
  }

  return {
    join: (name, work) => joinRunning(name) ?? begin(name, work, false).join(),
    joinRunning,
    startSpeculative: (name, work) => (jobs.has(name) ? undefined : begin(name, work, true)),
    endSpeculative: () => endAll(({ speculative }) => speculative),
    isRunning(name) {
      const job = jobs.get(name)
      return job !== undefined && !job.ending && !job.speculative
    },
    endUnwatched: (except) =>
      endAll((job, name) => name !== except && (job.viewers === 0 || job.ending)),
    async close(reason) {
      const all = [...jobs.values()]
      for (const job of all) job.end(reason)
      await Promise.all(all.map((job) => job.over))
    },
  }
}
