import type { Log } from '../common/log.ts'
import { type Job, type RunningJob, type Share, startJob } from './shared-job.ts'

/** One job a name at a time: who comes later joins it. */
export interface SharedJobs<T> {
  /** A share in the running job, else in a new one, which waits until an ending one has given all back. */
  join(name: string, work: (job: Job<T>) => Promise<void>): Share<T>
  /** A share in the job when one runs that can be joined. */
  joinRunning(name: string): Share<T> | undefined
  isRunning(name: string): boolean
  /** Ends those nobody watches; they and those ending already, as promises of their end. */
  endUnwatched(except: string): Promise<void>[]
  /** Ends all with that reason; resolves when everything is given back. */
  close(reason: unknown): Promise<void>
}

export function createSharedJobs<T>(deps: { keepMs: number; log: Log }): SharedJobs<T> {
  const jobs = new Map<string, RunningJob<T>>()

  const joinRunning = (name: string) => {
    const job = jobs.get(name)
    return job && !job.ending ? job.join() : undefined
  }

  return {
    join(name, work) {
      const running = joinRunning(name)
      if (running) return running
      const job = startJob(work, { ...deps, after: jobs.get(name)?.over })
      jobs.set(name, job)
      void job.over.then(() => {
        if (jobs.get(name) === job) jobs.delete(name)
      })
      return job.join()
    },
    joinRunning,
    isRunning: (name) => jobs.get(name)?.ending === false,
    endUnwatched(except) {
      const ended: Promise<void>[] = []
      for (const [name, job] of jobs) {
        if (name === except || (job.viewers > 0 && !job.ending)) continue
        job.end(new Error('gave way'))
        ended.push(job.over)
      }
      return ended
    },
    async close(reason) {
      const all = [...jobs.values()]
      for (const job of all) job.end(reason)
      await Promise.all(all.map((job) => job.over))
    },
  }
}
