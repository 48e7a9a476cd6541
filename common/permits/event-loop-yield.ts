import { setImmediate as nextTick } from 'node:timers/promises'

/** How long a loop may run without a pause: a fifth of what a request may wait for the event loop. */
const SLICE_MS = 4

/**
 * Lets long loops yield to the event loop. Call the function in every round and await the result: a
 * promise every 4 ms, else undefined. Awaiting an index in this process is not enough, because its
 * promises resolve without giving timers and sockets a chance to run.
 */
export function createEventLoopYield(): () => Promise<void> | undefined {
  let began = performance.now()
  return () => {
    if (performance.now() - began < SLICE_MS) return undefined
    return nextTick().then(() => {
      began = performance.now()
    })
  }
}
