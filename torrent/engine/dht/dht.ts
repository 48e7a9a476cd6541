import { isIPv4, type LookupFunction } from 'node:net'
import { dhtNodeText, splitDhtNode } from '../../../common/bittorrent/dht-nodes.ts'
import type { AddressRules } from '../../../common/network/address-rules.ts'
import { createTrackerLookup } from '../trackers/tracker-lookup.ts'
import { type DhtSearch, Ipv6Dht } from './ipv6-dht.ts'
import { type NodeAddress, OfferedNodes } from './offered-nodes.ts'

/** The node of the library, which speaks IPv4 (BEP 5), as far as it is needed here. */
export interface LibraryNode {
  readonly nodeId: Buffer
  readonly listening: boolean
  address(): { readonly port: number }
  /** Peers come the way that the library's own come. @param infoHash hex */
  lookup(infoHash: string, done?: (error: Error | null) => void): void
  /** Asks it whether it is there, first. */
  addNode(node: NodeAddress): void
  /** Nodes that answered. */
  toJSON(): { readonly nodes: readonly NodeAddress[] }
  /** A node has answered for the first time. */
  on(event: 'node', listener: (node: NodeAddress) => void): unknown
}

/** Those that begin the DHT over IPv6, where the operator names none. */
const IPV6_BOOTSTRAP = [
  'dht.libtorrent.org:25401',
  'dht.transmissionbt.com:6881',
  'router.silotis.us:6881',
]
/** BEP 5: an announcement is forgotten after a while. */
const ANNOUNCE_MS = 900_000
/** Over IPv6: so often at most, whoever asks. */
const LEAST_MS = 5000

interface Searched extends DhtSearch {
  searchedAt: number
}

/** Looks for peers in the DHT, over IPv4 by the library and over IPv6 by ourselves. */
export class Dht {
  readonly #library: LibraryNode
  readonly #six: Ipv6Dht
  readonly #offered: OfferedNodes
  readonly #torrents = new Map<string, Searched>()
  readonly #timer: NodeJS.Timeout

  /**
   * @param bootstrap `host:port` of the nodes to begin with over IPv6; undefined: the usual ones
   * @param names for their names; undefined: the system's may be asked
   */
  constructor(
    library: LibraryNode,
    rules: AddressRules,
    bootstrap: readonly string[] | undefined,
    names?: LookupFunction,
  ) {
    const lookup = names ?? createTrackerLookup()
    this.#library = library
    const id = library.nodeId
    this.#six = new Ipv6Dht({ id, bootstrap: bootstrap ?? IPV6_BOOTSTRAP, rules, lookup })
    this.#offered = new OfferedNodes((node) => this.addNode(node), rules, lookup)
    library.on('node', (node) => {
      this.#offered.answered(node)
      if (this.#offered.has(node))
        for (const infoHash of this.#torrents.keys()) library.lookup(infoHash)
    })
    this.#timer = setInterval(() => this.#searchAll(), ANNOUNCE_MS)
  }

  /** 20 bytes. */
  get nodeId(): Buffer {
    return this.#library.nodeId
  }

  /** `ip:port` or `[ip]:port` of nodes that answered. */
  get nodes(): readonly string[] {
    const four = this.#library.toJSON().nodes.map(({ host, port }) => `${host}:${port}`)
    return [...this.#six.nodes, ...four]
  }

  /** Where other nodes reach ours, over IPv4, for a PORT message (BEP 5). */
  get port(): number | undefined {
    return this.#library.listening ? this.#library.address().port : undefined
  }

  /** A torrent whose peers may be looked for here. Over IPv4 the library begins by itself. */
  add(search: DhtSearch): void {
    const searched = { ...search, searchedAt: performance.now() }
    this.#torrents.set(search.infoHash, searched)
    void this.#six.search(searched)
  }

  remove(infoHash: string): void {
    this.#torrents.delete(infoHash)
  }

  /** Peers are needed now. */
  ask(infoHash: string): void {
    const torrent = this.#torrents.get(infoHash)
    if (!torrent) return
    this.#library.lookup(infoHash)
    if (performance.now() - torrent.searchedAt >= LEAST_MS) this.#search(torrent)
  }

  /** Somebody says that these are nodes. @param nodes `host:port` or `[ip]:port` */
  offer(nodes: readonly string[]): void {
    const known = new Set(this.nodes)
    this.#offered.offer(nodes.filter((node) => !known.has(node)))
  }

  /** Asks it whether it is there; then it is one of ours. */
  addNode({ host, port }: NodeAddress): void {
    if (isIPv4(host)) this.#library.addNode({ host, port })
    else void this.#addIpv6(dhtNodeText(host, port) ?? '')
  }

  close(): void {
    clearInterval(this.#timer)
    this.#torrents.clear()
    this.#offered.close()
    this.#six.close()
  }

  async #addIpv6(address: string): Promise<void> {
    const isNew = await this.#six.addNode(address)
    if (isNew) this.#offered.answered(splitDhtNode(address))
    // It may know what those that were asked at the start did not; often it is the first one at all.
    if (isNew && this.#offered.has(splitDhtNode(address))) this.#searchAll()
  }

  #searchAll(): void {
    for (const torrent of this.#torrents.values()) this.#search(torrent)
  }

  #search(torrent: Searched): void {
    torrent.searchedAt = performance.now()
    void this.#six.search(torrent)
  }
}
