import ipaddr from 'ipaddr.js'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { type ShownAddresses, shownAddress } from '../../common/network/short-address.ts'
import type { LimitKind } from './limit-kinds.ts'

const EVERY_MS = 60_000

const isPublic = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast'

/** Tells the operator about limits, without letting those who are limited fill the log. */
export class LimitLog {
  readonly #log: Log
  readonly #clock: Pick<Clock, 'steady'>
  readonly #shown: ShownAddresses
  #toldAt = Number.NEGATIVE_INFINITY
  #untold = 0
  #hasToldOfProxy = false

  /** @param shown how much of addresses; what is written is bounded by it */
  constructor(log: Log, clock: Pick<Clock, 'steady'>, shown: ShownAddresses) {
    this.#log = log
    this.#clock = clock
    this.#shown = shown
  }

  /** One line a minute at most; it says how many it stands for. */
  limited(kind: LimitKind, who: string): void {
    this.#untold++
    const now = this.#clock.steady()
    if (now - this.#toldAt < EVERY_MS) return
    const told = { kind, ...this.#told(who), times: this.#untold }
    this.#log.warn(told, 'an address has reached a limit')
    this.#toldAt = now
    this.#untold = 0
  }

  /** Once: viewers behind a proxy that is not trusted all have its address. */
  unnamedProxy(address: string): void {
    if (this.#hasToldOfProxy) return
    this.#hasToldOfProxy = true
    this.#log.warn(
      // A proxy of one's own net is named whole: that is what TRUST_PROXY needs, and no viewer.
      isPublic(address) ? this.#told(address) : { address },
      'X-Forwarded-For comes from an address that TRUST_PROXY does not name: if that is your proxy, ' +
        'all its viewers count as one. Set TRUST_PROXY to its address (or loopback)',
    )
  }

  /** A token has the name that its operator gave it. */
  #told(who: string): { address?: string } {
    const address = ipaddr.isValid(who.replace(/\/\d+$/, '')) ? shownAddress(who, this.#shown) : who
    return address === '' ? {} : { address }
  }
}
