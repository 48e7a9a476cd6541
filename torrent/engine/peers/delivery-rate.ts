import { BLOCK } from '../blocks/block.ts'

/** Rates are those of a round trip, but not of less than this: bytes come in bursts. */
const MIN_SPAN_MS = 60
/** Nor of fewer bytes. */
const MIN_BYTES = 3 * BLOCK
/** In so long it is forgotten that a line was faster. */
const FORGET_MS = 1500
const SAMPLES_PER_SPAN = 16

/** What comes through one line. Times in steady milliseconds, rates in bytes a second. */
export class DeliveryRate {
  /** 0 while unknown. */
  now = 0
  /**
   * The most of late. What is asked for follows it, so it is forgotten slowly: on a line whose delay
   * grows, less comes only because less is asked for.
   */
  recentMax = 0
  #bytes = 0
  #updatedAt = 0
  /** Oldest first: when, and what had come by then. */
  #samples: { readonly at: number; readonly bytes: number }[] = []

  /** Nothing was on its way: the wait for what comes next is no time it took to send. */
  restart(): void {
    this.#samples = []
  }

  /**
   * @param trip the bare delay
   * @param busy it had enough to do: else it proves no slowness
   */
  add(bytes: number, now: number, rtt: number, busy: boolean): void {
    this.#bytes += bytes
    const span = Math.max(MIN_SPAN_MS, rtt)
    const first = this.#sample(now, span)
    const spanMs = now - first.at
    const bytesInSpan = this.#bytes - first.bytes
    if (bytesInSpan < MIN_BYTES || spanMs < MIN_SPAN_MS / 3) return
    const measured = (bytesInSpan * 1000) / spanMs
    if (spanMs < span) this.now = Math.max(this.now, measured)
    else if (measured > this.now) this.now += (measured - this.now) * 0.5
    else if (busy) this.now += (measured - this.now) * 0.1
    const passed = Math.min(1, (now - this.#updatedAt) / FORGET_MS)
    this.#updatedAt = now
    if (this.now > this.recentMax) this.recentMax = this.now
    else if (busy) this.recentMax += (this.now - this.recentMax) * passed
  }

  /** Answers the mark that the rate is measured from. */
  #sample(now: number, span: number) {
    const samples = this.#samples
    const last = samples.at(-1)
    if (!last || now - last.at >= span / SAMPLES_PER_SPAN)
      samples.push({ at: now, bytes: this.#bytes })
    const isObsolete = (next = samples[1]): boolean =>
      next !== undefined && next.at <= now - span && this.#bytes - next.bytes >= MIN_BYTES
    while (isObsolete()) samples.shift()
    return samples[0] ?? { at: now, bytes: this.#bytes }
  }
}
