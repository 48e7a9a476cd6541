/** Asked all the time by the machine that watches; not worth a line of the log each. */
export const HEALTH_PATHS: readonly string[] = ['/health', '/ready', '/metrics']

type LifecycleState = 'starting' | 'serving' | 'draining'

/** Where the process is in its life: one way, from starting to draining. */
export interface Lifecycle {
  readonly state: LifecycleState
  /** Seconds since it was made. */
  readonly uptimeSeconds: number
  /** Fires at drain(): what would never end by itself ends then. */
  readonly draining: AbortSignal
  /** Everything is up: /ready answers 200. */
  serve(): void
  /** SIGTERM: /ready answers 503 from now on. */
  drain(): void
}

/** @param clock only its steady side is read */
export function createLifecycle(clock: { steady(): number }): Lifecycle {
  const bornAt = clock.steady()
  const draining = new AbortController()
  let state: LifecycleState = 'starting'
  return {
    get state() {
      return state
    },
    get uptimeSeconds() {
      return (clock.steady() - bornAt) / 1000
    },
    draining: draining.signal,
    serve() {
      if (state === 'starting') state = 'serving'
    },
    drain() {
      state = 'draining'
      draining.abort()
    },
  }
}
