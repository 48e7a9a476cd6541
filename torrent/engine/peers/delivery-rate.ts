import { BLOCK } from '../blocks/block.ts'

/** A rate is measured over one round trip, but at least over this time: bytes come in bursts. */
const MIN_SPAN_MS = 60
/** And over at least this many bytes. */
const MIN_BYTES = 3 * BLOCK
/** After this time a higher rate of the past is forgotten. */
const FORGET_MS = 1500
const SAMPLES_PER_SPAN = 16

/**
 * The delivery rate of one connection, as BBR measures it (docs/decisions/0017). Times in steady
 * milliseconds, rates in bytes a second.
 */
export class DeliveryRate {
  /** 0 while unknown. */
  current = 0
  /**
   * The highest rate of late. The number of requests follows it, so it falls slowly: when the delay
   * of a line grows, less comes only because too little was requested.
   */
  recentMax = 0
  #bytes = 0
  #updatedAt = 0
  /** Oldest first: a time, and the bytes that had come until then. */
  #samples: { readonly at: number; readonly bytes: number }[] = []

  /** To be called at the first request after a pause, so that the pause does not count as slowness. */
  restart(): void {
    this.#samples = []
  }

  /**
   * @param rtt the lowest round-trip time, in milliseconds
   * @param busy the peer had enough requests: else a low rate proves nothing
   */
  add(bytes: number, now: number, rtt: number, busy: boolean): void {
    this.#bytes += bytes
    const span = Math.max(MIN_SPAN_MS, rtt)
    const first = this.#sample(now, span)
    const spanMs = now - first.at
    const bytesInSpan = this.#bytes - first.bytes
    if (bytesInSpan < MIN_BYTES || spanMs < MIN_SPAN_MS / 3) return
    const measured = (bytesInSpan * 1000) / spanMs
    if (spanMs < span) this.current = Math.max(this.current, measured)
    else if (measured > this.current) this.current += (measured - this.current) * 0.5
    else if (busy) this.current += (measured - this.current) * 0.1
    const passed = Math.min(1, (now - this.#updatedAt) / FORGET_MS)
    this.#updatedAt = now
    if (this.current > this.recentMax) this.recentMax = this.current
    else if (busy) this.recentMax += (this.current - this.recentMax) * passed
  }

  /** Takes a sample; answers the oldest one, which the rate is measured from. */
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
