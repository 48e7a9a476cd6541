import { BLOCK } from '../blocks/block.ts'
import { DeliveryRate } from './delivery-rate.ts'
import { MinRtt } from './min-rtt.ts'

/** What a peer that nobody has measured is taken for. */
const UNKNOWN_RATE = 512 * 1024
const UNKNOWN_LATENCY_MS = 100
const MIN_DEPTH = 4
/**
 * Asked for beyond what fills the line, in milliseconds of its rate: it keeps the line busy, and a line
 * that can do more shows it. Not more than needed, for what a peer has begun to send cannot be
 * cancelled, so a seek waits behind it.
 */
const MARGIN_MS = 25
const MARGIN_SHARE = 0.25
const JITTER_SHARE = 0.5
/** Of a bare round trip: so much is asked for while the delay is looked at, and before a queue formed. */
const PROBING_SHARE = 0.75
const SLOW_START_SHARE = 1.25
/** Requests to a fast peer leave several at a time, as often as this: each packet costs both of us. */
const BATCH_MS = 4

/**
 * How fast one peer is and how many requests it may hold. Times in steady milliseconds.
 * As many are under way as its line holds, and a reserve: its rate times its bare delay (as BBR does).
 */
export class RequestPipeline {
  readonly maxQueue: number
  /** Requests sent and not answered. */
  outstanding = 0
  /** How many requests may be under way now. */
  depth: number
  delivered = 0
  /** Since when it owes us something without a break. */
  pendingSince = Infinity
  readonly #latency: number
  readonly #rate = new DeliveryRate()
  readonly #minRtt = new MinRtt()
  /** No queue has formed yet: it may be able to do far more. */
  #slowStart = true
  /** When the last request would be answered, as was thought when it was sent. */
  #lastDue = 0
  /** When those were sent that come although nobody wants them any more. */
  #cancelledInFlight: number[] = []
  /** Since when something is under way and nothing comes. */
  #silentSince = Infinity

  /** @param latencyMs of its handshake, until a block was timed */
  constructor(maxQueue: number, latencyMs = UNKNOWN_LATENCY_MS) {
    this.maxQueue = maxQueue
    this.#latency = latencyMs
    this.depth = Math.min(MIN_DEPTH, maxQueue)
  }

  /** Bytes a second, 0 while unknown. */
  get rate(): number {
    return this.#rate.now
  }

  get measured(): boolean {
    return this.rate > 0
  }

  /** It has brought something. */
  get hasDelivered(): boolean {
    return this.delivered > 0
  }

  /** Its bare delay, and until it has brought something that of its handshake. */
  get #rtt(): number {
    return this.#minRtt.min === Infinity ? this.#latency : this.#minRtt.min
  }

  /** Requests that the line carries: those that count, and those that come though they were taken back. */
  get inFlight(): number {
    return this.outstanding + this.#cancelledInFlight.length
  }

  get hasRoom(): boolean {
    return this.inFlight < this.depth
  }

  /** It has room for as many requests as should leave together. */
  get hasRoomForBatch(): boolean {
    const batch = Math.min(this.depth / 4, (this.rate * BATCH_MS) / 1000 / BLOCK)
    return this.inFlight <= this.depth - Math.max(1, batch)
  }

  sent(now: number): void {
    this.#lastDue = this.eta(now)
    if (this.inFlight === 0) {
      this.#silentSince = now
      this.#rate.restart()
    }
    if (this.outstanding++ === 0) this.pendingSince = now
  }

  /** A request ended without bytes: cancelled, refused, given up. */
  released(): void {
    if (this.outstanding > 0 && --this.outstanding === 0) this.pendingSince = Infinity
  }

  received(bytes: number, sentAt: number, now: number): void {
    const busy = !this.hasRoomForBatch
    this.released()
    if (this.outstanding > 0) this.pendingSince = now
    // It answers in order: what was taken back before this one was asked for has come, or never will.
    if (this.#cancelledInFlight.length > 0)
      this.#cancelledInFlight = this.#cancelledInFlight.filter((at) => at >= sentAt)
    this.delivered += bytes
    this.#minRtt.add(Math.max(0.1, now - sentAt), now)
    this.#countBytes(bytes, now, busy)
    this.#resize(busy)
  }

  /** A request was taken back; what the peer has sent or is about to send comes all the same. */
  cancelled(sentAt: number): void {
    this.released()
    this.#cancelledInFlight.push(sentAt)
  }

  /** It was choked or went: nothing of what was asked comes. */
  reset(): void {
    this.outstanding = this.#lastDue = 0
    this.#cancelledInFlight = []
    this.pendingSince = Infinity
  }

  /** Something was refused that is not asked for any more. */
  rejectedLate(now: number): void {
    this.#silentSince = now
    this.#cancelledInFlight.shift()
  }

  /** Something came that is not asked for any more. */
  receivedLate(bytes: number, now: number): void {
    this.#cancelledInFlight.shift()
    this.#countBytes(bytes, now, true)
  }

  /** When a request sent now would be answered, after `more` others. */
  eta(now: number, more = 0): number {
    const blockMs = (BLOCK * 1000) / (this.rate || UNKNOWN_RATE)
    const latency = this.#rtt
    // It answers in order: what is asked already goes on coming from now, or begins a trip from now.
    const before = (this.inFlight + more) * blockMs
    const free = Math.min(Math.max(this.#lastDue, now + before), now + latency + before)
    // Who keeps us waiting is expected to do so for as long again.
    const late = this.inFlight > 0 ? Math.max(0, now - this.#silentSince - latency - blockMs) : 0
    return Math.max(now + latency, free) + blockMs + late
  }

  #countBytes(bytes: number, now: number, busy: boolean): void {
    this.#silentSince = now
    this.#rate.add(bytes, now, this.#rtt, busy && !this.#minRtt.probing)
  }

  #resize(busy: boolean): void {
    const { min, jitter, probing, queueDelay } = this.#minRtt
    const margin = Math.max(MARGIN_MS, min * MARGIN_SHARE) + jitter * JITTER_SHARE
    if (queueDelay > margin) this.#slowStart = false
    const share = probing ? PROBING_SHARE : this.#slowStart ? SLOW_START_SHARE : 1
    const ms = min * share + (probing ? 0 : margin)
    const target = Math.ceil((this.#rate.recentMax * ms) / 1000 / BLOCK) + 1
    if (!this.measured) this.depth += queueDelay < MARGIN_MS ? 1 : 0
    else if (this.depth > target) this.depth = target
    else if (busy && this.depth < target) this.depth++
    this.depth = Math.min(Math.max(MIN_DEPTH, this.depth), this.maxQueue)
  }
}
