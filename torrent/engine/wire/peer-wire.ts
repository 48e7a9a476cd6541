import { connect, type Socket } from 'node:net'
import type { Block, Placement } from '../blocks/block.ts'
import {
  type ExtensionConnection,
  type ExtensionHost,
  ExtensionProtocol,
} from './extension-protocol.ts'
import { MessageBudget, messageCost } from './message-budget.ts'
import * as messages from './messages.ts'
import { MessageId } from './messages.ts'
import type { PeerAddress } from './peer-address.ts'
import { PeerPieces } from './peer-pieces.ts'
import type { ConnectionStage } from './reconnect-backoff.ts'
import { WireParser } from './wire-parser.ts'
import { WireSender } from './wire-sender.ts'

/** What a wire needs to know of its torrent, and tells it. */
export interface WireTorrent extends ExtensionHost {
  /** Hex. */
  readonly infoHash: string
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** 0 while unknown. */
  readonly pieceCount: number
  /** Bitfield bytes of what we may give; undefined: nothing. */
  ourBitfield(): Uint8Array | undefined
  /** The handshakes are done. */
  joined(wire: PeerWire): void
  /** Choked, unchoked, or has got more pieces. */
  changed(wire: PeerWire): void
  blockBegins(wire: PeerWire, block: Block): Placement | undefined
  blockEnds(wire: PeerWire, block: Block, placement: Placement | undefined): void
  /** The connection ended in the middle of it. */
  blockAborted(block: Block, placement: Placement): void
  refused(wire: PeerWire, block: Block): void
  /** It wants to download from us; or it wants to no more. */
  interestChanged(wire: PeerWire): void
  requested(wire: PeerWire, block: Block): void
  cancelled(wire: PeerWire, block: Block): void
  /** It has read all that it was sent. */
  drained(wire: PeerWire): void
  /** @param forGood the address is of no use for this torrent */
  closed(wire: PeerWire, forGood: boolean): void
}

const CONNECT_MS = 5000
const HANDSHAKE_MS = 8000
/** Others close what is silent for two minutes. We wait twice this long. */
const KEEP_ALIVE_MS = 100_000
const DEFAULT_QUEUE = 250

/**
 * Every socket of this process reads into this one: what was read is used up before the next read,
 * and no buffer is made a read.
 */
const readInto = Buffer.allocUnsafeSlow(256 * 1024)

/** A plain TCP connection to a peer (BEP 3, 6, 10), made for speed (docs/decisions/0008). */
export class PeerWire implements ExtensionConnection {
  readonly address: string
  peerInterested = false
  choked = true
  stage: ConnectionStage = 'connecting'
  /** Round trip: connecting and shaking hands are one each. */
  latencyMs: number | undefined
  readonly startedAt = performance.now()
  /** When it began, joined or last brought a block. */
  usefulAt = performance.now()
  readonly #torrent: WireTorrent
  readonly #out: WireSender
  readonly #parser: WireParser
  readonly #talk: ExtensionProtocol
  readonly #pieces = new PeerPieces()
  readonly #patience = new MessageBudget(performance.now())
  #timer: NodeJS.Timeout
  #keepAlive: NodeJS.Timeout | undefined
  #quiet = 0
  #fast = false
  #closed = false
  /** Requests it may still answer with a block: cancelled ones too, for they cross on the way. */
  #asked = 0

  constructor(address: PeerAddress, torrent: WireTorrent) {
    this.address = address.text
    this.#torrent = torrent
    this.#talk = new ExtensionProtocol(torrent, this)
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
    this.#out = new WireSender(this.#connect(address), () => this.close())
  }

  #connect({ host, port }: PeerAddress): Socket {
    const callback = (length: number): boolean => {
      this.#quiet = 0
      this.#parser.push(readInto.subarray(0, length))
      return true
    }
    const socket = connect({ host, port, noDelay: true, onread: { buffer: readInto, callback } })
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
    return this.#talk.reqq ?? DEFAULT_QUEUE
  }

  get canSend(): boolean {
    return this.#out.canSend
  }

  has(piece: number): boolean {
    return this.#pieces.has(piece)
  }

  /** The metadata is known: what the peer said of its pieces has a meaning now. */
  metadataKnown(): void {
    this.#talk.end()
    if (!this.#pieces.setPieceCount(this.#torrent.pieceCount)) this.close()
  }

  /** Never closes before it returns: who sends is in the middle of something. */
  send(...parts: readonly Uint8Array[]): void {
    this.#out.send(...parts)
  }

  request(block: Block): void {
    this.#asked++
    this.#out.stage(MessageId.request, block)
  }

  cancel(block: Block): void {
    this.#out.stage(MessageId.cancel, block)
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
    this.#talk.end()
    this.#out.end()
    const { block, placement } = this.#parser.open
    if (block && placement) this.#torrent.blockAborted(block, placement)
    this.#torrent.closed(this, forGood)
  }

  #handshake(bytes: Buffer): void {
    const theirs = messages.readHandshake(bytes)
    const { infoHash, peerId } = this.#torrent
    // Another protocol may be an encrypted one; another torrent, or ourselves, is no use for good.
    const ours = theirs?.infoHash.toString('hex') === infoHash && !theirs.peerId.equals(peerId)
    if (ours) this.#begin(theirs.fast, theirs.extended)
    else this.close(theirs !== undefined)
  }

  #begin(fast: boolean, extended: boolean): void {
    clearTimeout(this.#timer)
    this.stage = 'handshaken'
    this.usefulAt = performance.now()
    this.latencyMs = (this.usefulAt - this.startedAt) / 2
    this.#fast = fast
    this.#keepAlive = setInterval(() => this.#beAlive(), KEEP_ALIVE_MS)
    // What we have comes first of all (BEP 3, BEP 6).
    const ours = this.#torrent.ourBitfield()
    if (ours) this.send(messages.bitfield(ours))
    else if (this.#fast) this.send(messages.emptyMessage(MessageId.haveNone))
    if (extended) this.#talk.sendHandshake()
    this.send(messages.emptyMessage(MessageId.interested))
    if (this.#torrent.pieceCount > 0) this.metadataKnown()
    if (!this.#closed) this.#torrent.joined(this)
  }

  /** Says that we are here, and ends what nobody is at the other end of. */
  #beAlive(): void {
    if (++this.#quiet > 2) this.close()
    else this.send(Buffer.alloc(4))
  }

  #blockBegins(block: Block): Placement | undefined {
    if (this.#asked-- > 0) return this.#torrent.blockBegins(this, block)
    // Blocks that nobody asked for: it would fill our line for ever.
    this.close()
    return undefined
  }

  #message(id: number, body: Buffer): void {
    if (!this.#patience.spend(messageCost(id, body), performance.now())) this.close()
    else if (id === MessageId.extended) this.#talk.receive(body[0] ?? 0, body.subarray(1))
    else if (id === MessageId.request || id === MessageId.cancel || id === MessageId.reject)
      this.#onBlock(id, body)
    else if (id === MessageId.interested || id === MessageId.notInterested) {
      this.peerInterested = id === MessageId.interested
      this.#torrent.interestChanged(this)
    } else if (this.#changes(id, body)) this.#torrent.changed(this)
  }

  #changes(id: number, body: Buffer): boolean {
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

  #onBlock(id: number, body: Buffer): void {
    const block = messages.readBlock(body)
    if (!block) this.close()
    else if (id === MessageId.reject) this.#torrent.refused(this, block)
    else if (id === MessageId.cancel) this.#torrent.cancelled(this, block)
    else this.#torrent.requested(this, block)
  }
}
