import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { childrenOf } from '../test/support/server/processes.ts'

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const
const ends = new Set<() => void>()

/**
 * Call at the start of a bench. However it ends, by a signal or an error too, it leaves no process behind that it
 * or one of these started, in whatever group, no temporary folder, and nothing that was given to `onEnd`.
 */
export function leaveNothingBehind(): void {
  const folder = mkdtempSync(join(tmpdir(), 'playlink-bench-'))
  // For what is put there from now on, by this process and those that it starts.
  process.env.TMPDIR = folder
  onEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  process.once('exit', () => {
    killDescendants(process.pid)
    for (const end of [...ends].reverse()) {
      try {
        end()
      } catch (error) {
        process.stderr.write(`left behind: ${error}\n`)
      }
    }
  })
  for (const name of SIGNALS) process.once(name, () => process.exit(128 + constants.signals[name]))
}

/**
 * @param end called at the end of this process, last first; it must not wait
 * @returns to be called when that has been done before
 */
export function onEnd(end: () => void): () => void {
  ends.add(end)
  return () => void ends.delete(end)
}

/** From the leaves on: whose parent has ended is nobody's. */
function killDescendants(pid: number): void {
  for (const child of childrenOf(pid)) {
    killDescendants(child)
    try {
      process.kill(child, 'SIGKILL')
    } catch {
      // It has just gone.
    }
  }
}
