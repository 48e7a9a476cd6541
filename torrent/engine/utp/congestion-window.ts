import { BaseDelay } from './base-delay.ts'

/** The queue that we may cause on the way, microseconds (BEP 29). */
const TARGET = 100_000
/** By so much the window may grow in a round trip (as libutp). */
const MOST_GROWTH_BYTES = 3000
const MOST_BYTES = 1 << 20
const FIRST_PACKETS = 4
const LEAST_PACKETS = 2
/** After a loss the window is halved, but once in this time at most, when no round trip is known. */
const LOSS_MS = 100

/**
 * How many bytes may be on their way to a peer: LEDBAT (BEP 29, RFC 6817), which gives way to all
 * others on the line as soon as a queue forms. Times in milliseconds but for delays, in microseconds.
 */
export class CongestionWindow {
  readonly #packetBytes: number
  readonly #delay = new BaseDelay()
  #bytes: number
  /** Below it the window doubles in a round trip, until a queue forms. */
  #slowStartBelow = MOST_BYTES
  #lostAt = -Infinity

  constructor(packetBytes: number) {
    this.#packetBytes = packetBytes
    this.#bytes = FIRST_PACKETS * packetBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /**
   * @param acked bytes that were acknowledged
   * @param delay of our packets, as the peer measured it; 0: it has not
   * @param busy the window was full
   */
  acked(acked: number, delay: number, busy: boolean, now: number): void {
    const queued = delay === 0 ? 0 : this.#delay.add(delay, now).queued
    const offTarget = (TARGET - Math.min(queued, 2 * TARGET)) / TARGET
    if (offTarget < 0.1) this.#slowStartBelow = 0
    if (!busy && offTarget > 0) return
    const share = acked / Math.max(this.#bytes, acked)
    const doubles = this.#bytes < this.#slowStartBelow
    this.#set(this.#bytes + (doubles ? acked : MOST_GROWTH_BYTES * offTarget * share))
  }

  /** The peer's delays show that the clocks drift (see BaseDelay). */
  drifted(by: number): void {
    this.#delay.drifted(by)
  }

  /** A packet was lost: the line is full. */
  lost(now: number, roundTripMs = LOSS_MS): void {
    if (now - this.#lostAt < roundTripMs) return
    this.#lostAt = now
    this.#slowStartBelow = 0
    this.#set(this.#bytes / 2)
  }

  /** Nothing was acknowledged in time: what we know of the way is no longer true. */
  timedOut(): void {
    this.#slowStartBelow = this.#bytes / 2
    this.#set(0)
  }

  #set(bytes: number): void {
    this.#bytes = Math.min(Math.max(bytes, LEAST_PACKETS * this.#packetBytes), MOST_BYTES)
  }
}
