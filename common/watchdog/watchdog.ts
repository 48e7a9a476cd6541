import { url as inspectorUrl } from 'node:inspector'
import { Worker } from 'node:worker_threads'
import { moduleBeside } from '../host/module-beside.ts'
import type { Log, LogFormat } from '../log.ts'
import type { WatchPlan } from './watch-plan.ts'

export interface WatchdogOptions {
  readonly log: Log
  readonly format: LogFormat
  /** So long the event loop may be held, in milliseconds; a tenth of it is the exactness. */
  readonly hangMs?: number
}

const HANG_MS = 10_000

/**
 * Ends a process whose event loop hangs: it would answer nobody, not even SIGTERM. A thread counts the
 * beats of this one. When none comes for `hangMs`, it writes where this thread is as a last line of the
 * log, and ends the process with HANG_EXIT_CODE; when this thread is in native code, where nobody can
 * look, by SIGKILL. Whoever supervises the process starts the next one. The thread counts its own ticks
 * and not the clock, so that a machine that slept, or SIGSTOP, is no hang; a process with an open
 * debugger is left alone.
 */
export class Watchdog {
  readonly #beats = new Int32Array(new SharedArrayBuffer(8))
  readonly #thread: Worker
  readonly #beating: NodeJS.Timeout

  constructor({ log, format, hangMs = HANG_MS }: WatchdogOptions) {
    const tickMs = hangMs / 10
    const workerData: WatchPlan = { beats: this.#beats, tickMs, hangMs, format }
    this.#thread = new Worker(moduleBeside('./watchdog-thread', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    })
    // Serving goes on without it: a hang is then what it was before.
    this.#thread.on('error', (err) => log.warn({ err }, 'nobody watches the event loop any more'))
    this.#thread.unref()
    this.#beating = setInterval(() => this.#beat(), tickMs / 2)
    this.#beating.unref()
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    clearInterval(this.#beating)
    await this.#thread.terminate()
  }

  #beat(): void {
    // Whoever debugs stops the loop on purpose, and sees more of a hang than a stack.
    Atomics.store(this.#beats, 1, Number(inspectorUrl() !== undefined))
    Atomics.add(this.#beats, 0, 1)
  }
}
