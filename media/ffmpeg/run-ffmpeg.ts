import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setPriority } from 'node:os'
import { errorCode, Fault } from '../../common/errors.ts'

export interface FfmpegLimits {
  /** Milliseconds until it is killed. */
  readonly ms: number
  readonly cpuSeconds: number
  /** As nice(1): 0 as the server itself, 19 last of all. */
  readonly niceness?: number
}

/** A segment of audio takes a fraction of a second. */
export const OF_SOUND: FfmpegLimits = { ms: 60_000, cpuSeconds: 30 }
/** A minute of picture at the most bits a second. */
const MOST_OUTPUT = 32 << 20
const PRLIMIT = '/usr/bin/prlimit'
/** Address space (a gibibyte, of which it touches some 40 MiB for sound), files, no core. */
const LIMITS = ['--as=1073741824', '--nofile=32', '--core=0']
/** Nothing but pipes: no file, no address. It says nothing, asks nothing, and uses one core. */
const ALWAYS = ['-nostdin', '-v', 'quiet', '-threads', '1', '-filter_threads', '1']
/** Of the input and of the output alike; the whitelist stands before the input that it is for. */
export const PIPES_ONLY = ['-protocol_whitelist', 'pipe']

/** Whatever runs it. */
export interface Ffmpeg {
  readonly run: typeof runFfmpeg
}

/** It was ended for the time it took. */
export class TookTooLong extends Fault {
  constructor() {
    super('MEDIA_UNREADABLE')
  }
}

/**
 * Runs ffmpeg from one pipe to another, without settings of ours in its environment. It is killed when
 * nobody waits any more.
 * @throws Fault NO_CONVERTER (it is not installed), MEDIA_UNREADABLE, TookTooLong; the reason of the signal
 */
export async function runFfmpeg(
  args: readonly string[],
  input: Uint8Array,
  signal: AbortSignal,
  { ms, cpuSeconds, niceness = 0 }: FfmpegLimits = OF_SOUND,
): Promise<Buffer> {
  signal.throwIfAborted()
  const limits = existsSync(PRLIMIT)
    ? [PRLIMIT, ...LIMITS, `--cpu=${cpuSeconds}`, 'ffmpeg']
    : ['ffmpeg']
  const [program = 'ffmpeg', ...before] = limits
  const child = spawn(program, [...before, ...ALWAYS, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
  })
  if (child.pid !== undefined && niceness !== 0) giveWay(child.pid, niceness)
  const kill = (): void => void child.kill('SIGKILL')
  let isLate = false
  const late = setTimeout(() => {
    isLate = true
    kill()
  }, ms)
  signal.addEventListener('abort', kill, { once: true })
  try {
    const { output, code } = await outcomeOf(child, input)
    signal.throwIfAborted()
    if (code === NOT_FOUND) throw new Fault('NO_CONVERTER')
    if (code === 0) return output
    throw isLate ? new TookTooLong() : new Fault('MEDIA_UNREADABLE')
  } finally {
    clearTimeout(late)
    signal.removeEventListener('abort', kill)
    kill()
  }
}

/** What prlimit ends with where the program is not there (env(1), POSIX). */
const NOT_FOUND = 127

async function outcomeOf(child: ChildProcess, input: Uint8Array) {
  const { stdin, stdout } = child
  const chunks: Buffer[] = []
  let size = 0
  stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > MOST_OUTPUT) child.kill('SIGKILL')
    else chunks.push(chunk)
  })
  // It has what it needs, or has ended: the exit code tells.
  stdin?.on('error', () => undefined)
  stdin?.end(input)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return NOT_FOUND
    throw error
  })
  return { output: Buffer.concat(chunks), code: size > MOST_OUTPUT ? 1 : code }
}

function giveWay(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness)
  } catch {
    // It has ended, or the system has no such thing: it is a kindness only.
  }
}
