/** Bytes of a usual request (BEP 3: all current clients use 2^14). */
export const BLOCK = 1 << 14

/** What a peer that nobody has measured is taken for. */
const UNKNOWN_RATE = 512 * 1024
const UNKNOWN_LATENCY_MS = 100
/**
 * A queue of this much of the peer's own rate, above its bare delay: what it has begun to send cannot
 * be cancelled, so a seek waits behind it: 350 ms doubled its time, 160 ms made it half as long again.
 */
const QUEUE_MS = 80
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
  readonly #latency: number
  /** When the last request would be answered, as was thought when it was sent. */
  #lastDue = 0
  /** Blocks that come although nobody wants them any more. */
  #onTheLine = 0
  #rate = 0
  #minDelay = Infinity
  #delay = 0
  #windowBytes = 0
  #windowStart: number | undefined

  /** @param latencyMs of its handshake, until a block was timed */
  constructor(maxQueue: number, latencyMs = UNKNOWN_LATENCY_MS) {
    this.maxQueue = maxQueue
    this.#latency = latencyMs
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
    this.#lastDue = this.eta(now)
    if (this.outstanding++ === 0) {
      this.owingSince = now
      // The wait for the first answer is no time it took to send.
      if (now - (this.#windowStart ?? now) > 1000) this.#windowStart = undefined
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

  /** A request was taken back; what the peer has sent or is about to send comes all the same. */
  cancelled(): void {
    this.freed()
    this.#onTheLine++
  }

  /** It was choked or went: nothing of what was asked comes. */
  forget(): void {
    this.outstanding = this.#onTheLine = this.#lastDue = 0
    this.owingSince = Infinity
  }

  /** Something came, or was refused, that is not asked for any more. */
  cleared(): void {
    if (this.#onTheLine > 0) this.#onTheLine--
  }

  /** When a request sent now would be answered. */
  eta(now: number): number {
    const blockMs = (BLOCK * 1000) / (this.#rate || UNKNOWN_RATE)
    const latency = this.#minDelay === Infinity ? this.#latency : this.#minDelay
    // It answers in order: what is asked already goes on coming from now, or begins a trip from now.
    const before = (this.outstanding + this.#onTheLine) * blockMs
    const free = Math.min(Math.max(this.#lastDue, now + before), now + latency + before)
    return Math.max(now + latency, free) + blockMs
  }

  #restart(now: number): void {
    this.#windowStart = now
    this.#windowBytes = 0
  }

  /** Rate over spans of a quarter second in which the peer had something to do. */
  #measure(bytes: number, now: number): void {
    if (this.#windowStart === undefined) {
      this.#restart(now)
      return
    }
    this.#windowBytes += bytes
    const span = now - this.#windowStart
    if (span < 250) {
      if (this.#rate === 0 && span > 20 && this.#windowBytes >= 3 * BLOCK) {
        this.#rate = (this.#windowBytes * 1000) / span
      }
      return
    }
    const measured = (this.#windowBytes * 1000) / span
    this.#rate = this.#rate === 0 ? measured : this.#rate * 0.5 + measured * 0.5
    this.#restart(now)
  }
}
