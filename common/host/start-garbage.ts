import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A first list or play comes within seconds of the start, if at all; the collection holds up for 0.1 s. */
const AFTER_MS = 10_000

/**
 * Gives back what the start has left in memory, once and when nothing plays. V8 collects when it has allocated
 * so much more, which a server that nobody uses never does: it kept 23 of 145 MiB for ever (2026-11-28).
 * @param isIdle whether nobody would notice now; else it is asked again later
 * @returns ends it
 */
export function collectStartGarbage(isIdle: () => boolean, collect = collectAll): () => void {
  const timer = setInterval(() => {
    if (!isIdle()) return
    clearInterval(timer)
    collect()
  }, AFTER_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** The flag is set for this one context: nothing of the program gets a `gc` of its own. */
function collectAll(): void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('globalThis.gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof gc === 'function') gc()
}
