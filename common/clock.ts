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

/**
 * For an LRUCache whose values last for `ttlMs` by that clock. One more than its time: lru-cache takes a start
 * at 0 for "no time at all".
 */
export const lastingBy = (clock: Pick<Clock, 'steady'>, ttlMs: number) => ({
  ttl: ttlMs,
  ttlResolution: 0,
  perf: { now: () => clock.steady() + 1 },
})
