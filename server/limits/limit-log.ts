import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { LimitKind } from './limit-kinds.ts'

const EVERY_MS = 60_000

/** Tells the operator about limits, without letting those who are limited fill the log. */
export class LimitLog {
  readonly #log: Log
  readonly #clock: Pick<Clock, 'steady'>
  #toldAt = Number.NEGATIVE_INFINITY
  #untold = 0
  #hasToldOfProxy = false

  constructor(log: Log, clock: Pick<Clock, 'steady'>) {
    this.#log = log
    this.#clock = clock
  }

  /** One line a minute at most; it says how many it stands for. */
  limited(kind: LimitKind, address: string): void {
    this.#untold++
    const now = this.#clock.steady()
    if (now - this.#toldAt < EVERY_MS) return
    this.#log.warn({ kind, address, times: this.#untold }, 'an address has reached a limit')
    this.#toldAt = now
    this.#untold = 0
  }

  /** Once: viewers behind a proxy that is not trusted all have its address. */
  unnamedProxy(address: string): void {
    if (this.#hasToldOfProxy) return
    this.#hasToldOfProxy = true
    this.#log.warn(
      { address },
      'X-Forwarded-For comes from an address that TRUST_PROXY does not name: if that is your proxy, ' +
        'all its viewers count as one. Set TRUST_PROXY to its address (or loopback)',
    )
  }
}
