export interface PlayStats {
  readonly total: number
  readonly hits: number
  readonly misses: number
  readonly active: number
  readonly firstByteMs: { readonly p50: number; readonly p99: number }
  readonly arrivals: {
    readonly running: number
    readonly waiting: number
    readonly max: number
    readonly bytesPerSecond: number
  }
}

/** What was remembered of the last plays; times in milliseconds. */
const KEPT = 1000

export interface PlayCounter {
  /** A play was asked for; HEAD is none. */
  asked(): void
  /** A play has bytes: whose end is told by `ended`. */
  began(from: 'disk' | 'swarm' | 'path'): void
  firstByte(ms: number): void
  ended(): void
  readonly stats: Omit<PlayStats, 'arrivals'>
}

export function createPlayCounter(): PlayCounter {
  const recent: number[] = []
  let next = 0
  let total = 0
  let hits = 0
  let misses = 0
  let active = 0
  return {
    asked: () => void total++,
    began(from) {
      active++
      if (from === 'disk') hits++
      if (from === 'swarm') misses++
    },
    firstByte(ms) {
      recent[next] = ms
      next = (next + 1) % KEPT
    },
    ended: () => void active--,
    get stats() {
      const sorted = recent.toSorted((a, b) => a - b)
      const firstByteMs = { p50: percentile(sorted, 50), p99: percentile(sorted, 99) }
      return { total, hits, misses, active, firstByteMs }
    },
  }
}

/** Nearest rank; 0 when there is nothing to rank. */
function percentile(sorted: readonly number[], p: number): number {
  return Math.round(sorted[Math.max(0, Math.ceil((sorted.length * p) / 100) - 1)] ?? 0)
}
