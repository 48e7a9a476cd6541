import { BLOCK } from '../blocks/block.ts'
import { DeliveryRate } from './delivery-rate.ts'
import { MinRtt } from './min-rtt.ts'

/** Assumed of a peer that has not been measured. Bytes a second. */
const UNKNOWN_RATE = 512 * 1024
const UNKNOWN_LATENCY_MS = 100
const MIN_DEPTH = 4
/** Of a peer that takes longer than this for a block, fewer are requested: each waits for the others. */
const LONG_BLOCK_MS = 250
const MIN_DEPTH_OF_SLOW = 2
/** A peer that keeps a request waiting this long without a byte is asked for nothing more. */
const STALLED_MS = 750
/** After two round trips and a block's time in silence nothing comes of what was cancelled: without BEP 6 nobody says so. */
const QUIET_MS = { least: 100, most: 2000 } as const
const LONGEST_TICK_MS = 100
/** Before three blocks have come, the bytes of this time say how slow a peer is. */
const TRICKLE_MS = 500
/**
 * Requests beyond the bandwidth-delay product, in milliseconds at the current rate. They keep the line
 * busy, and show when it can do more. They are few because a block that is being sent cannot be
 * cancelled: a seek waits behind it.
 */
const MARGIN_MS = 25
const MARGIN_SHARE = 0.25
const JITTER_SHARE = 0.5
/** Share of the round-trip time that is requested during a probe, and before a first queue has formed. */
const PROBING_SHARE = 0.75
const SLOW_START_SHARE = 1.25
/** Requests to a fast peer are sent in batches, one per this time, because every packet costs work. */
const BATCH_MS = 4

const blockMsAt = (rate: number): number => (BLOCK * 1000) / (rate || UNKNOWN_RATE)

interface QueueOfPeer {
  /** Said after its handshake (BEP 10), and looked at each time. */
  readonly maxQueue: number
  /** Round trip of its handshake; used until a block has been timed. */
  readonly latencyMs?: number | undefined
}

/**
 * How fast one peer is, and how many requests to keep in flight to it: its delivery rate times its
 * lowest round-trip time (the bandwidth-delay product, as in BBR) and a margin. Times in steady
 * milliseconds. docs/decisions/0017 has the measurements.
 */
export class RequestPipeline {
  /** Requests sent and not answered. */
  outstanding = 0
  /** How many requests may be in flight now. */
  depth: number
  /** Bytes of the blocks that came. */
  delivered = 0
  /** Since when requests are unanswered: the last answer, or the first request after a pause. */
  pendingSince = Infinity
  readonly #peer: QueueOfPeer
  readonly #latency: number
  readonly #rate = new DeliveryRate()
  readonly #minRtt = new MinRtt()
  /** Bytes of blocks at the last look, unfinished ones included. */
  #heard = 0
  #lookedAt = -Infinity
  /** How long requests have waited without a byte, all waits since the last byte together. */
  #silentMs = 0
  /** When the first byte had come, and the bytes a second since: for peers too slow to be measured. */
  #firstHeard: { readonly at: number; readonly bytes: number } | undefined
  #trickle = 0
  /** No queue has formed at the peer yet: it may be able to do far more (as in TCP's slow start). */
  #slowStart = true
  /** When the last request was expected to be answered. */
  #lastDue = 0
  /** Send times of cancelled requests that are answered all the same. */
  #cancelledInFlight: number[] = []
  #cancelledAt: number | undefined
  /** Since when requests are in flight and nothing has come. */
  #silentSince = Infinity

  constructor(peer: QueueOfPeer) {
    this.#peer = peer
    this.#latency = peer.latencyMs ?? UNKNOWN_LATENCY_MS
    this.depth = Math.min(MIN_DEPTH, peer.maxQueue)
  }

  /** Requests that it takes, as far as it has said so by now. */
  get maxQueue(): number {
    return this.#peer.maxQueue
  }

  /** Bytes a second, 0 while unknown. */
  get rate(): number {
    return this.#rate.current || this.#trickle
  }

  /** How many milliseconds requests have waited without a byte, as of the last `hear`. */
  get silence(): number {
    return this.#silentMs
  }

  /** Keeps requests waiting without a byte. */
  get stalled(): boolean {
    return this.#silentMs > STALLED_MS && this.outstanding > 0
  }

  get measured(): boolean {
    return this.rate > 0
  }

  get hasDelivered(): boolean {
    return this.delivered > 0
  }

