/** What is counted of plays since the start; /api/cache-stats shows it under these names. */
export interface PlayStats {
  readonly total: number
  /** Plays whose bytes came from disk, and from the swarm. */
  readonly hits: number
  readonly misses: number
  /** Being answered now. */
  readonly active: number
  /** Percentiles of the last plays, in milliseconds. */
  readonly firstByteMs: { readonly p50: number; readonly p99: number }
  /** Downloads. */
  readonly arrivals: {
    readonly running: number
    readonly waiting: number
    readonly max: number
    readonly bytesPerSecond: number
  }
  /** Of segments for browsers; null: BROWSER=off. */
  readonly conversions: ConversionStats | null
}

export interface ConversionStats {
  readonly running: number
  readonly waiting: number
  /** Segments that were made, and those that were kept from an earlier viewer, since the start. */
  readonly made: number
  readonly reread: number
}
