import type { Metainfo } from '../../../common/bittorrent/metainfo.ts'
import { countOfPieces } from '../../../common/bittorrent/piece-hash.ts'
import { mergedSpec } from '../../protocol/merged-spec.ts'
import type { TorrentSpec } from '../../protocol/torrent-engine.ts'
import { KnownAddresses } from '../discovery/known-addresses.ts'
import { type DiscoveryTools, TorrentDiscovery } from '../discovery/torrent-discovery.ts'
import type { RateLimit } from '../swarm/rate-limit.ts'
import type { Swarm, SwarmEvents } from '../swarm/swarm.ts'
import { WebSeeds } from '../webseed/web-seeds.ts'
import type { Transport, UtpDialler } from '../wire/dial.ts'
import { TcpPeers } from '../wire/tcp-peers.ts'
import { limitWork } from './limit-work.ts'
import { PieceNews } from './piece-news.ts'
import { routePeers } from './route-peers.ts'
import { standIn } from './stand-in.ts'
import { TransferCount } from './transfer-count.ts'
import { uploadStore } from './upload-store.ts'
import { addWebtorrentPeer } from './webtorrent-peer.ts'
import type { WtClient, WtTorrent, WtWire } from './webtorrent-types.ts'

interface SwarmOptions {
  readonly limit: RateLimit
  readonly discovery: DiscoveryTools
  readonly pex: boolean
  readonly utp: UtpDialler | undefined
  readonly port: number
  /** Of the torrent, when it is known already. */
  readonly metainfo: Metainfo | undefined
  /** Called once the swarm is being closed. */
  closed(): void
}

/**
 * One torrent and its peers. Trackers, plain connections and web seeds are our own; webtorrent asks
 * the DHT, and makes the connections that are encrypted or incoming.
 */
export class TorrentSwarm implements Swarm {
  #spec: TorrentSpec
  readonly #events: SwarmEvents
  readonly #options: SwarmOptions
  readonly #count: TransferCount
  readonly discovery: TorrentDiscovery
  readonly #torrent: WtTorrent
  readonly #pieceNews: PieceNews
  readonly #tcpPeers: TcpPeers
  readonly #connectEncrypted: (address: string, transport: Transport) => void
  readonly #addresses: KnownAddresses
  readonly #verified = new Set<number>()
  /** As soon as it is known. */
  #metainfo: Metainfo | undefined
  #isPrivate: boolean
  readonly #webSeeds: WebSeeds

