import { jest, test } from '@jest/globals'
import fc from 'fast-check'

/** `npm run fuzz` sets them: each property for so many seconds, from this seed. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 0)
const SEED = process.env.FUZZ_SEED
/** Inputs of one seed in `npm test`. */
const RUNS = 100
const FIXED_SEED = 20_261_127

jest.setTimeout(120_000 + SECONDS * 2000)

/** Never ends by itself: fast-check stops at its time limit. */
const long = {
  numRuns: 1e9,
  interruptAfterTimeLimit: SECONDS * 1000,
  markInterruptAsFailure: false,
}

/**
 * A property as a test: with a seed that stays, so that what was found once is found again, and with a
 * new one. fast-check prints seed, path and the smallest input of a failure, which becomes a test of
 * its own in found.test.ts.
 * @param runs inputs of each seed, for properties that take long
 */
export function fuzz<Input>(title: string, property: fc.IRawProperty<Input>, runs = RUNS): void {
  test(title, async () => {
    if (SECONDS > 0) {
      await fc.assert(property, { ...long, ...(SEED ? { seed: Number(SEED) } : {}) })
      return
    }
    await fc.assert(property, { numRuns: runs, seed: FIXED_SEED })
    await fc.assert(property, { numRuns: runs })
  })
}
