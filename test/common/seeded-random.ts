import { randomInt } from 'node:crypto'

export interface SeededRandom {
  /** To report with a failure: run again with PLAYLINK_SEED set to it. */
  readonly seed: number
  /** 0 to below `limit`. */
  below(limit: number): number
  pick<T>(choices: readonly [T, ...T[]]): T
}

/** Random choices that can be repeated (mulberry32). */
export function seededRandom(
  seed = Number(process.env.PLAYLINK_SEED) || randomInt(2 ** 32),
): SeededRandom {
  let state = seed >>> 0
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % limit
  }
  return {
    seed,
    below,
    pick: (choices) => choices[below(choices.length)] ?? choices[0],
  }
}
