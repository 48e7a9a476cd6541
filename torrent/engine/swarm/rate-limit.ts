/** Bytes a second for everything that is given back to swarms, by whatever connection. */
export interface RateLimit {
  /** Nothing may be given at all. */
  readonly off: boolean
  /** Resolves when so many bytes may go, in the order asked; rejects after close() and when off. */
  take(bytes: number): Promise<void>
  close(): void
}

interface Waiting {
  readonly bytes: number
  go(): void
  stop(why: Error): void
}

/** A token bucket that holds one second. @param bytesPerSecond 0 = nothing, less = no limit */
export function createRateLimit(bytesPerSecond: number): RateLimit {
  const off = bytesPerSecond === 0
  const waiting: Waiting[] = []
  let free = bytesPerSecond
  let since = performance.now()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function serve(): void {
    timer = undefined
    const now = performance.now()
    free = Math.min(bytesPerSecond, free + ((now - since) * bytesPerSecond) / 1000)
    since = now
    for (let first = waiting[0]; first; first = waiting[0]) {
      // A block larger than the bucket goes when the bucket is full.
      const needed = Math.min(first.bytes, bytesPerSecond)
      if (free < needed) {
        timer = setTimeout(serve, Math.ceil(((needed - free) * 1000) / bytesPerSecond))
        return
      }
      free -= first.bytes
      waiting.shift()
      first.go()
    }
  }

  return {
    off,
    take(bytes) {
      if (off || closed) return Promise.reject(new Error('nothing is given'))
      if (bytesPerSecond < 0) return Promise.resolve()
      return new Promise((go, stop) => {
        waiting.push({ bytes, go, stop })
        if (timer === undefined) serve()
      })
    },
    close() {
      closed = true
      clearTimeout(timer)
      for (const one of waiting.splice(0)) one.stop(new Error('nothing is given any more'))
    },
  }
}
