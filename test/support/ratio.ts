const ROUNDS = 7

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

/** Milliseconds. They stay in this file: only what has none of their unit is for tests. */
async function took(work: () => unknown): Promise<number> {
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

/** How many times as long as the first call the later ones take: their median. */
export async function timesAsFirst(work: (call: number) => unknown): Promise<number> {
  const first = await took(() => work(0))
  const later: number[] = []
  for (let call = 1; call < 50; call++) later.push(await took(() => work(call)))
  return median(later) / first
}

/**
 * Those of the works that take more than `times` as long as their control, each with the ratio that was
 * found. One that seems to is asked again, many times if need be: a machine that was busy is busy by
 * chance, what is slow is slow every time.
 */
export async function slowOnes(
  works: ReadonlyMap<string, () => unknown>,
  control: () => unknown,
  times: number,
): Promise<string[]> {
  const controls: number[] = []
  for (let n = 0; n < 3 * ROUNDS; n++) controls.push(await took(control))
  const slow: string[] = []
  for (const [name, work] of works) {
    let ratio = Number.POSITIVE_INFINITY
    for (let n = 0; n < 3 * ROUNDS && ratio > times; n++) {
      if (n > 0) controls.push(await took(control))
      ratio = Math.min(ratio, (await took(work)) / median(controls))
    }
    if (ratio > times) slow.push(`${name}: ${ratio.toFixed(1)} times`)
  }
  return slow
}
