import type { Block } from '../../../torrent/engine/blocks/block.ts'
import { seededRandom } from '../../common/seeded-random.ts'
import type { VirtualTime } from './virtual-time.ts'

/** A line that several peers share: their blocks pass it one after the other. */
export class SharedLine {
  readonly #rate: number
  #freeAt = 0

  /** @param rate bytes a second */
  constructor(rate: number) {
    this.#rate = rate
  }

  /** When bytes that reach it now have passed. */
  passed(bytes: number, now: number): number {
    this.#freeAt = Math.max(this.#freeAt, now) + (bytes * 1000) / this.#rate
    return this.#freeAt
  }
}

export interface PeerPlan {
  /** Bytes a second. */
  readonly rate: number
  /** What its blocks pass after its own line. */
  readonly line?: SharedLine
  /** From a request to its first byte, beside what waits before it; of a time in milliseconds. */
  readonly delayMs?: number | ((now: number) => number)
  /** Bytes after which it never answers again, though its connection stays. */
  readonly stallAfter?: number
  /** Share of its blocks that carry wrong bytes, 0 to 1. */
  readonly lies?: number
  readonly joinsAt?: number
  readonly vanishesAt?: number
  /** Spans of time in which it chokes us. */
  readonly chokes?: readonly (readonly [from: number, to: number])[]
  readonly has?: (piece: number) => boolean
  readonly maxQueue?: number
  /** Its connection begins with ten packets a round trip and doubles, as TCP does. */
  readonly slowStart?: boolean
  /**
   * Share of its packets that are lost, 0 to 1: what was sent after one waits until it has been sent
   * again, as TCP keeps the order. The sender does not slow down for it, as BBR does not.
   */
  readonly loss?: number
  /** Sends what was cancelled all the same, as one that has it in its send buffer does. */
  readonly sendsCancelled?: boolean
  /** Connects again this long after it was dropped as silent. */
  readonly returnsAfterMs?: number
}

export interface PeerCallbacks {
  deliver(block: Block): void
  /** Never called while a request is being made: as torrent/engine/webtorrent/webtorrent-peer.ts does. */
  refuse(block: Block): void
}

const FIRST_WINDOW = 14_600
const PACKET = 1448

const keyOf = (b: Block): string => `${b.piece}/${b.offset}/${b.length}`

/** The far end of one connection and the line to it: answers in order, at its rate. */
export class SimulatedPeer {
  readonly plan: PeerPlan
  /** Every request it was ever sent, in order. */
  readonly asked: { readonly block: Block; readonly at: number }[] = []
  /** Requests that it was sent while the same one was still open. */
  askedTwice = 0
  mostOpen = 0
  delivered = 0
  connected = true
  choking = false
  readonly #time: VirtualTime
  readonly #calls: PeerCallbacks
  readonly #open = new Set<string>()
  #line: { block: Block; reachedAt: number; key: string }[] = []
  #sending = false
  #block = { from: 0, until: 1, bytes: 0 }
  readonly #random = seededRandom(1)
  /** Bytes of blocks that it has begun to send. */
  #left = 0
  #readableAt = 0
  readonly #window = { from: 0, left: FIRST_WINDOW, size: FIRST_WINDOW }

  constructor(plan: PeerPlan, time: VirtualTime, calls: PeerCallbacks) {
    this.plan = plan
    this.#time = time
    this.#calls = calls
  }

  get #delay(): number {
    const { delayMs = 20 } = this.plan
    return typeof delayMs === 'number' ? delayMs : delayMs(this.#time.now)
  }

  /** Bytes so far, those of the block that is being sent included. */
  get received(): number {
    const { from, until, bytes } = this.#block
    const share = Math.min(1, Math.max(0, (this.#time.now - from) / (until - from)))
    return this.delivered + (this.#sending && this.connected ? Math.floor(bytes * share) : 0)
  }

  get open(): number {
    return this.#open.size
  }

  request(block: Block): void {
    const key = keyOf(block)
    this.asked.push({ block, at: this.#time.now })
    if (this.#open.has(key)) this.askedTwice++
    this.#open.add(key)
    this.mostOpen = Math.max(this.mostOpen, this.#open.size)
    if (this.choking) {
      this.#refuseSoon(block, key)
      return
    }
    this.#line.push({ block, key, reachedAt: this.#time.now + this.#delay })
    this.#sendNext()
  }

  /** What is on the line already comes all the same. */
  cancel(block: Block): void {
    const key = keyOf(block)
    if (!this.#open.has(key)) return
    if (this.plan.sendsCancelled) return
    this.#line = this.#line.filter((one) => one.key !== key)
    this.#refuseSoon(block, key)
  }

  choke(on: boolean): void {
    this.choking = on
    if (!on) return
    for (const { block, key } of this.#line.splice(0)) this.#refuseSoon(block, key)
  }

  disconnect(): void {
    this.connected = false
    this.#line = []
    this.#open.clear()
  }

  /** When bytes that are ready in `ms` have come through the connection's window, in milliseconds. */
  #started(ms: number, bytes: number): number {
    const window = this.#window
    const trip = this.#delay
    const ready = this.#time.now + ms
    if (ready > window.from + trip) {
      if (window.from > 0) window.size *= 2
      window.from = ready
      window.left = window.size
    }
    window.left -= bytes
    while (window.left < 0) {
      window.from += trip
      window.size *= 2
      window.left += window.size
    }
    return Math.max(ready, window.from) - this.#time.now
  }

  #refuseSoon(block: Block, key: string): void {
    this.#open.delete(key)
    this.#time.after(0, () => {
      if (this.connected) this.#calls.refuse(block)
    })
  }

  #sendNext(): void {
    const head = this.#line[0]
    if (this.#sending || !head) return
    if (this.#left >= (this.plan.stallAfter ?? Infinity)) return
    this.#line.shift()
    this.#left += head.block.length
    this.#sending = true
    const wait = Math.max(0, head.reachedAt - this.#time.now)
    const { now } = this.#time
    const at = wait + (head.block.length * 1000) / this.plan.rate
    const doneIn = this.plan.slowStart ? this.#started(at, head.block.length) : at
    this.#block = { from: now + wait, until: now + doneIn, bytes: head.block.length }
    this.#time.after(doneIn, () => {
      const { line } = this.plan
      const { now } = this.#time
      const passes = line ? line.passed(head.block.length, now) - now : 0
      if (passes === 0) this.#sent(head.block, head.key)
      else this.#time.after(passes, () => this.#sent(head.block, head.key))
    })
  }

  /** When what arrives now may be read: not before what was sent earlier. */
  #readable(bytes: number): number {
    const { now } = this.#time
    for (let left = bytes; left > 0; left -= PACKET) {
      let at = now
      while (this.#random.below(1e6) < (this.plan.loss ?? 0) * 1e6) at += 1.5 * this.#delay
      this.#readableAt = Math.max(this.#readableAt, at)
    }
    return this.#readableAt
  }

  #sent(block: Block, key: string): void {
    this.#sending = false
    if (!this.connected) return
    const waits = this.#readable(block.length) - this.#time.now
    if (waits === 0) this.#arrived(block, key)
    else this.#time.after(waits, () => this.#arrived(block, key))
    this.#sendNext()
  }

  #arrived(block: Block, key: string): void {
    if (!this.connected) return
    this.delivered += block.length
    this.#open.delete(key)
    this.#calls.deliver(block)
  }
}
