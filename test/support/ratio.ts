/** The only clock that tests compare by, and only one reading of a run with another of the same run. */
const ROUNDS = 7

export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

/** Milliseconds: to be divided by others, for machines differ. */
export async function took(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/**
 * How many times as long the work takes as its control: the medians of several rounds that take
 * turns, so that a machine which is busy meanwhile is busy for both.
 */
export async function timesAsLong(work: () => unknown, control: () => unknown): Promise<number> {
  const [mine, theirs]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    theirs.push(await took(control))
    mine.push(await took(work))
  }
  return median(mine) / median(theirs)
}
