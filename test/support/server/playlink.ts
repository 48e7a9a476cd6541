import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { startCommand } from '../../../scripts/start-command.ts'
import { eventually, within } from '../wait.ts'
import { childrenOf, endGroup, exitOf, hasExited, isRunning, killGroup } from './processes.ts'
import { ask } from './request.ts'

const ROOT = new URL('../../../', import.meta.url).pathname
/** SHUTDOWN_GRACE is 3 s; tests whose grace is longer end their streams first, or see that nobody waits. */
const STOP_MS = 20_000

export type Env = Readonly<Record<string, string>>

export interface LogLine {
  readonly level: number
  readonly msg?: string
  readonly port?: number
  readonly [key: string]: unknown
}

export interface Playlink {
  readonly base: string
  readonly port: number
  readonly pid: number
  readonly cacheDir: string
  /** Everything on stdout and stderr so far. */
  log(): string
  /** The child process that speaks BitTorrent; waits until there is one. */
  enginePid(): Promise<number>
  signal(name: NodeJS.Signals): void
  /** Exit code, or the signal's name. */
  exited(): Promise<number | string>
  /** SIGTERM, then the wait; a process that stays behind fails the test. */
  stop(): Promise<void>
  /** SIGKILL of the whole group. */
  kill(): Promise<void>
}

/** The variables every test starts from: nothing of the developer's own environment comes through. */
export function environment(folder: string, env: Env): Record<string, string> {
  const cacheDir = join(folder, 'cache')
  return {
    PATH: process.env.PATH ?? '',
    NODE_OPTIONS: `--import=${new URL('./loopback-only.ts', import.meta.url).href}`,
    HOME: folder,
    HOST: '127.0.0.1',
    PORT: '0',
    CACHE_DIR: cacheDir,
    OUTBOUND_ALLOW: '127.0.0.0/8',
    ARCHIVE_ORG: 'off',
    CINEMETA_URL: 'off',
    DHT: 'off',
    SHUTDOWN_GRACE: '3',
    // All of a test's viewers have one address.
    RATE_LIMIT: 'off',
    ...env,
  }
}

/** How it is run, where not as `npm start` does. */
export interface Launch {
  /** How many files and sockets it may have open. */
  readonly openFiles?: number | undefined
  /** For Node, in place of the start script's. */
  readonly args?: readonly string[]
  readonly cwd?: string
  /** Put before the command, it becomes it: a user, a namespace, a group with a limit. */
  readonly enter?: readonly string[]
}

/** Runs what `npm start` runs, without waiting for it to serve. */
export function launch(
  env: Record<string, string>,
  { openFiles, args, cwd = ROOT, enter = [] }: Launch = {},
): { child: ChildProcess; log: () => string } {
  const command = args ? { args, env: {} } : startCommand()
  const limit = openFiles === undefined ? '' : `ulimit -n ${openFiles}; `
  const words = [...enter, process.execPath, ...command.args]
  const child = spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', ...words], {
    cwd,
    env: { ...command.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const parts: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => parts.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => parts.push(chunk))
  return { child, log: () => Buffer.concat(parts).toString() }
}

/** Starts the server on a free port and waits until /health answers. */
export async function startPlaylink(
  folder: string,
  env: Env = {},
  how?: Launch,
): Promise<Playlink> {
  const variables = environment(folder, env)
  const { child, log } = launch(variables, how)
  const pid = child.pid
  if (pid === undefined) throw new Error('main.ts could not be started')
  try {
    const port = await eventually('a log line with the port', () => listeningPort(child, log))
    const base = `http://${variables.HOST === '::1' ? '[::1]' : '127.0.0.1'}:${port}`
    await eventually('/health', () => answers(`${base}/health`))
    return running(child, pid, { base, port, cacheDir: variables.CACHE_DIR ?? '', log })
  } catch (error) {
    killGroup(pid)
    throw new Error(`playlink did not start:\n${log().slice(-4000)}`, { cause: error })
  }
}

function listeningPort(child: ChildProcess, log: () => string): number | undefined {
  if (hasExited(child)) throw new Error(`exit ${child.exitCode ?? child.signalCode}`)
  return logLines(log()).find((line) => line.msg?.includes('listening') && line.port)?.port
}

/** pino's JSON lines; anything else on the way is left out. */
export function logLines(log: string): LogLine[] {
  return log.split('\n').flatMap((line) => {
    try {
      return line.startsWith('{') ? [JSON.parse(line) as LogLine] : []
    } catch {
      return []
    }
  })
}

const answers = (url: string): Promise<boolean> =>
  ask(url, { timeout: 2000 }).then(
    (answer) => answer.status === 200,
    () => false,
  )

function running(
  child: ChildProcess,
  pid: number,
  known: Pick<Playlink, 'base' | 'port' | 'cacheDir' | 'log'>,
): Playlink {
  const kill = async (): Promise<void> => {
    killGroup(pid)
    await exitOf(child)
    await endGroup(pid, 'playlink')
  }
  return {
    ...known,
    pid,
    enginePid: () => eventually('an engine process', () => childrenOf(pid)[0]),
    signal: (name) => void child.kill(name),
    exited: () => exitOf(child),
    kill,
    stop: async () => {
      // a child in a group of its own would slip through endGroup
      const children = childrenOf(pid)
      if (!hasExited(child)) child.kill('SIGTERM')
      try {
        await within('playlink to end after SIGTERM', STOP_MS, exitOf(child))
      } catch (error) {
        await kill()
        throw new Error(`${String(error)}\n${known.log().slice(-2000)}`)
      }
      await endGroup(pid, 'playlink')
      await eventually('the engine gone', () => !children.some(isRunning))
    },
  }
}
