import type { Clock } from '../../common/clock.ts'

/**
 * How long this node has run in all, milliseconds: the hours meter by which idle time is measured
 * across restarts. It knows no wall clock, so no jump of one and no night switched off makes a content
 * look old.
 */
export interface RunningTime {
  now(): number
}

/** @param before what the meter showed when the node last ran */
export function createRunningTime(before: number, clock: Clock): RunningTime {
  const began = clock.steady()
  return { now: () => before + (clock.steady() - began) }
}
