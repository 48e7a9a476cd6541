import { createEventLoopYield } from '../permits/event-loop-yield.ts'

/** Work that stops now and then, and goes on when it is told to. */
export type Steps<T> = Generator<void, T>

/** Where nobody else waits, as in the engine and in workers. @throws what the work throws */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Others have their turn in between. @throws what the work throws */
export async function inParts<T>(steps: Steps<T>): Promise<T> {
  const pause = createEventLoopYield()
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    const paused = pause()
    if (paused) await paused
  }
}
