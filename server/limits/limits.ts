import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { addressGroup } from '../../common/network/address-group.ts'
import type { ShownAddresses } from '../../common/network/short-address.ts'
import type { Asker } from '../../player/jobs/viewer.ts'
import { tokenOf } from '../access/access-check.ts'
import type { ClientAddress } from '../http/trusted-proxy.ts'
import { ConcurrencyLimiter } from './concurrency-limiter.ts'
import {
  type LimitFigures,
  type LimitKind,
  type OpenKind,
  type RateKind,
  windowSeconds,
} from './limit-kinds.ts'
import { LimitLog } from './limit-log.ts'
import { RateLimiter, type SharedCounts } from './rate-limiter.ts'
import { RefusalDelay } from './refusal-delay.ts'

export interface LimitsParts {
  /** For each address. */
  readonly figures: LimitFigures
  /** Where several nodes count together. */
  readonly shared?: SharedCounts | undefined
  readonly clientAddress: ClientAddress
  /** Whether TRUST_PROXY names that address: its requests are made for other clients. */
  readonly isProxy: (address: string) => boolean
  readonly limited: (kind: LimitKind) => void
  readonly clock: Pick<Clock, 'steady'>
  readonly log: Log
  /** How much of an address stands in the log. */
  readonly logIp: ShownAddresses
}

/** Nobody knows when one of the open ones will close, so this Retry-After is a guess. */
const RETRY_OPEN_SECONDS = 10

/**
 * What one address may have of this server, so that nobody buys much with little. An address is what
 * `addressGroup` says, of the true client behind a proxy that TRUST_PROXY names. A client with a token
 * of ACCESS_TOKENS is counted by the token, whatever its address. There are no Limits with RATE_LIMIT=off.
 */
export class Limits {
  readonly figures: LimitFigures
  readonly #parts: LimitsParts
  readonly #rates: Readonly<Record<RateKind, RateLimiter>>
  readonly #open: Readonly<Record<OpenKind, ConcurrencyLimiter>>
  readonly #log: LimitLog
  readonly #delay: RefusalDelay
  readonly #times = new Map<LimitKind, number>()

  constructor(parts: LimitsParts) {
    const { figures, shared } = parts
    const rate = (kind: RateKind) =>
      new RateLimiter({
        name: kind,
        max: figures[kind],
        windowSeconds: windowSeconds[kind],
        shared,
      })
    this.#parts = parts
    this.figures = figures
    this.#rates = {
      lists: rate('lists'),
      searches: rate('searches'),
      states: rate('states'),
      coldStarts: rate('coldStarts'),
    }
    this.#open = {
      streams: new ConcurrencyLimiter(figures.streams),
      live: new ConcurrencyLimiter(figures.live),
    }
    this.#log = new LimitLog(parts.log, parts.clock, parts.logIp)
    this.#delay = new RefusalDelay(parts.clock)
  }

  /** How often each limit was reached since the start; those that never were are left out. */
  get reached(): Readonly<Partial<Record<LimitKind, number>>> {
    return Object.fromEntries(this.#times)
  }

  visitorOf(req: IncomingMessage): Visitor {
    const from = req.socket.remoteAddress ?? ''
    if (req.headers['x-forwarded-for'] !== undefined && !this.#parts.isProxy(from)) {
      this.#log.unnamedProxy(from)
    }
    const token = tokenOf(req)
    const address = token ? `token ${token.name}` : addressGroup(this.#parts.clientAddress(req))
    return new Visitor(this, address, req.socket)
  }

  /** Counts one. @throws Fault TOO_MANY_REQUESTS, later the more of them there are */
  async take(kind: RateKind, address: string): Promise<void> {
    const retryAfterSeconds = await this.#rates[kind].consume(address)
    if (retryAfterSeconds === undefined) return
    this.reach(kind, address)
    await this.#delay.wait(address)
    throw new Fault('TOO_MANY_REQUESTS', { retryAfterSeconds })
  }

  /** One more is open, until what comes back is called. @throws Fault TOO_MANY_REQUESTS */
  open(kind: OpenKind, address: string): () => void {
    const close = this.#open[kind].open(address)
    if (close) return close
    this.reach(kind, address)
    throw new Fault('TOO_MANY_REQUESTS', { retryAfterSeconds: RETRY_OPEN_SECONDS })
  }

  /** Metrics, page and log are told that an address has reached a limit. */
  reach(kind: LimitKind, address: string): void {
    this.#times.set(kind, (this.#times.get(kind) ?? 0) + 1)
    this.#parts.limited(kind)
    this.#log.limited(kind, address)
  }

  close(): void {
    this.#delay.close()
    for (const rate of Object.values(this.#rates)) rate.close()
  }
}

/** Who sent one request. */
export class Visitor implements Asker {
  readonly address: string
  readonly connection: object
  readonly #limits: Limits

  constructor(limits: Limits, address: string, connection: object) {
    this.#limits = limits
    this.address = address
    this.connection = connection
  }

  /** Counts as open until the response has closed. @throws Fault TOO_MANY_REQUESTS */
  enter(kind: OpenKind, res: ServerResponse): void {
    res.on('close', this.#limits.open(kind, this.address))
  }

  /** @throws Fault TOO_MANY_REQUESTS */
  search(): Promise<void> {
    return this.#limits.take('searches', this.address)
  }

  askHowFar(): Promise<void> {
    return this.#limits.take('states', this.address)
  }

  askProviders(): Promise<void> {
    return this.#limits.take('lists', this.address)
  }

  startCold(): Promise<void> {
    return this.#limits.take('coldStarts', this.address)
  }
}