  /** The lowest round-trip time; before the first block, that of the handshake. */
  get #rtt(): number {
    return this.#minRtt.min === Infinity ? this.#latency : this.#minRtt.min
  }

  /** Unanswered requests, and cancelled ones that will be answered all the same. */
  get inFlight(): number {
    return this.outstanding + this.#cancelledInFlight.length
  }

  get hasRoom(): boolean {
    return this.inFlight < (this.#silentMs > STALLED_MS ? 1 : Math.min(this.depth, this.maxQueue))
  }

  /** Whether there is room for a whole batch of requests. */
  get hasRoomForBatch(): boolean {
    const batch = Math.min(this.depth / 4, (this.rate * BATCH_MS) / 1000 / BLOCK)
    return this.hasRoom && this.inFlight <= this.depth - Math.max(1, batch)
  }

  /**
   * To be called at each tick. A slow peer takes seconds for a block, so its bytes show that it is there.
   * @param bytes of all blocks so far, those of unfinished ones included
   */
  hear(bytes: number, now: number): void {
    if (bytes > this.#heard) {
      this.#silentMs = 0
      this.#firstHeard ??= { at: now, bytes }
      const ms = now - this.#firstHeard.at
      if (ms >= TRICKLE_MS) this.#trickle = ((bytes - this.#firstHeard.bytes) * 1000) / ms
    } else if (this.outstanding > 0) {
      // When this process was held up, so was what reads the bytes.
      this.#silentMs += Math.min(now - this.#lookedAt, LONGEST_TICK_MS)
    } else this.#forgetCancelled(now)
    this.#heard = bytes
    this.#lookedAt = now
  }

  sent(now: number): void {
    this.#lastDue = this.eta(now)
    if (this.inFlight === 0) {
      this.#silentSince = now
      this.#rate.restart()
      this.#firstHeard = undefined
    }
    if (this.outstanding++ === 0) this.pendingSince = now
  }

  /** The peer rejected a request. */
  rejected(): void {
    this.released()
    this.#silentMs = 0
  }

  /** A request ended without a block: cancelled, rejected or given up. */
  released(): void {
    if (this.outstanding > 0 && --this.outstanding === 0) this.pendingSince = Infinity
  }

  received(bytes: number, sentAt: number, now: number): void {
    const busy = !this.hasRoomForBatch
    this.released()
    this.#silentMs = 0
    if (this.outstanding > 0) this.pendingSince = now
    // Peers answer in order: what was cancelled before this request was sent has come, or never will.
    if (this.#cancelledInFlight.length > 0)
      this.#cancelledInFlight = this.#cancelledInFlight.filter((at) => at >= sentAt)
    this.delivered += bytes
    this.#minRtt.add(Math.max(0.1, now - sentAt), now)
    this.#countBytes(bytes, now, busy)
    this.#resize(busy)
  }

  /** A request was cancelled; if the peer has the block in its send buffer, it comes all the same. */
  cancelled(sentAt: number): void {
    this.released()
    this.#cancelledAt = undefined
    this.#cancelledInFlight.push(sentAt)
  }

  /** The peer choked us or left: none of the requests will be answered. */
  reset(): void {
    this.outstanding = this.#lastDue = 0
    this.#cancelledInFlight = []
    this.pendingSince = Infinity
  }

  /** A request was rejected that had been cancelled. */
  rejectedLate(now: number): void {
    this.#silentSince = now
    this.#cancelledInFlight.shift()
  }

  /** A block came whose request had been cancelled. */
  receivedLate(bytes: number, now: number): void {
    this.#cancelledInFlight.shift()
    this.#countBytes(bytes, now, true)
  }

  /** When a request is expected to be answered that is sent now, behind `more` others. */
  eta(now: number, more = 0): number {
    const blockMs = blockMsAt(this.rate)
    const latency = this.#rtt
    // Peers answer in order: the blocks in flight come first, from now on or after one round trip.
    const before = (this.inFlight + more) * blockMs
    const free = Math.min(Math.max(this.#lastDue, now + before), now + latency + before)
    // An answer that is overdue by t is expected in another t.
    const late = this.inFlight > 0 ? Math.max(0, now - this.#silentSince - latency - blockMs) : 0
    return Math.max(now + latency, free) + blockMs + late
  }

  #forgetCancelled(now: number): void {
    const answerMs = 2 * this.#rtt + blockMsAt(this.rate)
    const quietMs = Math.max(QUIET_MS.least, Math.min(QUIET_MS.most, answerMs))
    this.#cancelledAt ??= now
    const last = Math.max(this.#silentSince, this.#cancelledAt)
    if (now - last > quietMs) this.#cancelledInFlight = []
  }

  #countBytes(bytes: number, now: number, busy: boolean): void {
    this.#silentSince = now
    this.#rate.add(bytes, now, this.#rtt, busy && !this.#minRtt.probing)
  }

  #resize(busy: boolean): void {
    const { jitter, probing, queueDelay, roundTrip } = this.#minRtt
    const margin = Math.max(MARGIN_MS, roundTrip * MARGIN_SHARE) + jitter * JITTER_SHARE
    if (queueDelay > margin) this.#slowStart = false
    const share = probing ? PROBING_SHARE : this.#slowStart ? SLOW_START_SHARE : 1
    const ms = roundTrip * share + (probing ? 0 : margin)
    const target = Math.ceil((this.#rate.recentMax * ms) / 1000 / BLOCK) + 1
    if (!this.measured) this.depth += queueDelay < MARGIN_MS ? 1 : 0
    else if (this.depth > target) this.depth = target
    else if (busy && this.depth < target) this.depth++
    const isSlow = this.measured && blockMsAt(this.rate) > LONG_BLOCK_MS
    const least = isSlow ? MIN_DEPTH_OF_SLOW : MIN_DEPTH
    this.depth = Math.min(Math.max(least, this.depth), this.maxQueue)
  }
}
