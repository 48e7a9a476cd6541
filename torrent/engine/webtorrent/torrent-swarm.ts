import type { Metainfo } from '../../../common/bittorrent/metainfo.ts'
import type { TorrentSpec } from '../../protocol/torrent-engine.ts'
import type { RateLimit } from '../swarm/rate-limit.ts'
import type { Swarm, SwarmEvents } from '../swarm/swarm.ts'
import { WebSeed } from '../webseed/web-seed.ts'
import { TcpPeers } from '../wire/tcp-peers.ts'
import { limitWork } from './limit-work.ts'
import { giveMetadata, type MetadataExchange } from './metadata-exchange.ts'
import { standIn } from './stand-in.ts'
import { uploadStore } from './upload-store.ts'
import { addWebtorrentPeer } from './webtorrent-peer.ts'
import type { WtClient, WtTorrent, WtWire } from './webtorrent-types.ts'

interface SwarmOptions {
  readonly limit: RateLimit
  readonly pex: boolean
  /** Of the torrent, when it is known already. */
  readonly metainfo: Metainfo | undefined
  /** Called once the swarm is being closed. */
  closed(): void
}

/** Addresses that are remembered, for `reconnect`. */
const MAX_ADDRESSES = 200
const SHA1_BYTES = 20

/**
 * One torrent and its peers. Plain TCP connections and web seeds are our own; webtorrent finds the
 * peers, and makes the connections that are encrypted or incoming.
 */
export class TorrentSwarm implements Swarm {
  readonly #spec: TorrentSpec
  readonly #events: SwarmEvents
  readonly #closed: () => void
  readonly #torrent: WtTorrent
  readonly #tcpPeers: TcpPeers
  readonly #connectEncrypted: (address: string) => void
  readonly #addresses = new Set<string>()
  readonly #verified = new Set<number>()
  /** As soon as it is known. */
  #metainfo: Metainfo | undefined
  #isPrivate: boolean
  #webSeeds: readonly WebSeed[] = []

