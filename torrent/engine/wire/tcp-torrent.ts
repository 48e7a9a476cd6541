import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { rebuildMetainfo } from '../../../common/bittorrent/metainfo.ts'
import { neededLayers, type PieceLayers } from '../../../common/bittorrent/piece-layers.ts'
import type { Block, Placement } from '../blocks/block.ts'
import { LayerDownloads } from '../metadata/layer-downloads.ts'
import { MetadataDownloads } from '../metadata/metadata-downloads.ts'
import type { RateLimit } from '../swarm/rate-limit.ts'
import type { SwarmEvents, SwarmPeer } from '../swarm/swarm.ts'
import type { UtpDialler } from './dial.ts'
import type { PeerWire } from './peer-wire.ts'
import { TcpPeer } from './tcp-peer.ts'
import { UploadQueue } from './upload-queue.ts'
import type { WireTorrent } from './wire-torrent.ts'

export interface TcpTorrentDeps {
  /** Hex. */
  readonly infoHash: string
  /** Ours, 20 bytes. */
  readonly peerId: Uint8Array
  /** Where we listen. */
  readonly port: number
  /** For peers that TCP does not reach. */
  readonly utp?: UtpDialler | undefined
  /** Whether peers may tell us of other peers (BEP 11). */
  readonly pex: boolean
  readonly limit: RateLimit
  readonly events: SwarmEvents
  /** Peers sent what is in the torrent: a .torrent without links. The hash of its info dictionary is right. */
  metadataReceived(metainfo: Uint8Array): void
  peersFound(addresses: readonly string[]): void
  /** As WireTorrent has them. */
  dhtPort(): number | undefined
  nodeFound(node: string): void
}

/**
 * What the plain connections of one torrent share: our pieces, uploads, metadata, and whom to tell.
 */
export class TcpTorrent implements WireTorrent {
  readonly infoHash: string
  readonly peerId: Uint8Array
  readonly port: number
  readonly utp: UtpDialler | undefined
  readonly pex: boolean
  readonly metadataDownloads: MetadataDownloads
  readonly #metainfoReceived: (metainfo: Uint8Array) => void
  readonly peersFound: (addresses: readonly string[]) => void
  readonly nodeFound: (node: string) => void
  readonly #dhtPort: () => number | undefined
  readonly #events: SwarmEvents
  readonly #connectionClosed: (wire: PeerWire, forGood: boolean) => void
  /** The connections whose handshake is done. */
  readonly #peers = new Map<PeerWire, SwarmPeer>()
  readonly #uploads: UploadQueue
  #info: Uint8Array | undefined
  #ours: Bitfield | undefined
  #layers: LayerDownloads | undefined

  /** @param connectionClosed called last, when everything else about the connection is cleared */
  constructor(deps: TcpTorrentDeps, connectionClosed: (wire: PeerWire, forGood: boolean) => void) {
    this.infoHash = deps.infoHash
    this.peerId = deps.peerId
    this.port = deps.port
    this.utp = deps.utp
    this.pex = deps.pex
    this.metadataDownloads = new MetadataDownloads(deps.infoHash)
    this.#metainfoReceived = deps.metadataReceived
    this.peersFound = deps.peersFound
    this.nodeFound = deps.nodeFound
    this.#dhtPort = deps.dhtPort
    this.#events = deps.events
    this.#connectionClosed = connectionClosed
    this.#uploads = new UploadQueue({
      limit: deps.limit,
      has: (piece) => this.#ours?.has(piece) === true,
      read: deps.events.read,
    })
  }

  get dhtPort(): number | undefined {
    return this.#dhtPort()
  }

  get info(): Uint8Array | undefined {
    return this.#info
  }

  get layers(): LayerDownloads | undefined {
    return this.#layers
  }

  get ours(): Bitfield | undefined {
    return this.#ours
  }

  /** Connections whose handshake is done. */
  get wires(): readonly PeerWire[] {
    return [...this.#peers.keys()]
  }

  get peerCount(): number {
    return this.#peers.size
  }

  /** Of v2 the hashes of its pieces are missing then, and are asked for (BEP 52). */
  metadataReceived(infoBytes: Uint8Array): void {
    if (this.#layers || this.#info) return
    const needed = neededLayers(infoBytes)
    const received = (layers?: PieceLayers): void =>
      this.#metainfoReceived(rebuildMetainfo({ infoBytes, ...(layers && { layers }) }, [], []))
    if (needed.length === 0) {
      received()
      return
    }
    this.#layers = new LayerDownloads(needed, received)
    for (const wire of this.#peers.keys()) this.#layers.join(wire)
  }

  /** @param wires every connection, also those whose handshake is not done */
  metadataKnown(info: Uint8Array, pieceCount: number, wires: readonly PeerWire[]): void {
    if (this.#info) return
    this.#layers?.close()
    this.metadataDownloads.endAll()
    this.#info = info
    this.#ours = new Bitfield(pieceCount)
    for (const wire of wires) {
      wire.metadataKnown()
      this.changed(wire)
    }
  }

  /** From now on we upload this piece. */
  verified(piece: number): void {
    if (!this.#ours?.set(piece)) return
    for (const wire of this.#peers.keys()) wire.have(piece)
  }

  unverified(piece: number): void {
    if (!this.#ours?.clear(piece)) return
    for (const wire of this.#peers.keys()) wire.lost(piece)
  }

  rotateUploads(): void {
    this.#uploads.rotate()
  }

  joined(wire: PeerWire): void {
    const peer = new TcpPeer(wire)
    this.#peers.set(wire, peer)
    this.#events.peer(peer)
  }

  changed(wire: PeerWire): void {
    const peer = this.#peers.get(wire)
    if (peer) this.#events.peerChanged(peer)
  }

  blockBegins(wire: PeerWire, block: Block): Placement | undefined {
    const peer = this.#peers.get(wire)
    return peer && this.#events.blockBegins(peer, block)
  }

  blockEnds(wire: PeerWire, block: Block, placement: Placement | undefined): void {
    const peer = this.#peers.get(wire)
    if (peer) this.#events.blockEnds(peer, block, placement)
  }

  blockAborted(block: Block, placement: Placement): void {
    this.#events.blockAborted(block, placement)
  }

  refused(wire: PeerWire, block: Block): void {
    const peer = this.#peers.get(wire)
    if (peer) this.#events.refused(peer, block)
  }

  interestChanged(wire: PeerWire): void {
    this.#uploads.interestChanged(wire)
  }

  requested(wire: PeerWire, block: Block): boolean {
    return this.#uploads.requested(wire, block)
  }

  cancelled(wire: PeerWire, block: Block): void {
    this.#uploads.cancelled(wire, block)
  }

  close(): void {
    this.#layers?.close()
  }

  drained(): void {
    this.#uploads.drained()
  }

  closed(wire: PeerWire, forGood: boolean): void {
    this.#uploads.closed(wire)
    const peer = this.#peers.get(wire)
    if (peer) this.#events.peerGone(peer)
    this.#peers.delete(wire)
    this.#connectionClosed(wire, forGood)
  }
}
