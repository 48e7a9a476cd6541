import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { exitOf, hasExited, killGroup } from '../../test/support/server/processes.ts'
import { within } from '../../test/support/wait.ts'

export interface Program {
  readonly pid: number
  /** The first line it printed. */
  readonly firstLine: string
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
  if (options.quiet) return { pid, firstLine: '', stop }
  try {
    const first = new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      child.once('exit', (code) => reject(new Error(`${command.join(' ')} ended (${code})`)))
    })
    return { pid, firstLine: await within(`a line of ${file}`, 15_000, first), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
