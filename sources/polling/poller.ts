import { type FSWatcher, watch } from 'node:fs'

/** Calls `poll` every `pollMs`, and soon after something changed in a folder. */
export interface Poller {
  /** A poll that runs is not waited for. */
  close(): void
}

export interface PollerOptions {
  /** Watched for changes; undefined: only polled. */
  readonly folder: string | undefined
  /** Milliseconds until the next poll; asked after each. */
  pollMs(): number
  /** Milliseconds from a change to its poll; more changes meanwhile begin it anew. */
  readonly debounceMs: number
  /** Must not throw; never called again before it has settled. */
  poll(): Promise<void>
}

/**
 * The system's notices of changes are only a hint: network mounts and bind mounts send none, and a
 * folder that was replaced sends no more. So polling decides, and a notice makes it come sooner.
 */
export const createPoller = (options: PollerOptions): Poller => new FolderPoller(options)

class FolderPoller implements Poller {
  readonly #options: PollerOptions
  #closed = false
  #polling = false
  #changedMeanwhile = false
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: PollerOptions) {
    this.#options = options
    this.#watch()
    this.#schedule(options.pollMs())
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#unwatch()
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer)
    if (!this.#closed) this.#timer = setTimeout(() => this.#poll(), ms)
  }

  #poll(): void {
    const { poll, pollMs, debounceMs } = this.#options
    this.#watch()
    this.#polling = true
    this.#changedMeanwhile = false
    void poll().finally(() => {
      this.#polling = false
      this.#schedule(this.#changedMeanwhile ? debounceMs : pollMs())
    })
  }

  #watch(): void {
    const { folder } = this.#options
    if (this.#watcher || folder === undefined || this.#closed) return
    try {
      this.#watcher = watch(folder, () => this.#onChange())
      this.#watcher.on('error', () => this.#unwatch())
    } catch {
      // The folder is not there yet, or the system has no watches left: the next poll sees it.
    }
  }

  #onChange(): void {
    this.#changedMeanwhile = true
    if (!this.#polling) this.#schedule(this.#options.debounceMs)
  }

  #unwatch(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }
}
