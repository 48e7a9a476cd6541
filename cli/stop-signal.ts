import type { Log } from '../common/log.ts'

/** A terminal and systemd tell the whole process group, and npm hands on what it was told: one stop, twice. */
const SAME_STOP_MS = 1000

/**
 * Resolves at the first SIGTERM or SIGINT. One that comes a second or more after it ends the process
 * at once, after `destroy` has cut what is still open.
 */
export async function stopSignal(log: Log, destroy: () => void): Promise<void> {
  const stop = Promise.withResolvers<NodeJS.Signals>()
  let first: number | undefined
  const heard = (name: NodeJS.Signals): void => {
    first ??= performance.now()
    stop.resolve(name)
    if (performance.now() - first < SAME_STOP_MS) return
    destroy()
    process.exit(1)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, heard)
  log.info({ signal: await stop.promise }, 'stopping')
}
