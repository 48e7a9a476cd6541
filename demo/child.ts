import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A process of the demo, from its start to its last word. */
export interface Child {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined
  /** Resolves when it has ended: `exit code 1` or `SIGKILL`, and the last it wrote. */
  readonly ended: Promise<string>
  /** SIGTERM, and SIGKILL to one that does not heed it. Resolves when it is gone. */
  stop(): Promise<void>
}

/** Demo and all have 3 s to end. */
const TIMEOUT_MS = 2000
const LAST_LINES = 6

/**
 * Takes over a process with piped stdout and stderr.
 * @param onLine every line that it writes on either
 */
export function overseen(child: ChildProcess, onLine: (line: string) => void = () => {}): Child {
  const last: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      last.push(line)
      if (last.length > LAST_LINES) last.shift()
      onLine(line)
    })
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${error.message}`))
    child.once('close', (code, signal) =>
      resolve([signal ?? `exit code ${code}`, ...last].join('\n  ')),
    )
  })
  return {
    pid: child.pid,
    ended,
    async stop() {
      child.kill('SIGTERM')
      const enough = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
      await ended
      clearTimeout(enough)
    },
  }
}
