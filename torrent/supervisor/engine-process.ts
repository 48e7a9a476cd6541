import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import {
  type EngineOptions,
  type FromEngine,
  NO_ADDRESS_EXIT,
  type ToEngine,
} from '../protocol/messages.ts'
import { BoundAddress } from './bound-address.ts'
import { forkEngine } from './fork-engine.ts'
import { Pulse } from './pulse.ts'
import type { SupervisionLimits } from './supervision-limits.ts'

export interface EngineProcessDeps {
  readonly options: EngineOptions
  readonly limits: SupervisionLimits
  readonly clock: Clock
  readonly log: Log
  readonly onMessage: (message: FromEngine) => void
  /**
   * The process is gone with everything it knew; the next one will be started.
   * @param wasReady false: it died while it started, and what was sent waits for the next one
   * @param isAway it ended because the address that it leaves by has gone; the next one waits for it
   */
  readonly onDeath: (why: string, wasReady: boolean, isAway: boolean) => void
}

/** After a request to shut down the process is killed this late. */
const SHUTDOWN_MS = 3000
/** How often it is looked whether an address is back. */
const ADDRESS_MS = 250
/** A process that lived this long was healthy: the next one is started after the shortest pause. */
const HEALTHY_MS = 30_000
/** Whatever the machine does, viewers do not wait for more than so many heartbeats. */
const MOST_HEARTBEATS = 6

/** Keeps one engine process running: starts it, watches its heartbeat, kills and replaces it. */
export class EngineProcess {
  readonly #deps: EngineProcessDeps
  readonly #firstReady = Promise.withResolvers<void>()
  readonly #watch: NodeJS.Timeout
  #child: ChildProcess | undefined
  #ready = false
  /** Messages that wait until the process is ready. */
  #queue: ToEngine[] = []
  /** What each process is told first, the last of its kind. */
  readonly #standing = new Map<ToEngine['t'], ToEngine>()
  #listensAt: number | undefined
  #restarts = 0
  #closed = false
  #lastSign: number
  /** When it was last looked whether there was one. */
  #looked: number
  readonly #pulse = new Pulse()
  /** The last sign that the pulse was felt at. */
  #feltSign = 0
  #startedAt = 0
  #pauseMs: number
  #restart: NodeJS.Timeout | undefined
  #port: number
  readonly #address: BoundAddress

  constructor(deps: EngineProcessDeps) {
    const { clock, limits, options } = deps
    this.#deps = deps
    this.#looked = this.#lastSign = clock.steady()
    this.#pauseMs = limits.pauseMs
    this.#port = options.port
    this.#address = new BoundAddress(options.bind, deps.log)
    this.#watch = setInterval(() => this.#killIfSilent(), Math.min(500, limits.heartbeatMs / 4))
    this.#start()
  }

  get running(): boolean {
    return this.#ready
  }

  get restarts(): number {
    return this.#restarts
  }

  /** Where peers connect to, while it runs. */
  get listensAt(): number | undefined {
    return this.#ready ? this.#listensAt : undefined
  }

  /** The address that everything leaves by (TORRENT_BIND) is not here, so no process runs. */
  get away(): boolean {
    return this.#address.away
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
    this.#standing.set(message.t, message)
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
    const { clock, log, options } = this.#deps
    this.#restart = undefined
    this.#ready = false
    if (!this.#address.isHere()) {
      this.#restart = setTimeout(() => this.#start(), ADDRESS_MS)
      return
    }
    this.#lastSign = this.#startedAt = clock.steady()
    const child = this.#fork({ ...options, port: this.#port })
    if (!child) return
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => log.debug({ line }, 'engine'))
    }
    child.on('message', (message) => {
      if (this.#child === child) this.#received(message as FromEngine)
    })
    child.on('error', (err) => {
      log.error({ err }, 'the torrent engine could not be reached')
      // The system has no process left: then there is no `exit`.
      if (child.pid === undefined && this.#child === child) this.#ended(err.message, 'not started')
    })
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return
      if (code === NO_ADDRESS_EXIT) this.#ended('its address has gone', 'away')
      else this.#ended(signal ?? `exit code ${code}`, 'died')
    })
  }

  /** Where there is no memory for one Node throws; it is tried again, as after a death. */
  #fork(options: EngineOptions): ChildProcess | undefined {
    try {
      return forkEngine(options, this.#deps.limits.maxRss)
    } catch (error) {
      setImmediate(() => this.#ended(String(error), 'not started'))
      return undefined
    }
  }

  #received(message: FromEngine): void {
    this.#lastSign = this.#deps.clock.steady()
    if (message.t === 'ready') {
      this.#ready = true
      this.#firstReady.resolve()
      this.#listensAt = message.port || undefined
      for (const standing of this.#standing.values()) this.send(standing)
      const queue = this.#queue
      this.#queue = []
      for (const waiting of queue) this.#child?.send(waiting, ignoreSendError)
    }
    if (message.t === 'alive' && message.rss > this.#deps.limits.maxRss) {
      this.#kill(`it uses ${Math.round(message.rss / 2 ** 20)} MiB of memory`)
    }
    this.#deps.onMessage(message)
  }

  /** @param how of what is `away` the next one waits for the address; it has done nothing wrong */
  #ended(why: string, how: 'died' | 'not started' | 'away'): void {
    this.#child = undefined
    const wasReady = this.#ready
    this.#ready = false
    if (this.#closed) return
    if (wasReady) this.#queue = []
    if (how === 'away') this.#start()
    else this.#restartLater(why, how === 'died' && !wasReady)
    this.#deps.onDeath(why, wasReady, how === 'away')
  }

  #restartLater(why: string, mayBePort: boolean): void {
    const { clock, limits, log } = this.#deps
    this.#restarts++
    const isHealthy = clock.steady() - this.#startedAt > HEALTHY_MS
    this.#pauseMs = isHealthy ? limits.pauseMs : Math.min(this.#pauseMs * 2, limits.maxPauseMs)
    // A fixed port that is taken would end every process: after one try any free port will do.
    if (mayBePort && this.#port !== 0) {
      const port = this.#port
      log.error({ port }, 'TORRENT_PORT cannot be used; going on with any free port')
      this.#port = 0
    }
    log.error({ why, restarts: this.#restarts }, 'the torrent engine died and is started again')
    this.#restart = setTimeout(() => this.#start(), this.#pauseMs)
  }

  #killIfSilent(): void {
    const { clock, limits } = this.#deps
    const pid = this.#child?.pid
    const now = clock.steady()
    // This process was paused itself: what the engine has said meanwhile is still unread.
    if (now - this.#looked > limits.heartbeatMs) this.#lastSign = now
    this.#looked = now
    if (pid === undefined) return
    if (this.#feltSign !== this.#lastSign) this.#pulse.felt(pid)
    this.#feltSign = this.#lastSign
    const { heartbeatMs, startMs } = limits
    const silentMs = now - this.#lastSign
    if (silentMs <= (this.#ready ? heartbeatMs : startMs)) return
    const mayWait = this.#ready && silentMs <= heartbeatMs * MOST_HEARTBEATS
    // A loop without an end takes more than half of the time, unless the machine is that busy.
    if (mayWait && this.#pulse.isStarved(pid, heartbeatMs / 2)) return
    this.#kill('it does not answer')
  }

  #kill(why: string): void {
    this.#deps.log.warn({ why }, 'the torrent engine is ended')
    this.#child?.kill('SIGKILL')
  }
}

/** A process that dies while it is written to is noticed by its exit. */
function ignoreSendError(): void {}
