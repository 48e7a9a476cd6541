import { setTimeout as sleep } from 'node:timers/promises'

export { sleep }

/**
 * Asks again until the answer is true (or anything but undefined and false).
 * @throws Error naming what was waited for and what `explain` adds, after `ms`
 */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  ms = 5000,
  explain: () => string = () => '',
): Promise<NonNullable<T>> {
  const end = performance.now() + ms
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== null && found !== false) return found
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what} ${explain()}`)
    await sleep(25)
  }
}

/** The promise's outcome, or an error naming what did not come in time. */
export async function within<T>(what: string, ms: number, promise: Promise<T>): Promise<T> {
  const late = new AbortController()
  const alarm = sleep(ms, undefined, { signal: late.signal }).then(
    () => {
      throw new Error(`not within ${ms} ms: ${what}`)
    },
    () => new Promise<never>(() => {}),
  )
  try {
    return await Promise.race([promise, alarm])
  } finally {
    late.abort()
  }
}
