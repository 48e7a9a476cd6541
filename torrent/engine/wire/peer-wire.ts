import type { Socket } from 'node:net'
import type { Block, Placement } from '../blocks/block.ts'
import {
  type ExtensionConnection,
  type ExtensionHost,
  ExtensionProtocol,
} from './extension-protocol.ts'
import { MessageBudget, messageCost } from './message-budget.ts'
import type { PeerAddress } from './peer-address.ts'
import * as messages from './peer-messages.ts'
import { MessageId } from './peer-messages.ts'
import { PeerPieces } from './peer-pieces.ts'
import type { ConnectionStage } from './reconnect-backoff.ts'
import { WireParser } from './wire-parser.ts'
import { WireSender } from './wire-sender.ts'
import { openWireSocket } from './wire-socket.ts'

/** What a connection needs to know of its torrent, and the events that it reports to it. */
export interface WireTorrent extends ExtensionHost {
  /** Hex. */
  readonly infoHash: string
  /** Our id in the handshake, 20 bytes. */
  readonly peerId: Uint8Array
  /** 0 while the metadata is unknown. */
  readonly pieceCount: number
  /** The bitfield of the pieces that we upload (BEP 3); undefined when there are none. */
  ourBitfield(): Uint8Array | undefined
  /** Both handshakes are done. */
  joined(wire: PeerWire): void
  /** The peer choked or unchoked us, or has more pieces. */
  changed(wire: PeerWire): void
  /** Answers where the bytes of the block go; undefined when they are not wanted. */
  blockBegins(wire: PeerWire, block: Block): Placement | undefined
  blockEnds(wire: PeerWire, block: Block, placement: Placement | undefined): void
  /** The connection ended in the middle of a block. */
  blockAborted(block: Block, placement: Placement): void
  /** The peer rejected our request (BEP 6). */
  refused(wire: PeerWire, block: Block): void
  /** The peer became interested in our pieces, or ceased to be. */
  interestChanged(wire: PeerWire): void
  requested(wire: PeerWire, block: Block): void
  cancelled(wire: PeerWire, block: Block): void
  /** The peer has read everything that was sent. */
  drained(wire: PeerWire): void
  /** @param forGood never connect to this address for this torrent again */
  closed(wire: PeerWire, forGood: boolean): void
}

const CONNECT_MS = 5000
const HANDSHAKE_MS = 8000
/** Clients close connections that are silent for two minutes; we allow twice this time. */
const KEEP_ALIVE_MS = 100_000
const DEFAULT_QUEUE = 250

/** A plain TCP connection to a peer (BEP 3, 6, 10), written for speed (docs/decisions/0008). */
export class PeerWire implements ExtensionConnection {
  readonly address: string
  peerInterested = false
  choked = true
  stage: ConnectionStage = 'connecting'
  /** Round-trip time in milliseconds: connecting and the handshake take one each. */
  latencyMs: number | undefined
  readonly startedAt = performance.now()
  /** When it was opened, finished the handshake or last sent a block; of performance.now(). */
  usefulAt = performance.now()
  readonly #torrent: WireTorrent
  readonly #sender: WireSender
  readonly #parser: WireParser
  readonly #extensions: ExtensionProtocol
  readonly #pieces = new PeerPieces()
  readonly #budget = new MessageBudget(performance.now())
  #timer: NodeJS.Timeout
  #keepAlive: NodeJS.Timeout | undefined
  /** Keep-alive intervals in a row without a byte from the peer. */
  #silentIntervals = 0
  /** The peer speaks the fast extension (BEP 6). */
  #fast = false
  #closed = false
  /** Blocks that may still come, one for each request: a cancelled one may be on its way. */
  #expectedBlocks = 0

