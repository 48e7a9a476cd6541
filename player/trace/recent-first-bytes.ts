import type { PlayTrace, TakenStep } from './play-trace.ts'

export interface FirstByte {
  /** Since the request. */
  readonly ms: number
  /** As a playable says it. */
  readonly from: string
}

/** One of the last starts with its steps; nothing in it says what was played. */
export interface ExplainedStart extends FirstByte {
  readonly steps: readonly TakenStep[]
  readonly stalls: number
  readonly stalledMs: number
}

/** What the status page draws. */
const FIRST_BYTES = 60
const EXPLAINED_STARTS = 8

/** Times to the first byte of the last plays, for the status page. */
export class RecentFirstBytes {
  /** Rings, whose oldest is written over next: an object for each range would outlive it. */
  readonly #ms: Float64Array
  readonly #from: FirstByte['from'][] = []
  #next = 0
  readonly #max: number
  readonly #starts: { readonly firstByte: FirstByte; readonly trace: PlayTrace }[] = []

  constructor(max = FIRST_BYTES) {
    this.#max = max
    this.#ms = new Float64Array(max)
  }

  add(ms: number, from: FirstByte['from'], trace?: PlayTrace): void {
    const rounded = Math.round(ms * 10) / 10
    this.#ms[this.#next] = rounded
    this.#from[this.#next] = from
    this.#next = (this.#next + 1) % this.#max
    // Further ranges of a play skip the first steps, so they have nothing to explain.
    if (!trace?.took('sources')) return
    this.#starts.push({ firstByte: { ms: rounded, from }, trace })
    if (this.#starts.length > EXPLAINED_STARTS) this.#starts.shift()
  }

  /** Oldest first. */
  get list(): readonly FirstByte[] {
    const oldest = this.#from.length < this.#max ? 0 : this.#next
    return this.#from.map((_, i) => {
      const at = (oldest + i) % this.#max
      return { ms: this.#ms[at] ?? 0, from: this.#from[at] ?? '' }
    })
  }

  /** Oldest first. Their stalls go on counting while the play lasts. */
  get starts(): readonly ExplainedStart[] {
    return this.#starts.map(({ firstByte, trace }) => {
      const { steps, stalls, stalledMs } = trace
      return { ...firstByte, steps, stalls, stalledMs }
    })
  }
}
