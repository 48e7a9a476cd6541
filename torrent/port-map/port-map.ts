import { createSocket, type Socket } from 'node:dgram'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { localAddresses } from '../../common/network/local-address.ts'
import { defaultGateway } from './gateway.ts'
import {
  type Mapping,
  MappingRefused,
  mapRequest,
  NAT_PMP_PORT,
  readMapping,
} from './nat-pmp-messages.ts'

interface Parts {
  /** Its address, or `auto`: that of the default route. */
  readonly gateway: string
  /** As TORRENT_BIND. */
  readonly bind: string | undefined
  /** The port that peers connect to; undefined: nobody listens now. */
  port(): number | undefined
  /** From now on peers reach it at this port; undefined: at its own. */
  mapped(externalPort: number | undefined): void
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'warn'>
  /** Milliseconds; tests shorten it. */
  readonly lookMs?: number
}

const LOOK_MS = 2000
/** Seconds: asked for anew at half of it. A gateway that forgets, at a restart, is told again by then. */
const LIFETIME = 3600
/** An answer is waited for so long, try by try (RFC 6886 3.1, which goes on for a minute). */
const TRIES_MS = [250, 500, 1000, 2000, 4000]
/** After a failure. */
const RETRY_MS = 60_000
/** When the server stops, a gateway that does not answer is not waited for longer. */
const LAST_TRIES_MS = [250, 500]

/**
 * Asks the gateway to let peers through to us (NAT-PMP, RFC 6886), renews that in time, and takes it back
 * at the end. It speaks to that one address alone, and what comes from another is not heard.
 */
export class PortMap {
  readonly #parts: Parts
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  readonly #end = new AbortController()
  #port: number | undefined
  #external: number | undefined
  /** The port that the gateway was asked to map, and may have. */
  #asked: number | undefined
  /** Of the steady clock. */
  #dueAt = 0
  #hasWarned = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#timer = setInterval(() => this.#look(), parts.lookMs ?? LOOK_MS)
    this.#look()
  }

  /** Where peers reach us from outside; undefined: the gateway lets nobody through. */
  get externalPort(): number | undefined {
    return this.#external
  }

  /** Takes the mapping back. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#end.abort()
    await this.#running
    await this.#takeBack()
  }

  #look(): void {
    this.#running ??= this.#once().finally(() => {
      this.#running = undefined
    })
  }

  /** Never rejects. */
  async #once(): Promise<void> {
    const { clock, log, mapped } = this.#parts
    const port = this.#parts.port()
    if (port !== this.#port) {
      this.#port = port
      this.#lost()
      this.#dueAt = 0
      await this.#takeBack()
    }
    if (port === undefined || clock.steady() < this.#dueAt || this.#end.signal.aborted) return
    try {
      this.#asked = port
      const got = await this.#ask(port, this.#external ?? port, LIFETIME, TRIES_MS)
      this.#dueAt = clock.steady() + Math.max(60, Math.min(got.lifetime, LIFETIME)) * 500
      if (got.externalPort === this.#external) return
      this.#external = got.externalPort
      this.#hasWarned = false
      log.info({ port, externalPort: got.externalPort }, 'the gateway lets peers through')
      mapped(got.externalPort)
    } catch (error) {
      this.#dueAt = clock.steady() + RETRY_MS
      this.#lost()
      // Its answer may be on the way.
      if (this.#end.signal.aborted) return
      this.#asked = undefined
      if (this.#hasWarned) return
      this.#hasWarned = true
      const why = error instanceof Error ? error.message : String(error)
      log.warn({ why }, 'PORT_MAP: the gateway lets no peers through')
    }
  }

  /** Has the gateway forget what it was asked for last. Never rejects. */
  async #takeBack(): Promise<void> {
    const port = this.#asked
    this.#asked = undefined
    if (port !== undefined) await this.#ask(port, 0, 0, LAST_TRIES_MS).catch(() => {})
  }

  #lost(): void {
    if (this.#external !== undefined) this.#parts.mapped(undefined)
    this.#external = undefined
  }

  /** @throws MappingRefused, or Error when there is no gateway or no answer */
  async #ask(
    port: number,
    externalPort: number,
    lifetime: number,
    tries: readonly number[],
  ): Promise<Mapping> {
    const { bind } = this.#parts
    const by = bind === undefined ? undefined : localAddresses(bind)?.four
    if (bind !== undefined && by === undefined) throw new Error('TORRENT_BIND has no IPv4 address')
    const isAuto = this.#parts.gateway === 'auto'
    const gateway = isAuto ? defaultGateway(by) : this.#parts.gateway
    if (gateway === undefined) throw new Error('there is no gateway; PORT_MAP may name its address')
    const socket = createSocket('udp4')
    try {
      await opened(socket, gateway, by)
      const answer = new Promise<Mapping>((resolve, reject) => {
        socket.on('message', (bytes) => {
          try {
            const mapping = lifetime === 0 ? REMOVED : readMapping(bytes, port)
            if (mapping) resolve(mapping)
          } catch (error) {
            reject(error)
          }
        })
        socket.on('error', () => {}) // an unreachable port: the next try may find it
      })
      answer.catch(() => {})
      for (const ms of tries) {
        socket.send(mapRequest(port, externalPort, lifetime), () => {})
        // What is taken back is taken back at the end.
        const got = await within(ms, answer, lifetime === 0 ? undefined : this.#end.signal)
        if (got) return got
        if (lifetime !== 0 && this.#end.signal.aborted) break
      }
      throw new MappingRefused('it does not answer')
    } finally {
      socket.close()
    }
  }
}

/** Undefined when it has not come in time, or the signal fires. */
function within<T>(
  ms: number,
  answer: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve(undefined)
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    answer.then(resolve, reject).finally(done)
  })
}

const REMOVED: Mapping = { externalPort: 0, lifetime: 0 }

/** A socket that hears its gateway only. */
function opened(socket: Socket, gateway: string, by: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ port: 0, ...(by !== undefined && { address: by }) }, () => {
      socket.connect(NAT_PMP_PORT, gateway, ((error?: Error) => {
        socket.off('error', reject)
        if (error) reject(error)
        else resolve()
      }) as () => void)
    })
  })
}
