import type { LogFormat } from '../log.ts'

/** EX_SOFTWARE of sysexits.h: the event loop hung. */
export const HANG_EXIT_CODE = 70

/** What the watching thread is started with. */
export interface WatchPlan {
  /** Shared: how often the main thread has beaten, and 1 while a debugger is open. */
  readonly beats: Int32Array
  readonly tickMs: number
  readonly hangMs: number
  readonly format: LogFormat
}
