import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { videoPath } from '../../../demo/titles.ts'
import { eventually, within } from '../wait.ts'
import { childrenOf, endGroup, exitOf, hasExited, killGroup } from './processes.ts'

const ROOT = new URL('../../../', import.meta.url).pathname

export interface Demo {
  readonly pid: number
  readonly child: ChildProcess
  /** The folder that it has for its temporary ones. */
  readonly temp: string
  said(): string
  /** Waits for the text that tells it runs; answers the base URL in it. */
  ready(): Promise<string>
  /** Its exit code, once it and everything it started are gone. */
  ended(): Promise<number | string>
}

const demos: Demo[] = []

/** `npm run demo` without npm, in a process group of its own, as a terminal would start it. */
export async function runDemo(
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Demo> {
  const temp = await mkdtemp(join(tmpdir(), 'demo-test-'))
  const child = spawn(process.execPath, ['demo/demo.ts', ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    // settings of one's own are not to reach the demo's server
    env: { PATH: process.env.PATH ?? '', TMPDIR: temp, PORT: '0', CACHE_BACKEND: 'no', ...env },
  })
  const parts: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => parts.push(part))
  child.stderr.on('data', (part: Buffer) => parts.push(part))
  const said = (): string => Buffer.concat(parts).toString()
  const pid = child.pid ?? 0
  const demo: Demo = {
    pid,
    child,
    temp,
    said,
    ready: async () => {
      const running = () => said().includes('Ctrl-C ends everything') || hasExited(child)
      await eventually('a demo that runs', running, 90_000, said)
      if (hasExited(child)) throw new Error(`the demo did not start: ${said()}`)
      return /(http:\S+)\/manifest\.json/.exec(said())?.[1] ?? ''
    },
    ended: async () => {
      const code = await within(`the demo to end: ${said()}`, 60_000, exitOf(child))
      await endGroup(pid, 'the demo')
      return code
    },
  }
  demos.push(demo)
  return demo
}

/** Of all tests of a file. */
export async function endDemos(): Promise<void> {
  for (const { pid, temp } of demos.splice(0)) {
    killGroup(pid)
    await rm(temp, { recursive: true, force: true })
  }
}

/** The process that the demo started with this in its command line. */
export async function childRunning(demo: Demo, script: string): Promise<number> {
  const pids = childrenOf(demo.pid)
  const commands = await Promise.all(pids.map(commandOf))
  const pid = pids[commands.findIndex((command) => command.includes(script))]
  if (pid === undefined) throw new Error(`no child runs ${script}`)
  return pid
}

const commandOf = (pid: number): Promise<string> =>
  readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')

/** What it plays. */
export const video = (name: string): Promise<Buffer> => readFile(videoPath(name))
