/** Bytes of a usual request (BEP 3: all current clients use 2^14). */
export const BLOCK = 1 << 14

/** What a peer that nobody has measured is taken for. */
const UNKNOWN_RATE = 512 * 1024
const UNKNOWN_LATENCY_MS = 100
/**
 * A queue of this much of the peer's own rate, above its bare delay: what it has begun to send cannot
 * be cancelled, so a seek waits behind it. Measured: 350 ms doubled the time of a seek.
 */
const QUEUE_MS = 160
const FIRST_QUEUE = 4

/**
 * How fast one peer is and how many requests it may hold. Times in steady milliseconds.
 * The queue opens by one a block while answers come quickly and closes when they wait too long
 * (as LEDBAT, RFC 6817, does with delay).
 */
export class PeerPace {
  readonly maxQueue: number
  /** Requests sent and not answered. */
  outstanding = 0
  /** How many requests it may hold now. */
  queue: number
  delivered = 0
  lastArrival = -Infinity
  /** Since when it owes us something without a break. */
  owingSince = Infinity
  #rate = 0
  #minDelay = Infinity
  #delay = 0
  #windowBytes = 0
  #windowStart = 0

  constructor(maxQueue: number) {
    this.maxQueue = maxQueue
    this.queue = Math.min(FIRST_QUEUE, maxQueue)
  }

  /** Bytes a second, 0 while unknown. */
  get rate(): number {
    return this.#rate
  }

  /** What a request usually takes, milliseconds. */
  get usualDelay(): number {
    return this.#delay || UNKNOWN_LATENCY_MS + (FIRST_QUEUE * BLOCK * 1000) / UNKNOWN_RATE
  }

  get known(): boolean {
    return this.#rate > 0
  }

  sent(now: number): void {
    if (this.outstanding++ === 0) {
      this.owingSince = now
      if (now - this.#windowStart > 1000) this.#restart(now)
    }
  }

  /** A request ended without bytes: cancelled, refused, given up. */
  freed(): void {
    if (this.outstanding > 0 && --this.outstanding === 0) this.owingSince = Infinity
  }

  arrived(bytes: number, sentAt: number, now: number): void {
    this.freed()
    if (this.outstanding > 0) this.owingSince = now
    this.lastArrival = now
    this.delivered += bytes
    this.#measure(bytes, now)
    const delay = Math.max(0.1, now - sentAt)
    this.#minDelay = Math.min(this.#minDelay * 1.002, delay)
    this.#delay = this.#delay === 0 ? delay : this.#delay * 0.85 + delay * 0.15
    const target = this.#minDelay + QUEUE_MS
    if (delay < target * 0.8 && this.outstanding >= this.queue - 2) this.queue++
    else if (delay > target * 1.25) this.queue--
    this.queue = Math.min(Math.max(FIRST_QUEUE, this.queue), this.maxQueue)
  }

  /** When a request sent now would be answered. */
  eta(now: number): number {
    const rate = this.#rate || UNKNOWN_RATE
    const latency = this.#minDelay === Infinity ? UNKNOWN_LATENCY_MS : this.#minDelay
    return now + latency + (this.outstanding * BLOCK * 1000) / rate
  }

  #restart(now: number): void {
    this.#windowStart = now
    this.#windowBytes = 0
  }

  /** Rate over spans of a quarter second in which the peer had something to do. */
  #measure(bytes: number, now: number): void {
    this.#windowBytes += bytes
    const span = now - this.#windowStart
    if (span < 250) {
      if (this.#rate === 0 && span > 20 && this.#windowBytes >= 4 * BLOCK) {
        this.#rate = (this.#windowBytes * 1000) / span
      }
      return
    }
    const measured = (this.#windowBytes * 1000) / span
    this.#rate = this.#rate === 0 ? measured : this.#rate * 0.5 + measured * 0.5
    this.#restart(now)
  }
}
