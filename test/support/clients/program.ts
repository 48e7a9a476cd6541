import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { exitOf, hasExited, killGroup } from '../server/processes.ts'
import { eventually, within } from '../wait.ts'

const STOP_MS = 15_000

export interface Program {
  log(): string
  /**
   * Waits until somebody listens at a TCP port, as Linux tells it of the network that the program is
   * in: nobody's connection is spent on it.
   */
  listensAt(port: number): Promise<void>
  /** Writes one JSON object a line and reads one: of our own scripts around a client's library. */
  ask(command: object): Promise<Readonly<Record<string, unknown>>>
  /** SIGTERM, and SIGKILL of its group for what is still there later. */
  stop(): Promise<void>
}

/** A client's process, in a group of its own; nothing of the developer's settings comes through. */
export function startProgram(words: readonly string[], home: string): Program {
  const [command = '', ...args] = words
  const child = spawn(command, args, {
    cwd: home,
    env: { PATH: `${process.env.PATH}:/usr/sbin`, HOME: home, LC_ALL: 'C.UTF-8', TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const said: string[] = []
  child.once('error', (error) => said.push(String(error)))
  child.stdin.on('error', (error) => said.push(String(error)))
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(`${line}\n`)
    if (line.startsWith('{')) lines.push(line)
  })
  const log = (): string => said.join('').slice(-4000)
  return {
    log,
    listensAt: async (port) => {
      const isThere = () => hasListener(child.pid, port)
      await eventually(`somebody who listens at ${port}`, isThere, 60_000, log)
    },
    ask: async (order) => {
      child.stdin.write(`${JSON.stringify(order)}\n`)
      const line = await eventually(
        `an answer of ${words.join(' ').slice(0, 80)}`,
        () => lines.shift() ?? (hasExited(child) ? `{"error":"it ended"}` : undefined),
        90_000,
        log,
      )
      const answer = JSON.parse(line)
      if (answer.error) throw new Error(`${answer.error}\n${log()}`)
      return answer
    },
    stop: async () => {
      if (child.pid === undefined) return
      child.kill('SIGTERM')
      await within(`${command} to end`, STOP_MS, exitOf(child)).catch(() => {})
      killGroup(child.pid)
      await exitOf(child)
    },
  }
}

/** What a program says of its version; undefined when it cannot be run. */
export function versionOf(
  command: readonly [string, ...string[]],
  pattern: RegExp,
): string | undefined {
  const [program, ...args] = command
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return pattern.exec(`${stdout}\n${stderr}`)?.[1]
}

const TCP_LISTEN = '0A'

function hasListener(pid: number | undefined, port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const listens = (table: string): boolean =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .some(([, local, , state]) => local?.endsWith(suffix) && state === TCP_LISTEN)
  try {
    return listens('tcp') || listens('tcp6')
  } catch {
    // The process is gone: what waits says what it had said.
    return false
  }
}
