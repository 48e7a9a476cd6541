import { setImmediate as nextTurn } from 'node:timers/promises'

/** A fifth of what a viewer's request may wait for the event loop. */
const SLICE_MS = 4

/**
 * For long loops: call it in each round and wait for what it gives, if anything. Awaiting calls that
 * are answered at once (an index in this process) never lets anybody else have a turn.
 */
export function createEventLoopYield(): () => Promise<void> | undefined {
  let began = performance.now()
  return () => {
    if (performance.now() - began < SLICE_MS) return undefined
    return nextTurn().then(() => {
      began = performance.now()
    })
  }
}