  constructor(wt: WtClient, spec: TorrentSpec, given: SwarmEvents, options: SwarmOptions) {
    const [{ infoHash }, { limit, port }] = [spec, options]
    this.#spec = spec
    this.#options = options
    this.#addresses = new KnownAddresses(options.discovery.own)
    this.#count = new TransferCount(given)
    const { events } = this.#count
    this.#events = events
    this.#webSeeds = new WebSeeds(events)
    this.#isPrivate = options.metainfo?.isPrivate === true
    // Without the metainfo, even where we have it: so webtorrent looks for peers at once.
    this.#torrent = wt.add(
      { infoHash, announce: [], urlList: [] },
      {
        deselect: true,
        storeCacheSlots: 0,
        store: uploadStore(events, limit),
        ...(this.#isPrivate && { private: true }),
      },
    )
    limitWork(this.#torrent)
    this.#pieceNews = new PieceNews(this.#torrent)
    this.#tcpPeers = new TcpPeers({
      ...{ infoHash, limit, events, port },
      pex: options.pex && !this.#isPrivate,
      peerId: wt.peerIdBuffer,
      metadataReceived: (metainfo) => this.#metadataReceived(metainfo),
      peersFound: (addresses) => this.#peersFound(addresses),
      utp: options.utp,
      dhtPort: () => this.discovery.dhtPort,
      nodeFound: (node) => this.discovery.addNodes([node]),
      handshakeUnanswered: (address, transport) => this.#connectEncrypted(address, transport),
    })
    this.#connectEncrypted = routePeers(
      this.#torrent,
      (address) => !this.#isPrivate && this.#heardOf(address),
    )
    this.#listen(Buffer.from(wt.peerIdBuffer).toString('hex'), options.metainfo)
    this.discovery = new TorrentDiscovery(options.discovery, {
      infoHash,
      isPrivate: this.#isPrivate,
      peerId: wt.peerIdBuffer,
      port,
      totals: () => this.#count.totals,
      peersFound: (peers) => {
        for (const address of peers) this.#heardOf(address)
      },
    })
    this.#heardFrom(spec)
  }

  get peers(): number {
    return this.#torrent.wires.length + this.#tcpPeers.count + this.#webSeeds.connected
  }

  get uploaded(): number {
    return this.#count.totals.uploaded
  }

  verified(piece: number): void {
    this.#verified.add(piece)
    this.#countPieces()
    this.#tcpPeers.verified(piece)
    this.#pieceNews.verified(piece)
  }

  unverified(piece: number): void {
    this.#verified.delete(piece)
    this.#countPieces()
    this.#tcpPeers.unverified(piece)
    this.#pieceNews.unverified(piece)
  }

  learn(spec: TorrentSpec): void {
    if (this.#torrent.destroyed) return
    this.#spec = mergedSpec(this.#spec, spec)
    this.#heardFrom(spec)
    if (this.#metainfo) this.#webSeeds.open(this.#spec.webSeeds, this.#metainfo)
    else if (spec.metainfo) this.#metadataReceived(spec.metainfo)
  }

  reconnect(): void {
    this.#tcpPeers.resetBackoff()
    for (const address of this.#addresses.all) {
      // A plain connection that is still opening may be to a peer that waits for encryption.
      const transport = !this.#tcpPeers.connect(address) && this.#tcpPeers.transportTo(address)
      if (transport) this.#connectEncrypted(address, transport)
    }
  }

  announce(): void {
    this.discovery.hurry()
  }

  async close(): Promise<void> {
    this.#options.closed()
    this.#tcpPeers.close()
    this.#webSeeds.close()
    const destroyed = new Promise<void>((resolve) => {
      // A second destroy() would never call back.
      if (this.#torrent.destroyed) resolve()
      else this.#torrent.destroy({ destroyStore: false }, () => resolve())
    })
    await Promise.all([destroyed, this.discovery.close()])
  }

  /** What the trackers are told. */
  #countPieces(): void {
    if (!this.#metainfo) return
    const { pieceLength, length } = this.#metainfo
    this.#count.have(this.#verified.size, pieceLength, length)
    const { left, downloaded } = this.#count.totals
    // BEP 3: not for what was complete when it began.
    if (left === 0 && downloaded > 0) this.discovery.completed()
  }

  /** Who may know of peers, by a magnet or a .torrent. */
  #heardFrom({ trackers, peers = [], nodes = [] }: TorrentSpec): void {
    this.discovery.add(trackers)
    this.discovery.addNodes(nodes)
    this.#peersFound(peers)
  }

  /** Answers whether we connect to it. */
  #heardOf(text: string): boolean {
    const address = this.#torrent.destroyed ? undefined : this.#addresses.add(text)
    return address !== undefined && this.#tcpPeers.connect(address.text)
  }

  /** @param ownPeerId hex */
  #listen(ownPeerId: string, metainfo: Metainfo | undefined): void {
    const torrent = this.#torrent
    torrent.on('error', (err: Error) => this.#events.failed('ENGINE_DIED', err.message))
    torrent.on('warning', () => {})
    torrent.on('infoHash', () => {
      if (metainfo) this.#metadataKnown(metainfo)
    })
    torrent.on('ready', () => this.#webtorrentReady())
    torrent.on('wire', (wire: WtWire) => {
      this.#pieceNews.follow(wire)
      addWebtorrentPeer(torrent, wire, {
        events: this.#events,
        ownPeerId,
        metadata: this.#tcpPeers.extensionHost,
        nodeFound: (node) => this.discovery.addNodes([node]),
        succeeded: (address) => this.#tcpPeers.succeeded(address),
      })
    })
  }

  /** @param bytes a .torrent; the hash of its info dictionary is right */
  #metadataReceived(bytes: Uint8Array): void {
    if (this.#metainfo || this.#torrent.destroyed) return
    const metainfo = this.#events.metadata(bytes)
    if (metainfo) this.#metadataKnown(metainfo)
  }

  /** Both kinds of connections get the metadata. */
  #metadataKnown(metainfo: Metainfo): void {
    if (this.#metainfo) return
    const { infoBytes, isPrivate } = metainfo
    this.#metainfo = metainfo
    this.#isPrivate ||= isPrivate
    if (this.#isPrivate) this.discovery.setPrivate()
    this.#countPieces()
    this.#tcpPeers.metadataKnown(infoBytes, countOfPieces(metainfo))
    this.#events.ready()
    if (!this.#torrent.destroyed) this.#webSeeds.open(this.#spec.webSeeds, metainfo)
    // webtorrent needs it for incoming peers and takes its time, so the first byte goes first.
    setImmediate(() => {
      // What webtorrent refuses comes as its 'error' event too.
      if (!this.#torrent.destroyed) this.#torrent._onMetadata(standIn(metainfo)).catch(() => {})
    })
  }

  /** Peers that a peer (BEP 11) or a magnet told us of. */
  #peersFound(addresses: readonly string[]): void {
    if (this.#isPrivate) return
    for (const address of addresses) this.#heardOf(address)
  }

  #webtorrentReady(): void {
    for (const piece of this.#verified) this.#torrent._markVerified(piece)
  }
}
