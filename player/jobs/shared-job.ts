import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Permit, Permits } from './permits.ts'
import { createUndo } from './undo.ts'

/**
 * What the work of a shared job sees. A job is one piece of work that any number of viewers wait for:
 * it begins with the first, ends a short keep after the last has left, and gives back what it took.
 */
export interface Job<T> {
  /** Fires when the job is to end: nobody has watched for the keep, another needs its turn, or close. */
  readonly signal: AbortSignal
  /** What gives back a thing the work has just taken; run in reverse order when the work is over. */
  defer(what: string, step: () => void | Promise<void>): void
  /** Run when the work is over and the last viewer has left; the job's name is free before that. */
  deferUntilLeft(what: string, step: () => void | Promise<void>): void
  /**
   * Waits for a turn, which goes back with the job. A job begun for nobody takes only a spare one.
   * @throws Fault TOO_MANY_ARRIVALS
   */
  acquirePermit(permits: Permits): Promise<void>
  /** Hands the result to all who wait; the work may go on. */
  ready(value: T): void
  /** Its work is as good as done: it gives way although somebody watches, and nothing is kept after. */
  setPreemptible(): void
}

/** One viewer's part in a job. */
export interface Share<T> {
  /** Rejects with what the work threw. */
  readonly ready: Promise<T>
  /** Still waiting for a turn. */
  readonly queued: boolean
  /** Safe to call twice. */
  leave(): void
}

export interface RunningJob<T> {
  /** The work has failed or was told to end: nobody can join. */
  readonly ending: boolean
  readonly viewers: number
  /** Resolves when all is given back; never rejects. */
  readonly over: Promise<void>
  join(): Share<T>
  /** The result for work that nobody watches: no share, so the job does not stay for it. */
  readonly ready: Promise<T>
  /** Begun for nobody, and nobody has joined since. */
  readonly speculative: boolean
  end(reason: unknown): void
}

export function startJob<T>(
  work: (job: Job<T>) => Promise<void>,
  options: {
    lingerMs: number
    log: Log
    after?: Promise<void> | undefined
    /** Nobody waits for it: it begins without a viewer and takes a turn only when one is free. */
    speculative?: boolean
  },
): RunningJob<T> {
  const { lingerMs, log, after } = options
  const abort = new AbortController()
  const undo = createUndo(log)
  const last = createUndo(log)
  const ready = Promise.withResolvers<T>()
  const left = Promise.withResolvers<void>()
  let viewers = 0
  let keep: NodeJS.Timeout | undefined
  let permit: Permit | undefined
  let queued = false
  let speculative = options.speculative === true
  let expendable = false
  ready.promise.catch(() => {}) // a result nobody waits for any more is no fault

  const end = (reason: unknown) => {
    if (!abort.signal.aborted) abort.abort(reason)
  }
  const nobodyLeft = () => {
    if (abort.signal.aborted) left.resolve()
    else if (queued) end(new Error('left the queue'))
    else if (expendable) end(new Error('nobody watches'))
    else {
      // The timer first: an idle turn may be asked back at once, and the end clears the timer.
      keep = setTimeout(() => end(new Error('nobody watches')), lingerMs)
      permit?.setIdle(true)
    }
  }
  const job: Job<T> = {
    signal: abort.signal,
    defer: undo.push,
    deferUntilLeft: last.push,
    async acquirePermit(permits) {
      const onReclaim = () => end(new Error('gave way'))
      queued = true
      try {
        permit = speculative
          ? permits.tryAcquire(onReclaim)
          : await permits.acquire(abort.signal, onReclaim)
        if (!permit) throw new Fault('TOO_MANY_ARRIVALS')
      } finally {
        queued = false
      }
      undo.push('permit', permit.release)
      abort.signal.throwIfAborted()
    },
    ready: ready.resolve,
    setPreemptible() {
      expendable = true
      permit?.setIdle(true)
      if (viewers === 0) end(new Error('nobody watches'))
    },
  }

  async function live(): Promise<void> {
    try {
      await after // at least one turn of the loop: who begins a job joins it first
      abort.signal.throwIfAborted()
      await work(job)
      end(new Error('finished'))
    } catch (error) {
      end(error) // no-op when it was told to end: then that is why, whatever the work made of it
    }
    ready.reject(abort.signal.reason)
    clearTimeout(keep)
    await undo.run()
    if (viewers === 0) left.resolve()
    void left.promise.then(last.run)
  }

  function join(): Share<T> {
    viewers++
    speculative = false
    clearTimeout(keep)
    permit?.setIdle(expendable)
    let here = true
    return {
      ready: ready.promise,
      get queued() {
        return queued
      },
      leave() {
        if (!here) return
        here = false
        if (--viewers === 0) nobodyLeft()
      },
    }
  }

  const over = live()
  return {
    get ending() {
      return abort.signal.aborted
    },
    get viewers() {
      return viewers
    },
    over,
    join,
    ready: ready.promise,
    get speculative() {
      return speculative
    },
    end,
  }
}
