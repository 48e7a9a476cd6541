import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { EngineOptions, FromEngine, ToEngine } from '../protocol/messages.ts'

export interface SupervisionLimits {
  /** Without a message for this long the process hangs, and is killed. */
  readonly heartbeatMs: number
  /** The same while it starts: loading takes a second, and many on a small or busy machine. */
  readonly startMs: number
  /** Resident memory in bytes past which it is killed. */
  readonly maxRss: number
  /** Pause between a death and the next start; doubled by each early death, up to `maxPauseMs`. */
  readonly pauseMs: number
  readonly maxPauseMs: number
}

export const usualLimits: SupervisionLimits = {
  heartbeatMs: 5000,
  startMs: 30_000,
  maxRss: 1024 << 20,
  pauseMs: 100,
  maxPauseMs: 5000,
}

interface Deps {
  readonly options: EngineOptions
  readonly limits: SupervisionLimits
  readonly clock: Clock
  readonly log: Log
  readonly onMessage: (message: FromEngine) => void
  /**
   * The process is gone with everything it knew; the next one will be started.
   * @param wasReady false: it died while it started, and what was sent waits for the next one
   */
  readonly onDeath: (why: string, wasReady: boolean) => void
}

/** After a request to shut down the process is killed this late. */
const SHUTDOWN_MS = 3000
/** Threads for files and names. A write that hangs takes one of them for good. */
const UV_THREADPOOL_SIZE = '16'
/** Every arena of the C allocator keeps what it once needed, and many threads make many arenas. */
const MALLOC_ARENA_MAX = '2'
/** Young objects are small and few here: with the usual 16 MiB they only stay in memory longer. */
const MAX_SEMI_SPACE_MIB = 2
/**
 * What is loaded at the start stays. With a heap that grows bit by bit it is collected again and
 * again, which costs twice the time in the first second of a play.
 */
const INITIAL_OLD_SPACE_MIB = 48
/** Without a compile cache each start loads the code that strips types: 17 MiB that are never freed. */
const NODE_COMPILE_CACHE = fileURLToPath(
  new URL('../../node_modules/.cache/playlink', import.meta.url),
)
/** A process that lived this long was healthy: the next one is started after the shortest pause. */
const HEALTHY_MS = 30_000

/** Keeps one engine process running: starts it, watches its heartbeat, kills and replaces it. */
export class EngineProcess {
  readonly #deps: Deps
  readonly #firstReady = Promise.withResolvers<void>()
  readonly #watch: NodeJS.Timeout
  #child: ChildProcess | undefined
  #ready = false
  /** Messages that wait until the process is ready. */
  #queue: ToEngine[] = []
  /** What each process is told first. */
  #standing: ToEngine | undefined
  #restarts = 0
  #closed = false
  #lastSign: number
  #startedAt = 0
  #pauseMs: number
  #restart: NodeJS.Timeout | undefined
  #port: number

  constructor(deps: Deps) {
    const { clock, limits, options } = deps
    this.#deps = deps
    this.#lastSign = clock.steady()
    this.#pauseMs = limits.pauseMs
    this.#port = options.port
    this.#watch = setInterval(() => this.#killIfSilent(), Math.min(500, limits.heartbeatMs / 4))
    this.#start()
  }

  get running(): boolean {
    return this.#ready
  }

  get restarts(): number {
    return this.#restarts
  }

  /** Resolves when the first process is ready, at the latest after `ms`: then it goes on starting. */
  async started(ms: number): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, ms)
    await Promise.race([this.#firstReady.promise, late.promise])
    clearTimeout(timer)
  }

  /** A message that is sent while the process starts waits for it. */
  send(message: ToEngine): void {
    if (this.#closed) return
    if (this.#ready) this.#child?.send(message, ignoreSendError)
    else this.#queue.push(message)
  }

  /** Sends it to this process, and to each one that comes after it. */
  sendToEach(message: ToEngine): void {
    this.#standing = message
    if (this.#ready) this.send(message)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#watch)
    clearTimeout(this.#restart)
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.send({ t: 'shutdown' } satisfies ToEngine, ignoreSendError)
    const timer = setTimeout(() => child.kill('SIGKILL'), SHUTDOWN_MS)
    await exited
    clearTimeout(timer)
  }

  #start(): void {
    const { clock, limits, log, options } = this.#deps
    this.#restart = undefined
    this.#ready = false
    this.#lastSign = this.#startedAt = clock.steady()
    const child = forkEngine({ ...options, port: this.#port }, limits.maxRss)
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => log.debug({ line }, 'engine'))
    }
    child.on('message', (message) => {
      if (this.#child === child) this.#received(message as FromEngine)
    })
    child.on('error', (err) => log.error({ err }, 'the torrent engine could not be reached'))
    child.once('exit', (code, signal) => this.#died(child, signal ?? `exit code ${code}`))
  }

  #received(message: FromEngine): void {
    this.#lastSign = this.#deps.clock.steady()
    if (message.t === 'ready') {
      this.#ready = true
      this.#firstReady.resolve()
      if (this.#standing) this.send(this.#standing)
      const queue = this.#queue
      this.#queue = []
      for (const waiting of queue) this.#child?.send(waiting, ignoreSendError)
    }
    if (message.t === 'alive' && message.rss > this.#deps.limits.maxRss) {
      this.#kill(`it uses ${Math.round(message.rss / 2 ** 20)} MiB of memory`)
    }
    this.#deps.onMessage(message)
  }

  #died(child: ChildProcess, why: string): void {
    if (this.#child !== child) return
    const { clock, limits, log } = this.#deps
    this.#child = undefined
    const wasReady = this.#ready
    this.#ready = false
    if (this.#closed) return
    if (wasReady) this.#queue = []
    this.#restarts++
    const isHealthy = clock.steady() - this.#startedAt > HEALTHY_MS
    this.#pauseMs = isHealthy ? limits.pauseMs : Math.min(this.#pauseMs * 2, limits.maxPauseMs)
    // A fixed port that is taken would end every process: after one try any free port will do.
    if (!wasReady && this.#port !== 0) {
      const port = this.#port
      log.error({ port }, 'TORRENT_PORT cannot be used; going on with any free port')
      this.#port = 0
    }
    log.error({ why, restarts: this.#restarts }, 'the torrent engine died and is started again')
    this.#restart = setTimeout(() => this.#start(), this.#pauseMs)
    this.#deps.onDeath(why, wasReady)
  }

  #killIfSilent(): void {
    const { clock, limits } = this.#deps
    const timeoutMs = this.#ready ? limits.heartbeatMs : limits.startMs
    if (this.#child && clock.steady() - this.#lastSign > timeoutMs) this.#kill('it does not answer')
  }

  #kill(why: string): void {
    this.#deps.log.warn({ why }, 'the torrent engine is ended')
    this.#child?.kill('SIGKILL')
  }
}

function forkEngine(options: EngineOptions, maxRss: number): ChildProcess {
  return fork(new URL('../engine/engine.ts', import.meta.url), [JSON.stringify(options)], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      UV_THREADPOOL_SIZE,
      MALLOC_ARENA_MAX,
      NODE_COMPILE_CACHE,
      ...process.env,
    },
    execArgv: [
      '--no-warnings',
      `--initial-old-space-size=${INITIAL_OLD_SPACE_MIB}`,
      `--max-old-space-size=${Math.round(maxRss / 2 ** 21)}`,
      `--max-semi-space-size=${MAX_SEMI_SPACE_MIB}`,
    ],
  })
}

/** A process that dies while it is written to is noticed by its exit. */
function ignoreSendError(): void {}
