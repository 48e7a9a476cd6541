import { type ChildProcess, fork } from 'node:child_process'
import { Fault } from '../../common/errors.ts'
import { bareEnvironment } from '../../common/host/bare-environment.ts'
import { moduleBeside } from '../../common/host/module-beside.ts'
import type { ForkFault, FromForkServer, ToForkServer } from './fork-server-messages.ts'
import { type FfmpegLimits, OF_SOUND, TookTooLong } from './run-ffmpeg.ts'

const ENTRY = moduleBeside('./fork-server-process', import.meta.url)
/** It holds some 9 MiB of its own, and takes 60 ms to start. */
const IDLE_MS = 60_000
/** What it started has been killed long before. */
const END_MS = 5000
const HUNG_MS = 5000
const RETRY_SECONDS = 3
/** What passes through is as large, and soon gone. */
const MAX_SEMI_SPACE_MIB = 2

type Waiting = PromiseWithResolvers<Buffer>

/**
 * A small process that starts ffmpeg for this one. Node starts a program by fork(2), which copies the tables of all
 * memory that a process has: of a server with 300 MiB that held up everything for 10 to 25 ms each time, and each segment
 * of sound is one program (docs/decisions/0049-who-starts-ffmpeg.md).
 */
export class ForkServer {
  readonly #waiting = new Map<number, Waiting>()
  #child: ChildProcess | undefined
  #lastId = 0
  #idle: NodeJS.Timeout | undefined
  #isClosed = false
  /** Of one that nobody used. */
  #ending: Promise<void> | undefined

  /**
   * As runFfmpeg.
   * @throws what that throws; Fault TOO_MANY_CONVERSIONS when the small process ended or could not be started
   */
  async run(
    args: readonly string[],
    input: Uint8Array,
    signal: AbortSignal,
    limits: FfmpegLimits = OF_SOUND,
  ): Promise<Buffer> {
    signal.throwIfAborted()
    if (this.#isClosed) throw new Error('closed')
    const id = ++this.#lastId
    const waiting = Promise.withResolvers<Buffer>()
    const leave = (): void => {
      this.#say({ cancel: id })
      waiting.reject(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    clearTimeout(this.#idle)
    this.#waiting.set(id, waiting)
    // It has ended what it started by then, unless it hangs itself.
    const hung = setTimeout(() => this.#child?.kill('SIGKILL'), limits.ms + HUNG_MS)
    hung.unref()
    try {
      this.#child ??= this.#start()
      this.#say({ id, args, input, limits })
      return await waiting.promise
    } finally {
      clearTimeout(hung)
      signal.removeEventListener('abort', leave)
      this.#waiting.delete(id)
      if (this.#waiting.size === 0) this.#rest()
    }
  }

  /** Resolves when it is gone, and all it started. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#end()
    await this.#ending
  }

  #start(): ChildProcess {
    const child = forkProcess()
    child.on('message', (message) => this.#take(message as FromForkServer))
    const over = (): void => this.#over(child)
    child.on('error', over)
    child.on('exit', over)
    child.unref()
    child.channel?.unref()
    return child
  }

  #say(message: ToForkServer): void {
    // Where it is gone `exit` tells whoever waits.
    if (this.#child?.connected) this.#child.send(message, () => undefined)
  }

  #take({ id, ...outcome }: FromForkServer): void {
    const waiting = this.#waiting.get(id)
    if ('output' in outcome) {
      const { buffer, byteOffset, byteLength } = outcome.output
      waiting?.resolve(Buffer.from(buffer, byteOffset, byteLength))
    } else waiting?.reject(faultOf(outcome.fault))
  }

  /** Killed for memory, most likely, or the system has no process left: the next one who asks tries again. */
  #over(child: ChildProcess): void {
    if (this.#child !== child) return
    this.#child = undefined
    for (const waiting of this.#waiting.values()) waiting.reject(tooMany())
  }

  #rest(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => {
      this.#ending = this.#end()
    }, IDLE_MS)
    this.#idle.unref()
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle)
    const child = this.#child
    if (!child) return
    this.#over(child)
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const late = setTimeout(() => child.kill('SIGKILL'), END_MS)
    if (child.connected) child.disconnect()
    await gone
    clearTimeout(late)
  }
}

function faultOf(told: ForkFault): Fault {
  if (told === 'late') return new TookTooLong()
  return told === 'busy' ? tooMany() : new Fault(told)
}

const tooMany = (cause?: unknown): Fault =>
  new Fault('TOO_MANY_CONVERSIONS', { retryAfterSeconds: RETRY_SECONDS }, { cause })

function forkProcess(): ChildProcess {
  try {
    return fork(ENTRY, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', ...bareEnvironment },
      execArgv: ['--no-warnings', `--max-semi-space-size=${MAX_SEMI_SPACE_MIB}`],
    })
  } catch (cause) {
    throw tooMany(cause)
  }
}
