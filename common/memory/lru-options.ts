import type { Clock } from '../clock.ts'

/**
 * Options of an `LRUCache` that holds at most `max` entries, at least 1. lru-cache's own `max` has room for
 * all of them from the start (50 bytes each, also where none ever comes); counted as sizes they take room
 * as they come (lru-cache's README, "Storage Bounds Safety").
 */
export const atMost = (max: number) => ({ maxSize: max, sizeCalculation: () => 1 })

/**
 * For an LRUCache whose values last for `ttlMs` by that clock. One more than its time: lru-cache takes a start
 * at 0 for "no time at all".
 */
export const lastingBy = (clock: Pick<Clock, 'steady'>, ttlMs: number) => ({
  ttl: ttlMs,
  ttlResolution: 0,
  perf: { now: () => clock.steady() + 1 },
})
