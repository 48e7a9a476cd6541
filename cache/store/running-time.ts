import type { Clock } from '../../common/clock.ts'

/**
 * How long this node has run in all its lives, milliseconds. Idle time of files is measured by it across
 * restarts: neither a jump of the wall clock nor a night switched off makes a file look old.
 */
export interface RunningTime {
  now(): number
}

/** @param before the running time when the node last stopped, milliseconds */
export function createRunningTime(before: number, clock: Clock): RunningTime {
  const began = clock.steady()
  return { now: () => before + (clock.steady() - began) }
}
