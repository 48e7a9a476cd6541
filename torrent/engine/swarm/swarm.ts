import type { Metainfo } from '../../../common/bittorrent/metainfo.ts'
import type { FaultCode } from '../../../common/errors.ts'
import type { TorrentSpec } from '../../protocol/torrent-engine.ts'
import type { Block, Placement } from '../blocks/block.ts'

/** A connection to a peer, as the rest of the engine sees it. */
export interface SwarmPeer {
  readonly id: string
  /** `ip:port`, or the URL of a web seed. */
  readonly address: string
  /** It connected to us: the port of its address is of this connection only. */
  readonly incoming?: boolean
  /** Milliseconds it may leave requests unanswered; the picker has a default. */
  readonly snubbedAfterMs?: number
  /** Requests that the peer keeps: what it says (BEP 10 `reqq`), or what is usual. */
  readonly maxQueue: number
  has(piece: number): boolean
  readonly choked: boolean
  /** Bytes of blocks that have come, those of unfinished ones included. */
  readonly received: number
  /** Round-trip time in milliseconds, measured by connecting and the handshake. */
  readonly latencyMs?: number | undefined
  /** The outcome is reported by the events, never before this call has returned. */
  request(block: Block): void
  cancel(block: Block): void
  /** Closes the connection. A `banned` peer sent wrong bytes and is never connected to again. */
  drop(why: 'snubbed' | 'banned'): void
}

/** What a swarm reports to its torrent. */
export interface SwarmEvents {
  /**
   * Metadata came, as a .torrent with nothing but the info dictionary and its hashes (BEP 52). Answer undefined to refuse it:
   * then no other event follows.
   */
  metadata(metainfo: Uint8Array): Metainfo | undefined
  /** From now on pieces may be requested. */
  ready(): void
  /** A peer connected. */
  peer(peer: SwarmPeer): void
  /** The peer choked or unchoked us, or has more pieces. */
  peerChanged(peer: SwarmPeer): void
  peerGone(peer: SwarmPeer): void
  /** A whole block. Its buffer is used again: copy what you keep before you return. */
  block(peer: SwarmPeer, block: Block, bytes: Uint8Array): void
  /** A block begins to arrive: answer where its bytes go, or undefined when they are not wanted. */
  blockBegins(peer: SwarmPeer, block: Block): Placement | undefined
  blockEnds(peer: SwarmPeer, block: Block, placement: Placement | undefined): void
  /** The connection ended in the middle of the block. */
  blockAborted(block: Block, placement: Placement): void
  /** The peer will not answer the request. */
  refused(peer: SwarmPeer, block: Block): void
  /** Reads bytes of a verified piece, to upload them. */
  read(piece: number, offset: number, length: number): Promise<Uint8Array>
  /** The torrent as a whole failed. */
  failed(code: FaultCode, why: string): void
}

/** One torrent's connections to its peers. */
export interface Swarm {
  /** From now on this piece is announced and uploaded. */
  verified(piece: number): void
  /** From now on this piece is not uploaded. */
  unverified(piece: number): void
  /** Peers that are connected, web seeds included. */
  readonly peers: number
  /** Bytes of pieces that were sent to peers. */
  readonly uploaded: number
  /** Another source of the torrent names trackers, web seeds, or its metainfo. */
  learn(spec: TorrentSpec): void
  /** Connects again to every address it has heard of. */
  reconnect(): void
  /** Asks the trackers for more peers. */
  announce(): void
  close(): Promise<void>
}

/** All torrents of the process. */
export interface SwarmClient {
  /** @param metainfo of the torrent, when it is known already */
  join(spec: TorrentSpec, events: SwarmEvents, metainfo?: Metainfo): Swarm
  /** Every public torrent asks these trackers too. */
  addTrackers(urls: readonly string[]): void
  /** Swarms that are joined from now on tell this port; undefined: the one that we listen at. */
  setExternalPort(port: number | undefined): void
  readonly peers: number
  readonly torrents: number
  close(): Promise<void>
}
