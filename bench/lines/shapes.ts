/** A line between two network namespaces (line.c), and who is at its far end. */
export interface Shape {
  /** Milliseconds one way. */
  readonly delayMs: number
  /** Percent of packets, each way. */
  readonly loss: number
  /** What all peers share towards the viewer; 0: no limit. */
  readonly megabits: number
  readonly peers: number
  /** Bytes a second that each peer sends at most; 0: no limit. */
  readonly peerRate: number
  /** Of the film; it is read as a whole. */
  readonly mebibytes: number
  readonly viewers: readonly Viewer[]
}

/**
 * `read`: the whole film in order, as fast as it comes; `seek`: a jump soon after the start; `watch`: a
 * player of 25 Mbit/s.
 */
export type Viewer = 'read' | 'seek' | 'watch'

/** A queue of this many milliseconds stands before a line with a limit; what is more is dropped. */
export const QUEUE_MS = 100

const base: Shape = {
  ...{ delayMs: 40, loss: 0, megabits: 0, peers: 1, peerRate: 0, mebibytes: 48, viewers: ['read'] },
}
const LOSSES = [0, 1, 2, 3] as const
const lossy = (peers: number): Readonly<Record<string, Shape>> =>
  Object.fromEntries(
    LOSSES.map((loss) => [
      `${peers} seeder${peers > 1 ? 's' : ''} at 80 ms and ${loss} % loss`,
      { ...base, peers, loss },
    ]),
  )

export const shapes: Readonly<Record<string, Shape>> = {
  '50 peers on one line of 20 Mbit/s': { ...base, peers: 50, megabits: 20, mebibytes: 32 },
  '50 peers of 100 KB/s at 1 % loss': { ...base, peers: 50, peerRate: 100_000, loss: 1 },
  ...lossy(1),
  ...lossy(3),
  '1 seeder at 300 ms': { ...base, delayMs: 150 },
  'film of 25 Mbit/s on one line of 32 with 20 peers': {
    ...base,
    ...{ peers: 20, megabits: 32, mebibytes: 100, viewers: ['watch'] },
  },
  '30 peers of 8 KB/s': { ...base, peers: 30, peerRate: 8000, mebibytes: 8 },
  '50 peers of 20 KB/s': {
    ...base,
    ...{ peers: 50, peerRate: 20_000, mebibytes: 16, viewers: ['read', 'seek'] },
  },
  '8 peers at 80 ms and 1 % loss': { ...base, peers: 8, loss: 1, viewers: ['read', 'seek'] },
}
