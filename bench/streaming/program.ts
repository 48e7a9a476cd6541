import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { exitOf, hasExited, killGroup } from '../../test/support/server/processes.ts'
import { within } from '../../test/support/wait.ts'

/** Fifty seeders of a process take a while to open on a busy machine. */
const PATIENCE_MS = 60_000

export interface Program {
  readonly pid: number
  /** The first line it printed. */
  readonly firstLine: string
  /** Writes a line to its input; answers the next line that it prints. */
  ask(line: string): Promise<string>
  stop(): Promise<void>
}

/** Starts a program in a group of its own and waits for its first line; `quiet` ones print none. */
export async function startProgram(
  command: readonly [string, ...string[]],
  options: { cwd?: string; quiet?: boolean } = {},
): Promise<Program> {
  const [file, ...args] = command
  const child = spawn(file, args, {
    ...{ stdio: ['pipe', 'pipe', 'inherit'], detached: true },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${file} could not be started`)
  const stop = async (): Promise<void> => {
    if (hasExited(child)) return
    killGroup(pid, 'SIGTERM')
    await within(`${file} to end`, 2000, exitOf(child)).catch(() => killGroup(pid))
  }
  const lines = createInterface({ input: child.stdout })
  const nextLine = (): Promise<string> => {
    const next = new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      child.once('exit', (code) => reject(new Error(`${command.join(' ')} ended (${code})`)))
    })
    return within(`a line of ${file}`, PATIENCE_MS, next)
  }
  const ask = (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`)
    return nextLine()
  }
  if (options.quiet) return { pid, firstLine: '', ask, stop }
  try {
    return { pid, firstLine: await nextLine(), ask, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
