import { Counter, Gauge, type Registry } from 'prom-client'
import type { Cluster } from '../../cluster/cluster.ts'
import type { ClusterTotals } from '../../common/cluster-stats.ts'

/** What metrics read of a cluster: nothing that the index has to be asked for. */
export type WatchedCluster = Pick<Cluster, 'handed' | 'counts'> & {
  readonly nodes: Pick<Cluster['nodes'], 'all' | 'others' | 'stateOf'>
  readonly torrents: Pick<Cluster['torrents'], 'count'>
}

const totals: Readonly<Record<keyof ClusterTotals, readonly [name: string, help: string]>> = {
  relayedBytes: [
    'playlink_cluster_relayed_bytes_total',
    'Bytes that other nodes sent for viewers of this one',
  ],
  handedBytes: [
    'playlink_cluster_handed_bytes_total',
    'Bytes of plays and copies that this node sent to other nodes',
  ],
  leasesLost: [
    'playlink_cluster_leases_lost_total',
    'Leases of torrents that another node had in the end, while this one still fetched',
  ],
  takeovers: [
    'playlink_cluster_takeovers_total',
    'Plays that went on elsewhere after what they were read from had failed',
  ],
  copies: [
    'playlink_cluster_copies_total',
    'Files copied from other nodes because many watched them (SPREAD_AFTER)',
  ],
}

/** Names that begin with `playlink_cluster_`; only where several nodes share one cache. */
export function watchCluster(registry: Registry, cluster: WatchedCluster): void {
  const registers = [registry]
  const { nodes, torrents, handed, counts } = cluster
  const inState = (state: string): number =>
    nodes.others.filter((node) => nodes.stateOf(node) === state).length
  const now: readonly (readonly [name: string, help: string, value: () => number])[] = [
    ['playlink_cluster_nodes', 'Nodes that are there, this one included', () => nodes.all.length],
    [
      'playlink_cluster_nodes_draining',
      'Other nodes that are there and begin nothing new',
      () => inState('draining'),
    ],
    [
      'playlink_cluster_nodes_unreachable',
      'Other nodes that are there and that this one does not get through to',
      () => inState('unreachable'),
    ],
    [
      'playlink_cluster_handed_over',
      'Plays of viewers here that another node sends now',
      () => handed.count,
    ],
    [
      'playlink_cluster_leases',
      'Torrents that this node has the lease of now',
      () => torrents.count,
    ],
  ]
  for (const [name, help, value] of now) {
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(value())
      },
    })
  }
  for (const [key, [name, help]] of Object.entries(totals)) {
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset()
        this.inc(counts[key as keyof ClusterTotals])
      },
    })
  }
}
