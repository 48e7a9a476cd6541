import type { Duplex } from 'node:stream'
import type { Block } from '../blocks/block.ts'
import type { LayerPeer } from '../metadata/layer-downloads.ts'
import { Dial, type Transport } from './dial.ts'
import { type ExtensionConnection, ExtensionProtocol } from './extension-protocol.ts'
import { IDLE_COST, messageCost, PeerAccount, REFUSED_COST } from './message-budget.ts'
import type { PeerAddress } from './peer-address.ts'
import * as messages from './peer-messages.ts'
import { MessageId } from './peer-messages.ts'
import { PeerState } from './peer-state.ts'
import type { ConnectionStage } from './reconnect-backoff.ts'
import { isSideMessage, receiveSideMessage } from './side-messages.ts'
import { WireParser } from './wire-parser.ts'
import { WireSender } from './wire-sender.ts'
import type { WireTorrent } from './wire-torrent.ts'

const CONNECT_MS = 5000
const HANDSHAKE_MS = 8000
/** Clients close connections that are silent for two minutes; we allow twice this time. */
const KEEP_ALIVE_MS = 100_000
const DEFAULT_QUEUE = 250

/** A plain connection to a peer (BEP 3, 6, 10), written for speed (docs/decisions/0008). */
export class PeerWire implements ExtensionConnection, LayerPeer {
  readonly address: string
  peerInterested = false
  /** The peer speaks the fast extension (BEP 6). */
  fast = false
  stage: ConnectionStage = 'connecting'
  /** Undefined while it is connecting. */
  transport: Transport | undefined
  /** Round-trip time in milliseconds: connecting and the handshake take one each. */
  latencyMs: number | undefined
  readonly startedAt = performance.now()
  /** When it was opened, finished the handshake or last sent a block; of performance.now(). */
  usefulAt = performance.now()
  readonly #torrent: WireTorrent
  readonly #dial: Dial
  /** Undefined while it is connecting. */
  #sender: WireSender | undefined
  readonly #parser: WireParser
  readonly #extensions: ExtensionProtocol
  readonly #state: PeerState
  readonly #account = new PeerAccount(() => this.close())
  #timer: NodeJS.Timeout
  #dialledAt = performance.now()
  #keepAlive: NodeJS.Timeout | undefined
  /** Keep-alive intervals in a row without a byte from the peer. */
  #silentIntervals = 0
  #closed = false

