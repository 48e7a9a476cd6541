import type { Dht } from '../dht/dht.ts'
import type { TorrentTrackers } from '../trackers/torrent-trackers.ts'
import type { TrackedTorrent, TrackerClient } from '../trackers/tracker-client.ts'
import type { LocalDiscovery } from './local-discovery.ts'
import type { OwnAddresses } from './own-addresses.ts'

/** Who is asked for peers; shared by all torrents. */
export interface DiscoveryTools {
  readonly trackers: TrackerClient
  /** Undefined: switched off, as are the others. */
  readonly local: LocalDiscovery | undefined
  readonly dht: Dht | undefined
  readonly own: OwnAddresses
  /** Trackers that every public torrent asks. */
  readonly extraTrackers: () => readonly string[]
}

/** Finds the peers of one torrent: by its trackers, on the local network, and in the DHT. */
export class TorrentDiscovery {
  readonly #tools: DiscoveryTools
  readonly #infoHash: string
  readonly #trackers: TorrentTrackers
  readonly #ofItsOwn = new Set<string>()
  #isPrivate = false

  constructor(
    tools: DiscoveryTools,
    torrent: Omit<TrackedTorrent, 'seenAs'> & { readonly isPrivate: boolean },
  ) {
    this.#tools = tools
    this.#infoHash = torrent.infoHash
    const seenAs = (address: string): void => tools.own.seenAs(address)
    this.#trackers = tools.trackers.join({ ...torrent, seenAs })
    if (torrent.isPrivate) this.setPrivate()
    else {
      tools.local?.add(torrent.infoHash, (peer) => torrent.peersFound([peer]))
      tools.dht?.add(torrent)
      this.addExtra()
    }
  }

  /** Trackers of the torrent's own. */
  add(trackers: readonly string[]): void {
    for (const one of trackers) this.#ofItsOwn.add(one)
    this.#trackers.add(trackers)
  }

  /** Those that every public torrent asks. One whose metadata is unknown is taken for public. */
  addExtra(): void {
    if (!this.#isPrivate) this.#trackers.add(this.#tools.extraTrackers())
  }

  /** BEP 27: from now on its own trackers are asked and nobody else. */
  setPrivate(): void {
    this.#isPrivate = true
    this.#trackers.remove(this.#tools.extraTrackers().filter((one) => !this.#ofItsOwn.has(one)))
    this.#tools.local?.remove(this.#infoHash)
    this.#tools.dht?.remove(this.#infoHash)
  }

  /** The port of our node of the DHT, where peers of this torrent may hear of it. */
  get dhtPort(): number | undefined {
    return this.#isPrivate ? undefined : this.#tools.dht?.port
  }

  /** Its .torrent or a peer names nodes of the DHT. @param nodes `host:port` or `[ip]:port` */
  addNodes(nodes: readonly string[]): void {
    if (!this.#isPrivate) this.#tools.dht?.offer(nodes)
  }

  /** Peers are needed now. */
  hurry(): void {
    this.#trackers.hurry()
    if (this.#isPrivate) return
    this.#tools.local?.announce(this.#infoHash)
    this.#tools.dht?.ask(this.#infoHash)
  }

  /** The whole torrent is here. */
  completed(): void {
    this.#trackers.completed()
  }

  async close(): Promise<void> {
    this.#tools.local?.remove(this.#infoHash)
    this.#tools.dht?.remove(this.#infoHash)
    await this.#trackers.close()
  }
}
