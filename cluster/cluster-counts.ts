import type { ClusterTotals } from '../common/cluster-stats.ts'

/** Each is counted where it happens; a play asks the index nothing for it. */
export type ClusterCounts = { -readonly [Name in keyof ClusterTotals]: number }

export const newCounts = (): ClusterCounts => ({
  relayedBytes: 0,
  handedBytes: 0,
  leasesLost: 0,
  takeovers: 0,
  copies: 0,
})
