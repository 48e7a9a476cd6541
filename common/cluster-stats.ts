/** What one node knows of the others and has done with them; /api/cache-stats shows it under these names. */
export interface ClusterStats {
  /** Id of this node. */
  readonly node: string
  readonly version: string
  /** Nodes that are there, without this one. */
  readonly others: readonly OtherNode[]
  /** Plays of viewers here that another node sends now. */
  readonly handedOver: number
  /** Torrents that this node has the lease of now. */
  readonly leases: number
  /** Since the start. */
  readonly totals: ClusterTotals
}

export interface OtherNode {
  readonly node: string
  readonly version: string
  /** `unreachable`: the index hears of it, and this node cannot get through to it. */
  readonly state: 'there' | 'draining' | 'unreachable'
  readonly freeBytes: number
  /** Plays that it was answering at its last heartbeat. Null: its version does not say. */
  readonly plays: number | null
  /** What it has on its disk, partial files included. Null: the index does not say. */
  readonly files: number | null
  readonly bytes: number | null
}

export interface ClusterTotals {
  /** Bytes that other nodes sent for viewers of this one; what nginx fetches itself is not among them. */
  readonly relayedBytes: number
  /** Bytes of plays and copies that this node sent to other nodes. */
  readonly handedBytes: number
  /** Leases that another node had in the end, while this one still fetched. */
  readonly leasesLost: number
  /** Plays that went on elsewhere after the node or swarm they were read from had failed. */
  readonly takeovers: number
  /** Files copied from other nodes because many watched them (SPREAD_AFTER). */
  readonly copies: number
}
