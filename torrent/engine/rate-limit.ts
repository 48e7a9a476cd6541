/** Bytes a second for everything that is given back to swarms, by whatever connection. */
export interface RateLimit {
  /** Nothing may be given at all. */
  readonly off: boolean
  /** Resolves when so many bytes may go. */
  take(bytes: number): Promise<void>
}

/** A token bucket that holds one second. @param bytesPerSecond 0 = nothing */
export function createRateLimit(bytesPerSecond: number): RateLimit {
  let free = bytesPerSecond
  let since = performance.now()
  let last: Promise<void> = Promise.resolve()

  async function wait(bytes: number): Promise<void> {
    for (;;) {
      const now = performance.now()
      free = Math.min(bytesPerSecond, free + ((now - since) * bytesPerSecond) / 1000)
      since = now
      // A block larger than the bucket goes when the bucket is full.
      const needed = Math.min(bytes, bytesPerSecond)
      if (free >= needed) {
        free -= bytes
        return
      }
      const ms = ((needed - free) * 1000) / bytesPerSecond
      await new Promise((resolve) => setTimeout(resolve, Math.ceil(ms)))
    }
  }

  return {
    off: bytesPerSecond <= 0,
    take(bytes) {
      last = last.then(() => wait(bytes))
      return last
    },
  }
}
