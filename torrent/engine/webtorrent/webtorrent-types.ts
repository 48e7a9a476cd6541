import type { Socket } from 'node:dgram'
import type { EventEmitter } from 'node:events'
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'
import type { LibraryNode } from '../dht/dht.ts'

/** Piece, offset and length of a block, as a peer requests it. */
export type WtRequest = [piece: number, offset: number, length: number]

/**
 * The part of webtorrent 3.0.21 that torrent/engine uses; its published types are out of date.
 * Members that begin with an underscore are private to webtorrent: the version is pinned, and
 * test/contracts/webtorrent.test.ts checks what we rely on.
 */
export interface WtWire extends EventEmitter {
  /** From the handshake, hex. */
  readonly peerId?: string | null
  readonly remoteAddress?: string
  readonly remotePort?: number
  /** `tcpIncoming`, `tcpOutgoing`, `utpIncoming` or `utpOutgoing` */
  readonly type: string
  readonly peerPieces: { get(piece: number): boolean }
  readonly peerChoking: boolean
  /** Bytes that have come of the message that is not complete. */
  readonly _bufferSize: number
  readonly peerExtendedHandshake: { readonly reqq?: unknown }
  /** What our extended handshake says beside what the extensions add (BEP 10). */
  readonly extendedHandshake: { reqq?: number; metadata_size?: number }
  /** Both sides speak the fast extension (BEP 6). */
  readonly hasFast: boolean
  /** Called for each request of the peer. */
  _onRequest(...request: WtRequest): void
  reject(...request: WtRequest): void
  /** Its extension for metadata (BEP 9), whose methods we replace. */
  readonly ut_metadata: object
  /** An extension message; 0 is the peer's extended handshake. */
  _onExtended(extension: number, body: Uint8Array): void
  /** Sends bytes, encrypted where the connection is. */
  _push(bytes: Uint8Array): boolean
  readonly lt_donthave: EventEmitter
  /** Requests of the peer that are not answered yet. */
  readonly peerRequests: readonly { readonly length: number }[]
  /** Of streamx: `buffered` is the number of bytes that wait to be sent. */
  readonly _readableState: { readonly buffered: number }
  request(piece: number, offset: number, length: number, cb: (err: Error | null) => void): void
  cancel(piece: number, offset: number, length: number): void
  have(piece: number): void
  /** Only with the fast extension. */
  haveNone(): void
  interested(): void
  uninterested(): void
  destroy(): void
}

/** A torrent as parse-torrent has it. */
export interface WtParsedTorrent {
  readonly infoHash: string
  readonly name: string
  readonly private: boolean
  readonly length: number
  readonly pieceLength: number
  readonly lastPieceLength: number
  readonly pieces: readonly string[]
  readonly files: readonly {
    readonly path: string
    readonly name: string
    readonly length: number
    readonly offset: number
  }[]
  readonly info: object
  readonly announce: readonly string[]
  readonly urlList: readonly string[]
}

export interface WtTorrent extends EventEmitter {
  readonly ready: boolean
  readonly destroyed: boolean
  readonly wires: readonly WtWire[]
  readonly pieces: readonly unknown[]
  /** Pieces that we have. */
  readonly bitfield: { get(piece: number): boolean }
  _startupBitfield: Uint8Array | undefined
  _markVerified(piece: number): void
  _onMetadata(parsed: WtParsedTorrent): Promise<void>
  _addPeer(peer: unknown, ...rest: unknown[]): unknown
  _addIncomingPeer(peer: { readonly destroyed: boolean }): void
  /** The connection may be used: both sides know what is in the torrent. */
  _onWireWithMetadata(wire: WtWire): void
  _updateWireInterest(wire: WtWire): void
  _markUnverified(piece: number): void
  addPeer(address: string, ...rest: unknown[]): boolean
  destroy(opts: { destroyStore: boolean }, cb?: (err?: Error) => void): void
}

export interface WtClient extends EventEmitter {
  readonly torrents: readonly WtTorrent[]
  readonly torrentPort: number
  readonly peerIdBuffer: Uint8Array
  readonly listening: boolean
  /** False when it is off. */
  readonly dht: WtDht | false
  /** Whether it connects by uTP where it is told to. */
  utp: boolean
  readonly _connPool: {
    readonly tcpServer: Server
    utpServer?: WtUtpServer
    /** Somebody has connected to us by uTP. */
    _onUTPConnectionBound(stream: Duplex): void
  }
  add(id: Uint8Array | object, opts: object): WtTorrent
  destroy(cb: (err?: Error) => void): void
}

/** What it uses of its own uTP, which we leave off. */
export interface WtUtpServer {
  connect(port: number, host: string): Duplex
  removeListener(event: string): void
  /** It closes its TCP server with the same callback, so this one has none to call. */
  close(): void
}

/** The abstract-chunk-store interface, as webtorrent calls it. */
export interface WtStore {
  put(piece: number, bytes: Uint8Array, cb: (err: Error | null) => void): void
  get(
    piece: number,
    opts: { offset?: number; length?: number } | undefined | null | WtStoreCallback,
    cb?: WtStoreCallback,
  ): void
  close(cb: (err: Error | null) => void): void
  destroy(cb: (err: Error | null) => void): void
}

export type WtStoreCallback = (err: Error | null, bytes?: Uint8Array) => void

/** What every connection of webtorrent does with bytes, as bittorrent-protocol has it. */
export interface WtWireInternals {
  /** Of streamx: `buffered` is the number of bytes that wait to be sent. */
  readonly _readableState: { readonly buffered: number }
  _processBuffer(): void
  /** Bytes of the socket. */
  _write(data: Uint8Array, done: (err: null) => void): void
  /** What has come and was not processed, its bytes, and how many of them the next step needs. */
  _buffer: Uint8Array[]
  _bufferSize: number
  readonly _parserSize: number
  /** What it looks for in them instead, while an encrypted handshake begins. */
  readonly _cryptoSyncPattern: Uint8Array | null
  readonly _encryptor: { decrypt(data: Uint8Array): Uint8Array } | null
  setInfoHash(infoHash: string): void
  _onMessageLength(bytes: Uint8Array): void
  _onMessage(bytes: Uint8Array): void
  _onKeepAlive(): void
  _onExtended(extension: number, body: Uint8Array): void
  /** Names of extensions by our numbers. */
  readonly extendedMapping: Readonly<Record<number, string>>
  /** Peer exchange, where it is on. */
  readonly ut_pex?: {
    /** Forgets the peers that it was told of. */
    reset(): void
  }
  /** @param piece as a signed number */
  _onHave(piece: number): void
  _parse(size: number, parser: () => void): void
  _push(data: Uint8Array): boolean
  destroy(): void
}

/** The DHT node of bittorrent-dht; its socket is that of k-rpc-socket. */
export interface WtDht extends LibraryNode {
  /** Looks up, and tells the nodes that we accept peers at this port. */
  announce(infoHash: string, port: number, done: (error: Error | null) => void): void
  readonly _rpc: { readonly socket: { readonly socket: Socket } }
  /** Peers that announced themselves to us, by info hash. */
  readonly _peers: { get(infoHash: string, most?: number): readonly unknown[] }
}

/** `decode` of bencode, whose parts call each other as its members. */
export interface WtBencode {
  decode: (...args: unknown[]) => unknown
}

export interface WtDecode {
  (...args: unknown[]): unknown
  data: Uint8Array | null
  position: number
  next(): unknown
  buffer(): unknown
}