  constructor(wt: WtClient, spec: TorrentSpec, events: SwarmEvents, options: SwarmOptions) {
    const { infoHash } = spec
    const { limit } = options
    this.#spec = spec
    this.#events = events
    this.#closed = options.closed
    this.#isPrivate = options.metainfo?.isPrivate === true
    // Without the metainfo, even where we have it: so webtorrent looks for peers at once.
    this.#torrent = wt.add(
      { infoHash, announce: [...spec.trackers], urlList: [] },
      {
        deselect: true,
        storeCacheSlots: 0,
        store: uploadStore(events, limit),
        ...(this.#isPrivate && { private: true }),
      },
    )
    limitWork(this.#torrent)
    this.#tcpPeers = new TcpPeers({
      infoHash,
      limit,
      events,
      pex: options.pex && !this.#isPrivate,
      peerId: wt.peerIdBuffer,
      port: wt.torrentPort,
      metadataReceived: (info) => this.#metadataReceived(info),
      peersFound: (addresses) => this.#peersFound(addresses),
      handshakeUnanswered: (address) => this.#connectEncrypted(address),
    })
    this.#connectEncrypted = routePeers(this.#torrent, (address) => {
      if (this.#addresses.size < MAX_ADDRESSES) this.#addresses.add(address)
      return this.#tcpPeers.connect(address)
    })
    this.#listen(Buffer.from(wt.peerIdBuffer).toString('hex'), options.metainfo)
  }

  get peers(): number {
    const webSeeds = this.#webSeeds.filter((one) => one.connected).length
    return this.#torrent.wires.length + this.#tcpPeers.count + webSeeds
  }

  verified(piece: number): void {
    this.#verified.add(piece)
    this.#tcpPeers.verified(piece)
    if (!this.#torrent.ready || this.#torrent.destroyed) return
    this.#torrent._markVerified(piece)
    for (const wire of this.#torrent.wires) if (!wire.peerPieces.get(piece)) wire.have(piece)
  }

  unverified(piece: number): void {
    this.#verified.delete(piece)
    this.#tcpPeers.unverified(piece)
    if (this.#torrent.ready && !this.#torrent.destroyed) this.#torrent._markUnverified(piece)
  }

  reconnect(): void {
    this.#tcpPeers.resetBackoff()
    for (const address of this.#addresses) {
      // A plain connection that is still opening may be to a peer that waits for encryption.
      if (!this.#tcpPeers.connect(address) && this.#tcpPeers.has(address)) {
        this.#connectEncrypted(address)
      }
    }
  }

  announce(): void {
    if (!this.#torrent.destroyed) this.#torrent.discovery?.tracker?.update()
  }

  close(): Promise<void> {
    this.#closed()
    this.#tcpPeers.close()
    for (const seed of this.#webSeeds) seed.close()
    return new Promise((resolve) => {
      // A second destroy() would never call back.
      if (this.#torrent.destroyed) resolve()
      else this.#torrent.destroy({ destroyStore: false }, () => resolve())
    })
  }

  /** @param ownPeerId hex */
  #listen(ownPeerId: string, metainfo: Metainfo | undefined): void {
    const torrent = this.#torrent
    const metadata = this.#metadataExchange()
    torrent.on('error', (err: Error) => this.#events.failed('ENGINE_DIED', err.message))
    torrent.on('warning', () => {})
    torrent.on('infoHash', () => {
      if (metainfo) this.#metadataKnown(metainfo)
    })
    torrent.on('ready', () => this.#webtorrentReady())
    torrent.on('wire', (wire: WtWire) =>
      addWebtorrentPeer(torrent, wire, {
        events: this.#events,
        ownPeerId,
        metadata,
        succeeded: (address) => this.#tcpPeers.succeeded(address),
      }),
    )
  }

  #metadataExchange(): MetadataExchange {
    const info = (): Uint8Array | undefined => this.#metainfo?.infoBytes
    return {
      infoHash: this.#spec.infoHash,
      get info() {
        return info()
      },
      received: (bytes) => this.#metadataReceived(bytes),
    }
  }

  /** @param info the info dictionary that a peer sent; its hash is right */
  #metadataReceived(info: Uint8Array): void {
    if (this.#metainfo || this.#torrent.destroyed) return
    const metainfo = this.#events.metadata(wrapInfo(info))
    if (metainfo) this.#metadataKnown(metainfo)
  }

  /** Both kinds of connections get the metadata. */
  #metadataKnown(metainfo: Metainfo): void {
    const { infoBytes, pieces, isPrivate } = metainfo
    this.#metainfo = metainfo
    this.#isPrivate ||= isPrivate
    this.#tcpPeers.metadataKnown(infoBytes, pieces.length / SHA1_BYTES)
    for (const wire of this.#torrent.wires) giveMetadata(wire, infoBytes)
    this.#events.ready()
    if (!this.#torrent.destroyed) {
      this.#webSeeds = this.#spec.webSeeds.map((url) => new WebSeed(url, metainfo, this.#events))
    }
    // webtorrent needs it for incoming peers and takes its time, so the first byte goes first.
    setImmediate(() => {
      // What webtorrent refuses comes as its 'error' event too.
      if (!this.#torrent.destroyed) this.#torrent._onMetadata(standIn(metainfo)).catch(() => {})
    })
  }

  /** Peers that a peer told us of (BEP 11). */
  #peersFound(addresses: readonly string[]): void {
    // webtorrent destroys a torrent that failed, while our connections are still open.
    if (this.#torrent.destroyed || this.#isPrivate) return
    for (const address of addresses) this.#torrent.addPeer(address)
  }

  #webtorrentReady(): void {
    for (const piece of this.#verified) this.#torrent._markVerified(piece)
  }
}

/**
 * Makes webtorrent hand every address that it finds to `take`, which answers whether we connect to
 * it. Answers webtorrent's own way to connect, for peers that want encryption.
 */
function routePeers(
  torrent: WtTorrent,
  take: (address: string) => boolean,
): (address: string) => void {
  const addPeer = torrent._addPeer.bind(torrent)
  torrent._addPeer = (peer, type, source) => {
    if (typeof peer !== 'string') return addPeer(peer, type, source)
    if (torrent.destroyed) return null
    return torrent._validAddr(peer) && take(peer) ? { id: peer } : null
  }
  return (address) => {
    if (!torrent.destroyed) addPeer(address, 'tcp', 'manual')
  }
}

/** A .torrent of nothing but this info dictionary (BEP 3). */
const wrapInfo = (info: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')])