  constructor(address: PeerAddress, torrent: WireTorrent, first: Transport = 'tcp') {
    this.address = address.text
    this.#torrent = torrent
    this.#extensions = new ExtensionProtocol(torrent, this)
    const ours = () => torrent.ours
    this.#state = new PeerState(ours, (interested) => {
      const id = interested ? MessageId.interested : MessageId.notInterested
      this.send(messages.emptyMessage(id))
    })
    this.#parser = new WireParser({
      handshake: (bytes) => this.#handshake(bytes),
      message: (id, body) => this.#message(id, body),
      blockBegins: (block) =>
        this.#account.blockBegins() ? torrent.blockBegins(this, block) : undefined,
      blockEnds: (block, placement) => {
        this.usefulAt = performance.now()
        torrent.blockEnds(this, block, placement)
      },
      nothing: () => void this.#account.charge(IDLE_COST),
      protocolError: () => this.close(),
    })
    this.#timer = setTimeout(() => this.close(), CONNECT_MS)
    this.#dial = new Dial(address, first, torrent.utp, {
      read: (bytes) => {
        this.#silentIntervals = 0
        this.#parser.push(bytes)
      },
      connected: (socket, transport, since) => this.#connected(socket, transport, since),
      failed: () => this.close(),
    })
  }

  #connected(socket: Duplex, transport: Transport, since: number): void {
    clearTimeout(this.#timer)
    this.stage = 'connected'
    this.transport = transport
    this.#dialledAt = since
    this.#timer = setTimeout(() => this.close(), HANDSHAKE_MS)
    this.#sender = new WireSender(socket, () => this.close())
    socket.on('drain', () => this.#torrent.drained(this))
    for (const event of ['error', 'end', 'close']) socket.on(event, () => this.close())
    const infoHash = Buffer.from(this.#torrent.infoHash, 'hex')
    const { peerId, dhtPort } = this.#torrent
    this.send(messages.handshake(infoHash, peerId, dhtPort !== undefined))
  }

  get choked(): boolean {
    return this.#state.choked
  }

  get maxQueue(): number {
    return this.#extensions.reqq ?? DEFAULT_QUEUE
  }

  /** Bytes of blocks that have come, those of an unfinished one included. */
  get received(): number {
    return this.#parser.received
  }

  get canSend(): boolean {
    return this.#sender?.canSend === true
  }

  has(piece: number): boolean {
    return this.#state.has(piece)
  }

  /** Call when the metadata is known: only now can the peer's bitfield be understood. */
  metadataKnown(): void {
    this.#extensions.end()
    if (!this.#state.setPieceCount(this.#torrent.ours?.length ?? 0)) this.close()
  }

  /** Never closes the connection before it returns: the caller need not expect that. */
  send(...parts: readonly Uint8Array[]): void {
    this.#sender?.send(...parts)
  }

  request(block: Block): void {
    this.#account.requested()
    this.#sender?.stage(MessageId.request, block)
  }

  cancel(block: Block): void {
    this.#sender?.stage(MessageId.cancel, block)
  }

  /**
   * We have the piece now. A peer that has it too is told as well: a super-seeder (BEP 16) sees by it
   * that we shared what it gave us. One that has everything has no use for it.
   */
  have(piece: number): void {
    if (!this.#state.isSeed) this.send(messages.have(piece))
    this.#state.oursChanged(piece)
  }

  /** We do not have the piece any more. */
  lost(piece: number): void {
    this.#state.oursChanged(piece)
  }

  choke(choke: boolean): void {
    this.send(messages.emptyMessage(choke ? MessageId.choke : MessageId.unchoke))
  }

  reject(block: Block): void {
    if (this.fast) this.send(messages.blockMessage(MessageId.reject, block))
  }

  piece(block: Block, bytes: Uint8Array): void {
    this.send(messages.pieceHeader(block), bytes)
  }

  requestHashes(body: Buffer): void {
    this.send(messages.hashMessage(MessageId.hashRequest, body))
  }

  close(forGood = false): void {
    if (this.#closed) return
    this.#closed = true
    this.#parser.stop()
    clearTimeout(this.#timer)
    clearInterval(this.#keepAlive)
    this.#extensions.end()
    this.#torrent.layers?.leave(this)
    this.#dial.close()
    this.#sender?.end()
    const { block, placement } = this.#parser.currentBlock
    if (block && placement) this.#torrent.blockAborted(block, placement)
    this.#torrent.closed(this, forGood)
  }

  #handshake(bytes: Buffer): void {
    const theirs = messages.readHandshake(bytes)
    const { infoHash, peerId } = this.#torrent
    // Another protocol may be encryption, so it is not banned; another torrent and ourselves are.
    const good = theirs?.infoHash.toString('hex') === infoHash && !theirs.peerId.equals(peerId)
    if (good) this.#begin(theirs)
    else this.close(theirs !== undefined)
  }

  #begin({ fast, extended, dht }: messages.Handshake): void {
    clearTimeout(this.#timer)
    this.stage = 'handshaken'
    this.usefulAt = performance.now()
    this.latencyMs = (this.usefulAt - this.#dialledAt) / 2
    this.fast = fast
    this.#keepAlive = setInterval(() => this.#sendKeepAlive(), KEEP_ALIVE_MS)
    // The bitfield must be the first message (BEP 3, BEP 6).
    const { ours, dhtPort } = this.#torrent
    if (ours && ours.count > 0) this.send(messages.bitfield(ours.bytes))
    else if (this.fast) this.send(messages.emptyMessage(MessageId.haveNone))
    if (extended) this.#extensions.sendHandshake()
    // Our node speaks IPv4.
    if (dht && dhtPort && !this.address.startsWith('[')) this.send(messages.portMessage(dhtPort))
    if (ours) this.metadataKnown()
    else this.#torrent.layers?.join(this)
    if (!this.#closed) this.#torrent.joined(this)
  }

  /** Also closes the connection when the peer has been silent for too long. */
  #sendKeepAlive(): void {
    if (++this.#silentIntervals > 2) this.close()
    else this.send(Buffer.alloc(4))
  }

  #message(id: number, body: Buffer): void {
    if (!this.#account.charge(messageCost(id, body))) return
    if (id === MessageId.extended) this.#extensions.receive(body[0] ?? 0, body.subarray(1))
    else if (messages.isBlockMessage(id)) this.#blockMessage(id, body)
    else if (isSideMessage(id)) receiveSideMessage(this.#torrent, this, id, body)
    else if (id === MessageId.interested || id === MessageId.notInterested) {
      this.peerInterested = id === MessageId.interested
      this.#torrent.interestChanged(this)
    } else this.#stateMessage(id, body)
  }

  #stateMessage(id: number, body: Buffer): void {
    const changed = this.#state.receive(id, body)
    if (changed === undefined) this.close()
    else if (changed) this.#torrent.changed(this)
    else if (id === MessageId.have) this.#account.charge(IDLE_COST)
  }

  #blockMessage(id: number, body: Buffer): void {
    const block = messages.readBlock(body)
    if (!block) this.close()
    else if (id === MessageId.reject) {
      if (this.#account.rejected()) this.#torrent.refused(this, block)
    } else if (id === MessageId.cancel) this.#torrent.cancelled(this, block)
    else if (!this.#torrent.requested(this, block)) this.#account.charge(REFUSED_COST)
  }
}
