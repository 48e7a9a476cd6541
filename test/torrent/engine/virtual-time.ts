/** A clock that moves only when nothing is left to do at its present moment. Milliseconds. */
export interface VirtualTime {
  readonly now: number
  after(ms: number, run: () => void): void
  every(ms: number, run: () => void): void
  /** Runs events until `done` or until `limitMs` have passed; answers whether it was done. */
  runUntil(done: () => boolean, limitMs: number): boolean
  run(ms: number): void
}

export function createVirtualTime(): VirtualTime {
  const events: { at: number; run: () => void }[] = []
  let now = 0
  /** Kept in order; equal times run in the order they were asked for, so runs repeat exactly. */
  const insert = (at: number, run: () => void): void => {
    let [low, high] = [0, events.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((events[middle]?.at ?? 0) <= at) low = middle + 1
      else high = middle
    }
    events.splice(low, 0, { at, run })
  }
  const time: VirtualTime = {
    get now() {
      return now
    },
    after: (ms, run) => insert(now + ms, run),
    every(ms, run) {
      const again = (): void => {
        run()
        insert(now + ms, again)
      }
      insert(now + ms, again)
    },
    runUntil(done, limitMs) {
      const end = now + limitMs
      while (!done()) {
        const event = events[0]
        if (!event || event.at > end) {
          now = end
          return done()
        }
        events.shift()
        now = event.at
        event.run()
      }
      return true
    },
    run: (ms) => void time.runUntil(() => false, ms),
  }
  return time
}
