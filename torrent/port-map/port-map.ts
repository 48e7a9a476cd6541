import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { localAddresses } from '../../common/network/local-address.ts'
import { defaultGateway } from './gateway.ts'
import { type AskedMapping, type GatewayLine, type Mapping, MappingRefused } from './mapping.ts'
import { askNatPmp } from './nat-pmp.ts'
import { askUpnp } from './upnp.ts'

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
/** After a failure. */
const RETRY_MS = 60_000

/**
 * Asks the gateway to let peers through to us (NAT-PMP, RFC 6886, else UPnP), renews that in time, and takes it back
 * at the end. It speaks to that one address alone, and what comes from another is not heard.
 */
export class PortMap {
  readonly #parts: Parts
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  readonly #end = new AbortController()
  #port: number | undefined
  #external: number | undefined
  /** What the gateway was asked to map, and may have. */
  #asked: Pick<AskedMapping, 'port' | 'externalPort'> | undefined
  /** Of the steady clock. */
  #dueAt = 0
  #hasWarned = false
  /** How the gateway was asked when it last let peers through. */
  #way: Way | undefined

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
      const asked = { port, externalPort: this.#external ?? port }
      this.#asked = asked
      const got = await this.#ask({ ...asked, lifetime: LIFETIME, signal: this.#end.signal })
      this.#asked = { port, externalPort: got.externalPort }
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
    const asked = this.#asked
    this.#asked = undefined
    if (asked) await this.#ask({ ...asked, lifetime: 0, signal: undefined }).catch(() => {})
  }

  #lost(): void {
    if (this.#external !== undefined) this.#parts.mapped(undefined)
    this.#external = undefined
  }

  /** The way that has worked, else each in turn. @throws Error when there is no gateway, or it gives no mapping */
  async #ask(asked: AskedMapping): Promise<Mapping> {
    const line = this.#line()
    const ways = Object.keys(WAYS) as Way[]
    const first = this.#way ?? ways[0] ?? 'NAT-PMP'
    // What one way has made, that way takes back.
    const tried = asked.lifetime === 0 ? [first] : [first, ...ways.filter((one) => one !== first)]
    const failures: string[] = []
    for (const way of tried) {
      try {
        const mapping = await WAYS[way](line, asked)
        this.#way = way
        return mapping
      } catch (error) {
        failures.push(`${way}: ${error instanceof Error ? error.message : String(error)}`)
        if (asked.signal?.aborted) break
      }
    }
    throw new MappingRefused(failures.join('; '))
  }

  /** @throws Error there is no gateway, or TORRENT_BIND has no address */
  #line(): GatewayLine {
    const { bind, gateway: wanted } = this.#parts
    const by = bind === undefined ? undefined : localAddresses(bind)?.four
    if (bind !== undefined && by === undefined) throw new Error('TORRENT_BIND has no IPv4 address')
    const isAuto = wanted === 'auto'
    const gateway = isAuto ? defaultGateway(by) : wanted
    if (gateway === undefined) throw new Error('there is no gateway; PORT_MAP may name its address')
    return { gateway, by, isAuto }
  }
}

/** Most VPNs and some routers speak the first, most routers at home the second. */
const WAYS = { 'NAT-PMP': askNatPmp, UPnP: askUpnp } as const
type Way = keyof typeof WAYS
