import type { FaultCode } from '../../../common/errors.ts'
import type { TorrentSpec } from '../../protocol/torrent-engine.ts'
import type { Block, Placement } from '../blocks/block.ts'

/** A connection to a peer, as the rest of the engine sees it. */
export interface SwarmPeer {
  readonly id: string
  /** `ip:port`, or the URL of a web seed. */
  readonly address: string
  /** How long it may owe something and say nothing; the usual unless it says so. */
  readonly silentMs?: number
  /** Requests it says it will hold (BEP 10 `reqq`), or what clients usually do. */
  readonly maxQueue: number
  has(piece: number): boolean
  readonly choked: boolean
  /** Round trip as its handshake took it, milliseconds. */
  readonly latencyMs?: number | undefined
  /** What comes of it is told by the events, never before this returns. */
  request(block: Block): void
  cancel(block: Block): void
  /** Ends the connection; a `liar` is not connected to again. */
  drop(why: 'silent' | 'liar'): void
}

export interface SwarmEvents {
  /** A .torrent of nothing but the info dictionary that peers sent. False = refused; nothing follows. */
  metadata(wrapped: Uint8Array): boolean
  /** Pieces may be asked for from now on. */
  ready(): void
  peer(peer: SwarmPeer): void
  /** It was choked, unchoked, or has got more pieces. */
  peerChanged(peer: SwarmPeer): void
  peerGone(peer: SwarmPeer): void
  /** The bytes belong to the wire: copy what is to be kept before returning. */
  block(peer: SwarmPeer, block: Block, bytes: Uint8Array): void
  /** A block begins to arrive: where its bytes go, or undefined when nobody wants them. */
  blockBegins(peer: SwarmPeer, block: Block): Placement | undefined
  blockEnds(peer: SwarmPeer, block: Block, placement: Placement | undefined): void
  blockAborted(block: Block, placement: Placement): void
  /** A request came to nothing. */
  refused(peer: SwarmPeer, block: Block): void
  /** Bytes of a verified piece for another peer. */
  read(piece: number, offset: number, length: number): Promise<Uint8Array>
  failed(code: FaultCode, why: string): void
}

export interface Swarm {
  /** Marks a piece as ours: it is announced and uploaded from now on. */
  verified(piece: number): void
  unverified(piece: number): void
  readonly peers: number
  /** Connects again to everyone it has heard of. */
  reconnect(): void
  /** Asks the trackers for more peers. */
  announce(): void
  close(): Promise<void>
}

export interface SwarmClient {
  join(spec: TorrentSpec, events: SwarmEvents): Swarm
  readonly peers: number
  readonly torrents: number
  close(): Promise<void>
}
