import type { CacheIndex } from '../cache/index/cache-index.ts'
import { type FileKey, fileKey } from '../common/bittorrent/file-key.ts'
import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'
import { Balancer } from './balancer.ts'
import { newCounts } from './cluster-counts.ts'
import { ClusterReport } from './cluster-report.ts'
import { FetchedElsewhere } from './fetched-elsewhere.ts'
import { FilesElsewhere } from './files-elsewhere.ts'
import { HandedPlays } from './handed-plays.ts'
import { NodeClient } from './node-client.ts'
import { type NodeFacts, Nodes, type NodesParts } from './nodes.ts'
import { Signatures } from './signature.ts'
import type { TorrentLeasesParts } from './torrent-lease.ts'
import { TorrentLeases } from './torrent-leases.ts'

export interface ClusterParts {
  readonly index: CacheIndex
  /** Id of this node. */
  readonly node: string
  /** CLUSTER_SECRET. */
  readonly secret: string
  readonly version: string
  /** Base of the URLs that go through the balancer, where there is one. */
  readonly balancerUrl?: string | undefined
  /** What this node says of itself, beside whether it drains. */
  readonly about: () => Promise<Omit<NodeFacts, 'draining' | 'version'>>
  readonly clock: Clock
  readonly log: Log
  /** Tests shorten them. */
  readonly timing?: {
    readonly nodes?: NodesParts['timing']
    readonly leases?: TorrentLeasesParts['timing']
  }
}

/** Of one node, for room that it may not have. */
const MOST_ASKED = 3

/**
 * The nodes that share one index (docs/decisions/0029): who is there, who has or fetches a file, and the way
 * to ask another one. Redis says who, HTTP carries; nothing else goes between nodes.
 */
export class Cluster {
  readonly nodes: Nodes
  readonly torrents: TorrentLeases
  readonly signatures: Signatures
  readonly client: NodeClient
  readonly balancer: Balancer
  readonly report: ClusterReport
  readonly files: FilesElsewhere
  readonly counts = newCounts()
  readonly handed = new HandedPlays()
  readonly #index: CacheIndex
  readonly #log: Log
  /** Viewers. */
  readonly #guessed = new WeakSet<object>()
  /** How often each viewer was sent to each node for want of room. */
  readonly #asked = new WeakMap<object, Map<string, number>>()
  #draining = false

  constructor(parts: ClusterParts) {
    const { about, version, timing, ...shared } = parts
    this.#index = parts.index
    this.#log = parts.log
    this.nodes = new Nodes({
      ...shared,
      about: async () => ({ ...(await about()), version, draining: this.#draining }),
      ...(timing?.nodes && { timing: timing.nodes }),
    })
    this.torrents = new TorrentLeases({
      ...shared,
      counts: this.counts,
      lines: this.nodes,
      ...(timing?.leases && { timing: timing.leases }),
    })
    this.signatures = new Signatures(shared)
    this.client = new NodeClient(this.signatures, this.nodes, parts.clock)
    const { nodes, client, torrents, handed, counts, signatures } = this
    this.balancer = new Balancer({ ...shared, signatures, url: parts.balancerUrl })
    this.files = new FilesElsewhere({ ...shared, nodes, client })
    this.report = new ClusterReport({ ...shared, version, nodes, torrents, handed, counts })
  }

  /**
   * Another node that is there and has the whole file. One that did not answer a moment ago stands for those that
   * do where there are none: who is busy gives it sooner than a second download. Never rejects.
   */
  async findHolder(key: FileKey): Promise<FetchedElsewhere | undefined> {
    const entries = await this.#index.find(key).catch((error: unknown) => {
      this.#log.debug({ err: error }, 'the index did not answer; going on without it')
      return []
    })
    const complete = entries.filter((one) => one.complete && !this.client.saidNo(one.node, key))
    const there = complete.filter(({ node }) => this.nodes.other(node)?.draining === false)
    const busy = complete.filter(({ node }) => this.nodes.mayAnswerSoon(node))
    const holders = there.length > 0 ? there : busy
    // Any of them: who has it many times over has it to spread the load.
    const holder = holders[Math.floor(Math.random() * holders.length)]
    if (!holder) return undefined
    const { node, name, size } = holder
    return new FetchedElsewhere(node, { key, name, size }, true)
  }

  /** @throws FetchedElsewhere another node has it, as findHolder says */
  async expectNoHolder(key: FileKey): Promise<void> {
    const found = await this.findHolder(key)
    if (found) throw found
  }

  /**
   * Nothing, when no other node has the first file of the torrent: who has it knows what else is in it, and
   * plays what is asked for by the same address, although nobody here knows which file that is. It is a guess,
   * so a viewer is sent there once.
   * @throws FetchedElsewhere one has it
   */
  async expectNoTorrent(infoHash: string, viewer: object): Promise<void> {
    if (this.#guessed.has(viewer)) return
    this.#guessed.add(viewer)
    const found = await this.findHolder(fileKey(infoHash, 0))
    if (found) throw new FetchedElsewhere(found.node)
  }

  /**
   * Nothing, when the viewer was sent to each node for it already, more than once: one may say no only because the lease is
   * on its way. Who was asked least, and has most room, is next. What counts as room there that one knows: it may remove what nobody watches.
   * @throws FetchedElsewhere a node that may have room
   */
  expectNoRoom(infoHash: string, viewer: object): void {
    this.torrents.leave(infoHash)
    const asked = this.#asked.get(viewer) ?? new Map<string, number>()
    const times = (node: string): number => asked.get(node) ?? 0
    this.#asked.set(viewer, asked)
    const [best] = this.nodes.others
      .filter(
        ({ node, draining }) => !draining && times(node) < MOST_ASKED && this.nodes.other(node),
      )
      .sort((a, b) => times(a.node) - times(b.node) || b.freeBytes - a.freeBytes)
    if (!best) return
    asked.set(best.node, times(best.node) + 1)
    throw new FetchedElsewhere(best.node)
  }

  /** Begins to be there for the others. Never rejects. */
  start(): Promise<void> {
    return this.nodes.start()
  }

  /** Hands back what others may fetch from now on, and says that nothing new begins here. Never rejects. */
  async drain(): Promise<void> {
    this.#draining = true
    await Promise.all([this.torrents.giveBack(), this.nodes.beat()])
  }

  async close(): Promise<void> {
    await this.torrents.close()
    await this.nodes.close()
    this.client.close()
  }
}
