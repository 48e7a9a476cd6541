/** One piece of work per name at a time; whoever asks meanwhile shares its result. */
export interface Flights<T> {
  /** A caller's signal ends its own waiting only: others may still want the result. */
  join(name: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Aborts what runs. */
  close(): void
}

export function createFlights<T>(): Flights<T> {
  const running = new Map<string, Promise<T>>()
  const ended = new AbortController()
  return {
    join(name, signal, start) {
      const flight = running.get(name)
      if (flight) return orAborted(flight, signal)
      const begun = start(ended.signal).finally(() => running.delete(name))
      running.set(name, begun)
      return orAborted(begun, signal)
    },
    close: () => ended.abort(),
  }
}

/** @throws the signal's reason, when it fires first */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // It may fail after everybody has left.
  work.catch(() => undefined)
  signal.throwIfAborted()
  let leave: () => void = () => undefined
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason)
  })
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([work, left])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
