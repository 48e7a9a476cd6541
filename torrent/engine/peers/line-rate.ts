import { BLOCK } from '../blocks/block.ts'

/** Rates are those of a round trip, but not of less than this: bytes come in bursts. */
const SHORTEST_SPAN_MS = 60
/** Nor of fewer bytes. */
const FEWEST_BYTES = 3 * BLOCK
/** In so long it is forgotten that a line was faster. */
const FORGET_MS = 1500
const MARKS_A_SPAN = 16

/** What comes through one line. Times in steady milliseconds, rates in bytes a second. */
export class LineRate {
  /** 0 while unknown. */
  now = 0
  /**
   * The most of late. What is asked for follows it, so it is forgotten slowly: on a line whose delay
   * grows, less comes only because less is asked for.
   */
  lately = 0
  #bytes = 0
  #changedAt = 0
  /** Oldest first: when, and what had come by then. */
  #marks: { readonly at: number; readonly bytes: number }[] = []

  /** Nothing was on its way: the wait for what comes next is no time it took to send. */
  restart(): void {
    this.#marks = []
  }

  /**
   * @param trip the bare delay
   * @param busy it had enough to do: else it proves no slowness
   */
  add(bytes: number, now: number, trip: number, busy: boolean): void {
    this.#bytes += bytes
    const span = Math.max(SHORTEST_SPAN_MS, trip)
    const first = this.#mark(now, span)
    const took = now - first.at
    const came = this.#bytes - first.bytes
    if (came < FEWEST_BYTES || took < SHORTEST_SPAN_MS / 3) return
    const measured = (came * 1000) / took
    if (took < span) this.now = Math.max(this.now, measured)
    else if (measured > this.now) this.now += (measured - this.now) * 0.5
    else if (busy) this.now += (measured - this.now) * 0.1
    const passed = Math.min(1, (now - this.#changedAt) / FORGET_MS)
    this.#changedAt = now
    if (this.now > this.lately) this.lately = this.now
    else if (busy) this.lately += (this.now - this.lately) * passed
  }

  /** Answers the mark that the rate is measured from. */
  #mark(now: number, span: number) {
    const marks = this.#marks
    const last = marks.at(-1)
    if (!last || now - last.at >= span / MARKS_A_SPAN) marks.push({ at: now, bytes: this.#bytes })
    const mayGo = (next = marks[1]): boolean =>
      next !== undefined && next.at <= now - span && this.#bytes - next.bytes >= FEWEST_BYTES
    while (mayGo()) marks.shift()
    return marks[0] ?? { at: now, bytes: this.#bytes }
  }
}
