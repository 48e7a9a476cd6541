export interface SupervisionLimits {
  /**
   * Without a message for this long the process hangs, and is killed; on a busy machine that does not let it run, after
   * up to six times as long.
   */
  readonly heartbeatMs: number
  /** The same while it starts: loading takes a second, and many on a small or busy machine. */
  readonly startMs: number
  /** Resident memory in bytes past which it is killed. */
  readonly maxRss: number
  /** Pause between a death and the next start; doubled by each early death, up to `maxPauseMs`. */
  readonly pauseMs: number
  readonly maxPauseMs: number
}

export const usualLimits: SupervisionLimits = {
  heartbeatMs: 5000,
  startMs: 30_000,
  maxRss: 1024 << 20,
  pauseMs: 100,
  maxPauseMs: 5000,
}
