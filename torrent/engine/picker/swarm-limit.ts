/** So few peers are limited by what each of their own lines holds. */
const FEW_PEERS = 16
/** Blocks that are requested at once at least; and one of each peer, or two where a block takes long. */
const FIRST_BLOCKS = 32
const LONG_BLOCK_MS = 1000
const MOST_BLOCKS = 1024
/** More is tried by this factor, and is worth it when so many times as much comes. */
const MORE = 1.5
const WORTH_IT = 1.06
/** Less is tried by this factor, and costs nothing when at least so much still comes. */
const LESS = 0.8
const NO_LOSS = 0.94
/** What comes is measured over this time at least, and over so many times the time a block takes. */
const PERIOD_MS = 300
const PERIOD_TIMES = 1.5
/** Between two tries, longer after each that was not worth it. */
const HOLD_MS = 2000
const MOST_HOLD_MS = 16_000

/**
 * How many blocks may be requested at once of all peers of a torrent together, where there are many
 * (docs/decisions/0028). Many peers with a few requests each are more than the viewer's own line holds:
 * what he waits for comes behind the rest, and connections that lose their last packets wait for long.
 * Whether peers share a line shows only in what more requests bring: so more or less are tried now and
 * then. Times in steady milliseconds.
 */
export class SwarmLimit {
  /** Blocks. */
  #limit = FIRST_BLOCKS
  #peers = 0
  #isSlow = false
  #trial: 'more' | 'less' | undefined
  #next: 'more' | 'less' = 'more'
  /** What came, in blocks a millisecond, and the limit, before the trial. */
  #before = { rate: 0, limit: FIRST_BLOCKS }
  #holdMs = HOLD_MS
  #holdUntil = Number.NEGATIVE_INFINITY
  #periodStart = Number.NaN
  #received = 0
  /** Whether more would have been requested in this period, and in the one before. */
  #reached = false
  #wasReached = false

  /** Requests have to be shared out: who has least to do comes first, others would only get a queue. */
  get isReached(): boolean {
    return this.#reached || this.#wasReached
  }

  /**
   * @param peers that can be asked
   * @param outstanding their unanswered requests
   */
  hasRoom(peers: number, outstanding: number, now: number): boolean {
    if (Number.isNaN(this.#periodStart)) this.#periodStart = now
    this.#peers = peers
    if (peers <= FEW_PEERS || outstanding < this.#blocks) return true
    this.#reached = true
    return false
  }

  /** A block has come. */
  received(now: number): void {
    const ms = now - this.#periodStart
    // What was requested before the limit changed comes first.
    if (!(ms > 0)) return
    const rate = ++this.#received / ms
    if (ms < Math.max(PERIOD_MS, (PERIOD_TIMES * this.#blocks) / rate)) return
    this.#isSlow = this.#peers / rate > LONG_BLOCK_MS
    const before = this.#blocks
    if (this.#reached) this.#look(rate, now)
    this.#periodStart = this.#blocks === before ? now : now + this.#blocks / rate
    this.#received = 0
    this.#wasReached = this.#reached
    this.#reached = false
  }

  get #blocks(): number {
    return Math.max(this.#limit, this.#peers * (this.#isSlow ? 2 : 1))
  }

  #look(rate: number, now: number): void {
    const { rate: before, limit } = this.#before
    const trial = this.#trial
    if (trial && rate < before * (trial === 'more' ? WORTH_IT : NO_LOSS)) {
      this.#limit = limit
      this.#next = trial === 'more' ? 'less' : 'more'
      this.#hold(this.#holdMs * 2, now)
      return
    }
    this.#before = { rate, limit: this.#blocks }
    if (trial === 'less') this.#hold(HOLD_MS, now)
    else if (now >= this.#holdUntil) this.#try(trial ?? this.#next)
  }

  #hold(ms: number, now: number): void {
    this.#trial = undefined
    this.#holdMs = Math.min(ms, MOST_HOLD_MS)
    this.#holdUntil = now + this.#holdMs
  }

  #try(trial: 'more' | 'less'): void {
    this.#trial = trial
    const limit = this.#blocks * (trial === 'more' ? MORE : LESS)
    this.#limit = Math.min(MOST_BLOCKS, Math.max(FIRST_BLOCKS, limit))
  }
}
