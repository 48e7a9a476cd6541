/** A line in front of one seeder. */
export interface Line {
  readonly rttMs: number
  /** Bytes a second. */
  readonly rate: number
  /** Payload bytes after which a connection falls silent. */
  readonly stallAfter?: number
}

export interface ShapedLink extends Line {
  /** The address to listen on. */
  readonly listen: string
  /** `ip:port` of the seeder. */
  readonly to: string
}

/** Six of 2 MB/s at 50 to 100 ms, one slow, one that stalls after 3 MiB. */
const EIGHT: readonly Line[] = [
  ...[50, 60, 70, 80, 90, 100].map((rttMs) => ({ rttMs, rate: 2e6 })),
  { rttMs: 100, rate: 60e3 },
  { rttMs: 60, rate: 2e6, stallAfter: 3 << 20 },
]

/** `tight`: together just more than a film of 25 Mbit/s needs. */
export const profiles = {
  eight: EIGHT,
  tight: EIGHT.map((line) => (line.rate > 1e6 ? { ...line, rate: 650e3 } : line)),
} as const
export type Profile = keyof typeof profiles
