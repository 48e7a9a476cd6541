import type { CacheIndex } from '../cache/index/cache-index.ts'
import { inParallel } from '../cache/store/in-parallel.ts'
import type { Clock } from '../common/clock.ts'
import type { ClusterStats, OtherNode } from '../common/cluster-stats.ts'
import type { ClusterCounts } from './cluster-counts.ts'
import type { HandedPlays } from './handed-plays.ts'
import type { Nodes } from './nodes.ts'
import type { TorrentLeases } from './torrent-leases.ts'

export interface ClusterReportParts {
  readonly index: Pick<CacheIndex, 'totals'>
  readonly node: string
  readonly version: string
  readonly nodes: Pick<Nodes, 'others' | 'stateOf'>
  readonly torrents: Pick<TorrentLeases, 'count'>
  readonly handed: Pick<HandedPlays, 'count'>
  readonly counts: ClusterCounts
  readonly clock: Pick<Clock, 'steady'>
}

type Stored = Pick<OtherNode, 'files' | 'bytes'>

/** Pages ask every second, each for its viewer. */
const BELIEVED_MS = 1_000
/** Nodes of which the index is asked what they hold; of more it would be asked too much. */
const MOST_ASKED = 50
const WIDTH = 8
const UNKNOWN: Stored = { files: null, bytes: null }

/** What can be told of the cluster. The index is asked only when somebody looks, once a second at most. */
export class ClusterReport {
  readonly #parts: ClusterReportParts
  #stored: { readonly by: Promise<ReadonlyMap<string, Stored>>; readonly until: number } | undefined

  constructor(parts: ClusterReportParts) {
    this.#parts = parts
  }

  /** Never rejects. */
  async stats(): Promise<ClusterStats> {
    const { node, version, nodes, torrents, handed, counts } = this.#parts
    const stored = await this.#storedByNode()
    const others = nodes.others.map((other) => {
      const { version, freeBytes, plays = null } = other
      const state = nodes.stateOf(other)
      const told = { version, state, freeBytes, plays, ...(stored.get(other.node) ?? UNKNOWN) }
      return { node: other.node, ...told }
    })
    others.sort((a, b) => (a.node < b.node ? -1 : 1))
    const now = { handedOver: handed.count, leases: torrents.count }
    return { node, version, others, ...now, totals: { ...counts } }
  }

  #storedByNode(): Promise<ReadonlyMap<string, Stored>> {
    const now = this.#parts.clock.steady()
    if (!this.#stored || now >= this.#stored.until) {
      this.#stored = { by: this.#askIndex(), until: now + BELIEVED_MS }
    }
    return this.#stored.by
  }

  async #askIndex(): Promise<ReadonlyMap<string, Stored>> {
    const { index, nodes } = this.#parts
    const stored = new Map<string, Stored>()
    const others = nodes.others.slice(0, MOST_ASKED)
    await inParallel(others, WIDTH, async ({ node }) => {
      stored.set(node, await index.totals(node).catch(() => UNKNOWN))
    })
    return stored
  }
}