  constructor(address: PeerAddress, torrent: WireTorrent) {
    this.address = address.text
    this.#torrent = torrent
    this.#extensions = new ExtensionProtocol(torrent, this)
    this.#parser = new WireParser({
      handshake: (bytes) => this.#handshake(bytes),
      message: (id, body) => this.#message(id, body),
      blockBegins: (block) => this.#blockBegins(block),
      blockEnds: (block, placement) => {
        this.usefulAt = performance.now()
        torrent.blockEnds(this, block, placement)
      },
      protocolError: () => this.close(),
    })
    this.#timer = setTimeout(() => this.close(), CONNECT_MS)
    this.#sender = new WireSender(this.#connect(address), () => this.close())
  }

  #connect(address: PeerAddress): Socket {
    const socket = openWireSocket(address, (bytes) => {
      this.#silentIntervals = 0
      this.#parser.push(bytes)
    })
    socket.once('connect', () => {
      clearTimeout(this.#timer)
      this.stage = 'connected'
      this.#timer = setTimeout(() => this.close(), HANDSHAKE_MS)
      const infoHash = Buffer.from(this.#torrent.infoHash, 'hex')
      this.send(messages.handshake(infoHash, this.#torrent.peerId))
    })
    socket.on('drain', () => this.#torrent.drained(this))
    for (const event of ['error', 'end', 'close']) socket.on(event, () => this.close())
    return socket
  }

  get maxQueue(): number {
    return this.#extensions.reqq ?? DEFAULT_QUEUE
  }

  get canSend(): boolean {
    return this.#sender.canSend
  }

  has(piece: number): boolean {
    return this.#pieces.has(piece)
  }

  /** Call when the metadata is known: only now can the peer's bitfield be understood. */
  metadataKnown(): void {
    this.#extensions.end()
    if (!this.#pieces.setPieceCount(this.#torrent.pieceCount)) this.close()
  }

  /** Never closes the connection before it returns: the caller need not expect that. */
  send(...parts: readonly Uint8Array[]): void {
    this.#sender.send(...parts)
  }

  request(block: Block): void {
    this.#expectedBlocks++
    this.#sender.stage(MessageId.request, block)
  }

  cancel(block: Block): void {
    this.#sender.stage(MessageId.cancel, block)
  }

  have(piece: number): void {
    if (!this.has(piece)) this.send(messages.have(piece))
  }

  choke(choke: boolean): void {
    this.send(messages.emptyMessage(choke ? MessageId.choke : MessageId.unchoke))
  }

  reject(block: Block): void {
    if (this.#fast) this.send(messages.blockMessage(MessageId.reject, block))
  }

  piece(block: Block, bytes: Uint8Array): void {
    this.send(messages.pieceHeader(block), bytes)
  }

  close(forGood = false): void {
    if (this.#closed) return
    this.#closed = true
    this.#parser.stop()
    clearTimeout(this.#timer)
    clearInterval(this.#keepAlive)
    this.#extensions.end()
    this.#sender.end()
    const { block, placement } = this.#parser.currentBlock
    if (block && placement) this.#torrent.blockAborted(block, placement)
    this.#torrent.closed(this, forGood)
  }

  #handshake(bytes: Buffer): void {
    const theirs = messages.readHandshake(bytes)
    const { infoHash, peerId } = this.#torrent
    // Another protocol may be encryption, so it is not banned; another torrent and ourselves are.
    const good = theirs?.infoHash.toString('hex') === infoHash && !theirs.peerId.equals(peerId)
    if (good) this.#begin(theirs.fast, theirs.extended)
    else this.close(theirs !== undefined)
  }

  #begin(fast: boolean, extended: boolean): void {
    clearTimeout(this.#timer)
    this.stage = 'handshaken'
    this.usefulAt = performance.now()
    this.latencyMs = (this.usefulAt - this.startedAt) / 2
    this.#fast = fast
    this.#keepAlive = setInterval(() => this.#sendKeepAlive(), KEEP_ALIVE_MS)
    // The bitfield must be the first message (BEP 3, BEP 6).
    const ours = this.#torrent.ourBitfield()
    if (ours) this.send(messages.bitfield(ours))
    else if (this.#fast) this.send(messages.emptyMessage(MessageId.haveNone))
    if (extended) this.#extensions.sendHandshake()
    this.send(messages.emptyMessage(MessageId.interested))
    if (this.#torrent.pieceCount > 0) this.metadataKnown()
    if (!this.#closed) this.#torrent.joined(this)
  }

  /** Also closes the connection when the peer has been silent for too long. */
  #sendKeepAlive(): void {
    if (++this.#silentIntervals > 2) this.close()
    else this.send(Buffer.alloc(4))
  }

  #blockBegins(block: Block): Placement | undefined {
    if (this.#expectedBlocks-- > 0) return this.#torrent.blockBegins(this, block)
    // A block that was not requested: it would take up our bandwidth for as long as it likes.
    this.close()
    return undefined
  }

  #message(id: number, body: Buffer): void {
    if (!this.#budget.spend(messageCost(id, body), performance.now())) this.close()
    else if (id === MessageId.extended) this.#extensions.receive(body[0] ?? 0, body.subarray(1))
    else if (messages.isBlockMessage(id)) this.#blockMessage(id, body)
    else if (id === MessageId.interested || id === MessageId.notInterested) {
      this.peerInterested = id === MessageId.interested
      this.#torrent.interestChanged(this)
    } else if (this.#peerStateChanged(id, body)) this.#torrent.changed(this)
  }

  #peerStateChanged(id: number, body: Buffer): boolean {
    if (id === MessageId.choke || id === MessageId.unchoke) {
      const before = this.choked
      this.choked = id === MessageId.choke
      return before !== this.choked
    }
    if (id === MessageId.have) return body.length === 4 && this.#pieces.have(body.readUInt32BE(0))
    if (id === MessageId.haveAll) this.#pieces.haveAll()
    else if (id !== MessageId.bitfield) return false
    else if (!this.#pieces.bitfield(body)) {
      this.close()
      return false
    }
    return true
  }

  #blockMessage(id: number, body: Buffer): void {
    const block = messages.readBlock(body)
    if (!block) this.close()
    else if (id === MessageId.reject) this.#torrent.refused(this, block)
    else if (id === MessageId.cancel) this.#torrent.cancelled(this, block)
    else this.#torrent.requested(this, block)
  }
}
