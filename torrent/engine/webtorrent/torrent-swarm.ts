import { asDict, asNumber, decodeBencode } from '../../../common/bittorrent/bencode.ts'
import { parseMetainfo } from '../../../common/bittorrent/metainfo.ts'
import type { TorrentSpec } from '../../protocol/torrent-engine.ts'
import type { RateLimit } from '../swarm/rate-limit.ts'
import type { Swarm, SwarmEvents } from '../swarm/swarm.ts'
import { WebSeed } from '../webseed/web-seed.ts'
import { TcpPeers } from '../wire/tcp-peers.ts'
import { limitWork } from './limit-work.ts'
import { uploadStore } from './upload-store.ts'
import { addWebtorrentPeer } from './webtorrent-peer.ts'
import type { WtClient, WtTorrent, WtWire } from './webtorrent-types.ts'

interface SwarmOptions {
  readonly limit: RateLimit
  readonly pex: boolean
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
  #isPrivate: boolean
  #metadataKnown = false
  #webSeeds: readonly WebSeed[] = []

  constructor(wt: WtClient, spec: TorrentSpec, events: SwarmEvents, options: SwarmOptions) {
    const { infoHash } = spec
    const { limit } = options
    this.#spec = spec
    this.#events = events
    this.#closed = options.closed
    this.#isPrivate = spec.metainfo !== undefined && isPrivate(infoOf(spec.metainfo).infoBytes)
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
      metadataReceived: (info) => void this.#metadataReceived(wrapInfo(info)),
      peersFound: (addresses) => this.#peersFound(addresses),
      handshakeUnanswered: (address) => this.#connectEncrypted(address),
    })
    this.#connectEncrypted = routePeers(this.#torrent, (address) => {
      if (this.#addresses.size < MAX_ADDRESSES) this.#addresses.add(address)
      return this.#tcpPeers.connect(address)
    })
    this.#listen(Buffer.from(wt.peerIdBuffer).toString('hex'))
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
    for (const wire of this.#torrent.wires) if (!wire.isSeeder) wire.have(piece)
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
  #listen(ownPeerId: string): void {
    const torrent = this.#torrent
    torrent.on('error', (err: Error) => this.#events.failed('ENGINE_DIED', err.message))
    torrent.on('warning', () => {})
    torrent.on('infoHash', () => {
      if (this.#spec.metainfo) this.#metadataReceived(this.#spec.metainfo)
    })
    torrent.on('ready', () => this.#webtorrentReady())
    torrent.on('wire', (wire: WtWire) =>
      addWebtorrentPeer(torrent, wire, {
        events: this.#events,
        ownPeerId,
        metadataReceived: (wrapped) => this.#metadataReceived(wrapped),
        succeeded: (address) => this.#tcpPeers.succeeded(address),
      }),
    )
  }

  /** Answers whether the metadata was accepted; then both kinds of connections get it. */
  #metadataReceived(metainfo: Uint8Array): boolean {
    if (this.#metadataKnown) return true
    if (!this.#events.metadata(metainfo)) return false
    this.#metadataKnown = true
    const info = infoOf(metainfo)
    this.#isPrivate ||= isPrivate(info.infoBytes)
    this.#tcpPeers.metadataKnown(info.infoBytes, info.pieces.length / SHA1_BYTES)
    this.#events.ready()
    if (!this.#torrent.destroyed) {
      this.#webSeeds = this.#spec.webSeeds.map((url) => new WebSeed(url, info, this.#events))
    }
    // Nothing but the info dictionary: webtorrent would connect to web seeds, which are ours.
    const wrapped = wrapInfo(info.infoBytes)
    // webtorrent needs it for incoming peers and takes its time, so the first byte goes first.
    setImmediate(() => {
      // What webtorrent refuses comes as its 'error' event too.
      if (!this.#torrent.destroyed) this.#torrent._onMetadata(wrapped).catch(() => {})
    })
    return true
  }

  /** Peers that a peer told us of (BEP 11). */
  #peersFound(addresses: readonly string[]): void {
    // webtorrent destroys a torrent that failed, while our connections are still open.
    if (this.#torrent.destroyed || this.#isPrivate) return
    for (const address of addresses) this.#torrent.addPeer(address)
  }

  #webtorrentReady(): void {
    // webtorrent hashes the info dictionary as it would write it itself: with unsorted keys that is
    // another info hash, so another swarm.
    if (this.#torrent.infoHash !== this.#spec.infoHash) {
      this.#events.failed('BAD_TORRENT', 'its keys are not sorted')
    } else for (const piece of this.#verified) this.#torrent._markVerified(piece)
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

const infoOf = (metainfo: Uint8Array) =>
  parseMetainfo(metainfo, { maxLength: Number.MAX_SAFE_INTEGER })

/** BEP 27: the peers of a private torrent come from its trackers only. */
const isPrivate = (info: Uint8Array): boolean =>
  asNumber(asDict(decodeBencode(info).value)?.get('private')) === 1
