/**
 * Two clocks: `wall` for times that are stored or displayed, `steady` for durations and deadlines.
 */
export interface Clock {
  /** Milliseconds since 1970; jumps when the system's time is set. */
  wall(): number
  /** Milliseconds since some moment; never goes back or jumps. */
  steady(): number
}

export const systemClock: Clock = { wall: () => Date.now(), steady: () => performance.now() }
