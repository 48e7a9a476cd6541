import { type FSWatcher, watch } from 'node:fs'

/** Calls `look` soon after something changed in a folder, and every `pollMs` anyway. */
export interface Watch {
  close(): void
}

export interface PollerOptions {
  /** Undefined: only polled. */
  readonly folder: string | undefined
  pollMs(): number
  readonly debounceMs: number
  /** Must not throw; a look that still runs is not started again. */
  poll(): Promise<void>
}

/**
 * The system's notices are a hint only: network mounts and bind mounts send none, and a replaced
 * folder ends them without a word. So the poll decides, and a notice merely makes it come sooner.
 */
export function createPoller({ folder, pollMs, debounceMs, poll: look }: PollerOptions): Watch {
  let closed = false
  let looking = false
  let changedMeanwhile = false
  let watcher: FSWatcher | undefined
  let timer: NodeJS.Timeout | undefined

  const schedule = (ms: number): void => {
    clearTimeout(timer)
    if (!closed) timer = setTimeout(run, ms)
  }
  const drop = (): void => {
    watcher?.close()
    watcher = undefined
  }
  const attach = (): void => {
    if (watcher || folder === undefined || closed) return
    try {
      watcher = watch(folder, () => {
        changedMeanwhile = true
        if (!looking) schedule(debounceMs)
      })
      watcher.on('error', drop)
    } catch {
      // Not there yet, or no watches left: the poll sees it.
    }
  }
  const run = (): void => {
    attach()
    looking = true
    changedMeanwhile = false
    void look().finally(() => {
      looking = false
      schedule(changedMeanwhile ? debounceMs : pollMs())
    })
  }

  attach()
  schedule(pollMs())
  return {
    close() {
      closed = true
      clearTimeout(timer)
      drop()
    },
  }
}
