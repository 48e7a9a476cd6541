import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const projectRoot = fileURLToPath(new URL('..', import.meta.url))

export interface Ended {
  /** undefined when a signal ended it. */
  readonly exitCode: number | undefined
}

export interface RunningCommand {
  readonly ended: Promise<Ended>
  kill(signal: NodeJS.Signals): void
}

/**
 * Runs a JavaScript file of the project with this very Node; all it prints goes to `print` as it comes,
 * both streams into one, so that a piped log keeps its order.
 */
export function runCommand(
  script: string,
  args: readonly string[],
  print: (text: string) => void,
  nodeFlags: readonly string[] = [],
): RunningCommand {
  const child = spawn(process.execPath, [...nodeFlags, script, ...args], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: process.stdout.isTTY ? { ...process.env, FORCE_COLOR: '1' } : process.env,
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', print)
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ exitCode: code ?? undefined }))
  })
  // Being told to stop means the child first, which would otherwise run on alone, then ourselves.
  const stop = (signal: NodeJS.Signals) => {
    child.once('close', () => process.kill(process.pid, signal))
    child.kill(signal)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  child.once('close', () => {
    process.off('SIGTERM', stop)
    process.off('SIGINT', stop)
  })
  return { ended, kill: (signal) => child.kill(signal) }
}
