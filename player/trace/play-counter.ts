import type { PlayStats } from '../../common/play-stats.ts'

/** Times to the first byte that the percentiles are made of: those of the last plays. */
const KEPT = 1000

export class PlayCounter {
  /** Milliseconds; a ring whose oldest value is written over next. */
  readonly #firstByteTimes: number[] = []
  #next = 0
  #total = 0
  #hits = 0
  #misses = 0
  #active = 0

  /** A play was asked for. HEAD does not count. */
  asked(): void {
    this.#total++
  }

  /** A play has bytes to give; ended() must follow. */
  began(from: string): void {
    this.#active++
    if (from === 'disk') this.#hits++
    if (from === 'swarm') this.#misses++
  }

  firstByte(ms: number): void {
    this.#firstByteTimes[this.#next] = ms
    this.#next = (this.#next + 1) % KEPT
  }

  ended(): void {
    this.#active--
  }

  get stats(): Omit<PlayStats, 'arrivals' | 'conversions'> {
    const sorted = this.#firstByteTimes.toSorted((a, b) => a - b)
    return {
      total: this.#total,
      hits: this.#hits,
      misses: this.#misses,
      active: this.#active,
      firstByteMs: { p50: percentile(sorted, 50), p99: percentile(sorted, 99) },
    }
  }
}

/** Nearest rank; 0 when there are no values. */
function percentile(sorted: readonly number[], p: number): number {
  return Math.round(sorted[Math.max(0, Math.ceil((sorted.length * p) / 100) - 1)] ?? 0)
}
