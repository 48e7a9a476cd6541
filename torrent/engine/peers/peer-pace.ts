import { BLOCK } from '../blocks/block.ts'
import { LineDelay } from './line-delay.ts'
import { LineRate } from './line-rate.ts'

/** What a peer that nobody has measured is taken for. */
const UNKNOWN_RATE = 512 * 1024
const UNKNOWN_LATENCY_MS = 100
const FIRST_QUEUE = 4
/**
 * Asked for beyond what fills the line, in milliseconds of its rate: it keeps the line busy, and a line
 * that can do more shows it. Not more than needed, for what a peer has begun to send cannot be
 * cancelled, so a seek waits behind it.
 */
const RESERVE_MS = 25
const RESERVE_SHARE = 0.25
const JITTER_SHARE = 0.5
/** Of a bare round trip: so much is asked for while the delay is looked at, and before a queue formed. */
const LOOKING_SHARE = 0.75
const STARTING_SHARE = 1.25
/** Requests to a fast peer leave several at a time, as often as this: each packet costs both of us. */
const BATCH_MS = 4

/**
 * How fast one peer is and how many requests it may hold. Times in steady milliseconds.
 * As many are under way as its line holds, and a reserve: its rate times its bare delay (as BBR does).
 */
export class PeerPace {
  readonly maxQueue: number
  /** Requests sent and not answered. */
  outstanding = 0
  /** How many requests may be under way now. */
  queue: number
  delivered = 0
  /** Since when it owes us something without a break. */
  owingSince = Infinity
  readonly #latency: number
  readonly #rate = new LineRate()
  readonly #delay = new LineDelay()
  /** No queue has formed yet: it may be able to do far more. */
  #starting = true
  /** When the last request would be answered, as was thought when it was sent. */
  #lastDue = 0
  /** When those were sent that come although nobody wants them any more. */
  #onTheLine: number[] = []
  /** Since when something is under way and nothing comes. */
  #quietSince = Infinity

  /** @param latencyMs of its handshake, until a block was timed */
  constructor(maxQueue: number, latencyMs = UNKNOWN_LATENCY_MS) {
    this.maxQueue = maxQueue
    this.#latency = latencyMs
    this.queue = Math.min(FIRST_QUEUE, maxQueue)
  }

  /** Bytes a second, 0 while unknown. */
  get rate(): number {
    return this.#rate.now
  }

  get known(): boolean {
    return this.rate > 0
  }

  /** It has brought something. */
  get proven(): boolean {
    return this.delivered > 0
  }

  /** Its bare delay, and until it has brought something that of its handshake. */
  get #trip(): number {
    return this.#delay.bare === Infinity ? this.#latency : this.#delay.bare
  }

  /** Requests that the line carries: those that count, and those that come though they were taken back. */
  get underWay(): number {
    return this.outstanding + this.#onTheLine.length
  }

  get canSend(): boolean {
    return this.underWay < this.queue
  }

  /** It has room for as many requests as should leave together. */
  get hasRoomForBatch(): boolean {
    const batch = Math.min(this.queue / 4, (this.rate * BATCH_MS) / 1000 / BLOCK)
    return this.underWay <= this.queue - Math.max(1, batch)
  }

  sent(now: number): void {
    this.#lastDue = this.eta(now)
    if (this.underWay === 0) {
      this.#quietSince = now
      this.#rate.restart()
    }
    if (this.outstanding++ === 0) this.owingSince = now
  }

  /** A request ended without bytes: cancelled, refused, given up. */
  freed(): void {
    if (this.outstanding > 0 && --this.outstanding === 0) this.owingSince = Infinity
  }

  arrived(bytes: number, sentAt: number, now: number): void {
    const busy = !this.hasRoomForBatch
    this.freed()
    if (this.outstanding > 0) this.owingSince = now
    // It answers in order: what was taken back before this one was asked for has come, or never will.
    if (this.#onTheLine.length > 0) this.#onTheLine = this.#onTheLine.filter((at) => at >= sentAt)
    this.delivered += bytes
    this.#delay.add(Math.max(0.1, now - sentAt), now)
    this.#came(bytes, now, busy)
    this.#resize(busy)
  }

  /** A request was taken back; what the peer has sent or is about to send comes all the same. */
  cancelled(sentAt: number): void {
    this.freed()
    this.#onTheLine.push(sentAt)
  }

  /** It was choked or went: nothing of what was asked comes. */
  forget(): void {
    this.outstanding = this.#lastDue = 0
    this.#onTheLine = []
    this.owingSince = Infinity
  }

  /** Something was refused that is not asked for any more. */
  cleared(now: number): void {
    this.#quietSince = now
    this.#onTheLine.shift()
  }

  /** Something came that is not asked for any more. */
  cameLate(bytes: number, now: number): void {
    this.#onTheLine.shift()
    this.#came(bytes, now, true)
  }

  /** When a request sent now would be answered, after `more` others. */
  eta(now: number, more = 0): number {
    const blockMs = (BLOCK * 1000) / (this.rate || UNKNOWN_RATE)
    const latency = this.#trip
    // It answers in order: what is asked already goes on coming from now, or begins a trip from now.
    const before = (this.underWay + more) * blockMs
    const free = Math.min(Math.max(this.#lastDue, now + before), now + latency + before)
    // Who keeps us waiting is expected to do so for as long again.
    const late = this.underWay > 0 ? Math.max(0, now - this.#quietSince - latency - blockMs) : 0
    return Math.max(now + latency, free) + blockMs + late
  }

  #came(bytes: number, now: number, busy: boolean): void {
    this.#quietSince = now
    this.#rate.add(bytes, now, this.#trip, busy && !this.#delay.looking)
  }

  #resize(busy: boolean): void {
    const { bare, jitter, looking, queueing } = this.#delay
    const reserve = Math.max(RESERVE_MS, bare * RESERVE_SHARE) + jitter * JITTER_SHARE
    if (queueing > reserve) this.#starting = false
    const share = looking ? LOOKING_SHARE : this.#starting ? STARTING_SHARE : 1
    const ms = bare * share + (looking ? 0 : reserve)
    const most = Math.ceil((this.#rate.lately * ms) / 1000 / BLOCK) + 1
    if (!this.known) this.queue += queueing < RESERVE_MS ? 1 : 0
    else if (this.queue > most) this.queue = most
    else if (busy && this.queue < most) this.queue++
    this.queue = Math.min(Math.max(FIRST_QUEUE, this.queue), this.maxQueue)
  }
}
