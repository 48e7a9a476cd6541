import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { EngineOptions, FromEngine, ToEngine } from '../protocol/messages.ts'

export interface SupervisionLimits {
  /** No sign of life for this long: the process hangs and is killed. */
  readonly heartbeatMs: number
  /** The same while it starts: loading takes a second here, many on a small or busy machine. */
  readonly startMs: number
  /** Resident memory in bytes past which it is killed. */
  readonly maxRss: number
  /** Pause before a start after a death; doubles up to `maxPauseMs` while deaths follow closely. */
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

export interface EngineProcess {
  readonly running: boolean
  readonly restarts: number
  /** Resolves when the first process is ready, at the latest after `ms`: then it goes on starting. */
  started(ms: number): Promise<void>
  /** Messages sent while it is starting wait for it. */
  send(message: ToEngine): void
  close(): Promise<void>
}

interface Deps {
  readonly options: EngineOptions
  readonly limits: SupervisionLimits
  readonly clock: Clock
  readonly log: Log
  readonly onMessage: (message: FromEngine) => void
  /**
   * The process is gone with everything it knew; a new one is on its way.
   * @param heard false: it died while it started, and what was sent waits for the next
   */
  readonly onDeath: (why: string, heard: boolean) => void
}

const SHUTDOWN_MS = 3000
/** For files and names: a write that hangs takes one of them for good. */
const THREADS = '16'
/** Allocator arenas keep what each of many threads once needed; payload does not come from them. */
const ARENAS = '2'
/** Young objects are small and few; the usual 16 MiB only let them lie about. In MiB. */
const YOUNG = 2
/** What is made at the start stays: collected as it grows it costs twice in the first second of a play. MiB. */
const FIRST_HEAP = 48
/** Without compiled code to be found here each start loads what strips types, 17 MiB of it for good. */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/playlink', import.meta.url))
/** A process that lived this long was healthy: the next start is not delayed. */
const HEALTHY_MS = 30_000

/** Keeps one engine process running: starts it, listens to its heart, kills and replaces it. */
export function superviseEngine(deps: Deps): EngineProcess {
  const { clock, limits, log } = deps
  const first = Promise.withResolvers<void>()
  let child: ChildProcess | undefined
  let ready = false
  let queue: ToEngine[] = []
  let restarts = 0
  let closed = false
  let lastSign = clock.steady()
  let startedAt = 0
  let pause = limits.pauseMs
  let restart: NodeJS.Timeout | undefined
  let port = deps.options.port

  const kill = (why: string): void => {
    log.warn({ why }, 'the torrent engine is ended')
    child?.kill('SIGKILL')
  }

  function start(): void {
    restart = undefined
    ready = false
    lastSign = startedAt = clock.steady()
    const options = JSON.stringify({ ...deps.options, port })
    const started = fork(new URL('../engine/engine.ts', import.meta.url), [options], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...{ UV_THREADPOOL_SIZE: THREADS, MALLOC_ARENA_MAX: ARENAS, NODE_COMPILE_CACHE: COMPILED },
        ...process.env,
      },
      execArgv: [
        '--no-warnings',
        `--initial-old-space-size=${FIRST_HEAP}`,
        `--max-old-space-size=${Math.round(limits.maxRss / 2 ** 21)}`,
        `--max-semi-space-size=${YOUNG}`,
      ],
    })
    child = started
    for (const stream of [started.stdout, started.stderr]) {
      if (stream)
        createInterface({ input: stream }).on('line', (line) => log.debug({ line }, 'engine'))
    }
    started.on('message', (message) => {
      if (child === started) heard(message as FromEngine)
    })
    started.on('error', (err) => log.error({ err }, 'the torrent engine could not be reached'))
    started.once('exit', (code, signal) => died(started, signal ?? `exit code ${code}`))
  }

  function heard(message: FromEngine): void {
    lastSign = clock.steady()
    if (message.t === 'ready') {
      ready = true
      first.resolve()
      const waiting = queue
      queue = []
      for (const m of waiting) child?.send(m, ignoreSendError)
    }
    if (message.t === 'alive' && message.rss > limits.maxRss) {
      kill(`it uses ${Math.round(message.rss / 2 ** 20)} MiB of memory`)
    }
    deps.onMessage(message)
  }

  function died(which: ChildProcess, why: string): void {
    if (child !== which) return
    child = undefined
    const wasReady = ready
    ready = false
    if (closed) return
    if (wasReady) queue = []
    restarts++
    const lived = clock.steady() - startedAt
    pause = lived > HEALTHY_MS ? limits.pauseMs : Math.min(pause * 2, limits.maxPauseMs)
    // A fixed port that is taken would end every process: after one try any port will do.
    if (!wasReady && port !== 0) {
      log.error({ port }, 'TORRENT_PORT cannot be used; going on with any free port')
      port = 0
    }
    log.error({ why, restarts }, 'the torrent engine died and is started again')
    restart = setTimeout(start, pause)
    deps.onDeath(why, wasReady)
  }

  const watch = setInterval(
    () => {
      const patience = ready ? limits.heartbeatMs : limits.startMs
      if (child && clock.steady() - lastSign > patience) kill('it does not answer')
    },
    Math.min(500, limits.heartbeatMs / 4),
  )

  start()
  return {
    get running() {
      return ready
    },
    get restarts() {
      return restarts
    },
    async started(ms) {
      const late = Promise.withResolvers<void>()
      const timer = setTimeout(late.resolve, ms)
      await Promise.race([first.promise, late.promise])
      clearTimeout(timer)
    },
    send(message) {
      if (closed) return
      if (ready) child?.send(message, ignoreSendError)
      else queue.push(message)
    },
    async close() {
      if (closed) return
      closed = true
      clearInterval(watch)
      clearTimeout(restart)
      const ending = child
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
      const exited = new Promise<void>((resolve) => ending.once('exit', () => resolve()))
      ending.send({ t: 'shutdown' } satisfies ToEngine, ignoreSendError)
      const last = setTimeout(() => ending.kill('SIGKILL'), SHUTDOWN_MS)
      await exited
      clearTimeout(last)
    },
  }
}

/** A process that dies while it is written to is reported by its exit. */
function ignoreSendError(): void {}
