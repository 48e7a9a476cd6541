import { setTimeout as sleep } from 'node:timers/promises'

export { sleep }

const TURN_MS = 25

/**
 * Asks again until the answer is true (or anything but undefined and false). `ms` only bounds a hang:
 * how long a thing may take is no business of a test, for machines differ. It is counted in turns, so
 * that what a busy machine takes from this process is not counted.
 * @throws Error naming what was waited for and what `explain` adds
 */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  ms = 120_000,
  explain: () => string = () => '',
): Promise<NonNullable<T>> {
  for (let waited = 0; ; waited += TURN_MS) {
    const found = await probe()
    if (found !== undefined && found !== null && found !== false) return found
    if (waited >= ms) throw new Error(`not within ${ms} ms: ${what} ${explain()}`)
    await sleep(TURN_MS)
  }
}

/** The promise's outcome, or an error naming what did not come in time; counted in turns as above. */
export async function within<T>(what: string, ms: number, promise: Promise<T>): Promise<T> {
  let isOver = false
  const alarm = async (): Promise<never> => {
    for (let waited = 0; waited < ms && !isOver; waited += TURN_MS) await sleep(TURN_MS)
    throw new Error(`not within ${ms} ms: ${what}`)
  }
  try {
    return await Promise.race([promise, alarm()])
  } finally {
    isOver = true
  }
}

/** How often the event loop had its turn while the work ran, and what came of the work. */
export async function ticksWhile<T>(work: () => Promise<T>): Promise<{ ticks: number; result: T }> {
  let ticks = 0
  let isOver = false
  const count = (): void => {
    ticks++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  try {
    const result = await work()
    return { ticks, result }
  } finally {
    isOver = true
  }
}
