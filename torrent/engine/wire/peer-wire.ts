import { connect, type Socket } from 'node:net'
import { Bitfield } from '../../../common/bitfield.ts'
import type { Block } from '../scheduler.ts'
import { type ExtensionHost, ExtensionTalk } from './extension-talk.ts'
import * as messages from './messages.ts'
import { BLOCK_MESSAGE, Id } from './messages.ts'
import { type Placement, WireParser } from './parser.ts'

/** What a wire needs to know of its torrent, and tells it. */
export interface WireTorrent extends ExtensionHost {
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** 0 while unknown. */
  readonly pieceCount: number
  /** Bitfield bytes of what we may give; undefined: nothing. */
  ours(): Uint8Array | undefined
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
  interest(wire: PeerWire): void
  requested(wire: PeerWire, block: Block): void
  cancelled(wire: PeerWire, block: Block): void
  closed(wire: PeerWire): void
}

const CONNECT_MS = 5000
const HANDSHAKE_MS = 8000
const KEEP_ALIVE_MS = 100_000
const USUAL_QUEUE = 250
const STAGED = 256 * BLOCK_MESSAGE
const MOST_EARLY = 10_000

/**
 * Every socket of this process reads into this one: what was read is used up before the next read,
 * and no buffer is made a read.
 */
const readInto = Buffer.allocUnsafeSlow(256 * 1024)

/** A plain TCP connection to a peer (BEP 3, 6, 10), made for speed (docs/decisions/0008). */
export class PeerWire {
  /** `ip:port` */
  readonly address: string
  peerInterested = false
  amUnchoking = false
  choked = true
  /** How far it came: decides whether and how the address is tried again. */
  stage: 'connecting' | 'connected' | 'shaken' = 'connecting'
  readonly #torrent: WireTorrent
  readonly #socket: Socket
  readonly #parser: WireParser
  readonly #talk: ExtensionTalk
  readonly #staged = Buffer.allocUnsafeSlow(STAGED)
  #stagedLength = 0
  #flushing = false
  #timer: NodeJS.Timeout
  #keepAlive: NodeJS.Timeout | undefined
  #fast = false
  #closed = false
  /** What it has; the bytes it said before the number of pieces was known. */
  #pieces: Bitfield | 'all' | Buffer | undefined
  readonly #early: number[] = []

  constructor(address: string, torrent: WireTorrent) {
    this.address = address
    this.#torrent = torrent
    this.#talk = new ExtensionTalk(
      torrent,
      (bytes) => this.#send(bytes),
      () => this.close(),
    )
    this.#parser = new WireParser({
      handshake: (bytes) => this.#handshake(bytes),
      message: (id, body) => this.#message(id, body),
      blockBegins: (block) => torrent.blockBegins(this, block),
      blockEnds: (block, placement) => torrent.blockEnds(this, block, placement),
      broken: () => this.close(),
    })
    this.#timer = setTimeout(() => this.close(), CONNECT_MS)
    this.#socket = this.#connect()
  }

  #connect(): Socket {
    const colon = this.address.lastIndexOf(':')
    const host = this.address.slice(0, colon).replace(/^\[|\]$/g, '')
    const socket = connect({
      host,
      port: Number(this.address.slice(colon + 1)),
      noDelay: true,
      onread: {
        buffer: readInto,
        callback: (length: number) => {
          this.#parser.push(readInto.subarray(0, length))
          return true
        },
      },
    })
    socket.once('connect', () => {
      clearTimeout(this.#timer)
      this.stage = 'connected'
      this.#timer = setTimeout(() => this.close(), HANDSHAKE_MS)
      const infoHash = Buffer.from(this.#torrent.infoHash, 'hex')
      this.#send(messages.handshake(infoHash, this.#torrent.peerId))
    })
    for (const event of ['error', 'end', 'close']) socket.once(event, () => this.close())
    return socket
  }

  get maxQueue(): number {
    return this.#talk.reqq ?? USUAL_QUEUE
  }

  has(piece: number): boolean {
    return this.#pieces === 'all' || (this.#pieces instanceof Bitfield && this.#pieces.has(piece))
  }

  /** The metadata is known: what the peer said of its pieces has a meaning now. */
  learned(): void {
    const said = this.#pieces
    if (said === 'all' || said instanceof Bitfield) return
    const pieces = new Bitfield(this.#torrent.pieceCount, said)
    for (const piece of this.#early.splice(0)) pieces.set(piece)
    this.#pieces = pieces
  }

  request(block: Block): void {
    this.#stage(Id.request, block)
  }

  cancel(block: Block): void {
    this.#stage(Id.cancel, block)
  }

  have(piece: number): void {
    if (!this.has(piece)) this.#send(messages.have(piece))
  }

  choke(choke: boolean): void {
    this.amUnchoking = !choke
    this.#send(messages.simple(choke ? Id.choke : Id.unchoke))
  }

  reject(block: Block): void {
    if (this.#fast) this.#send(messages.blockMessage(Id.reject, block))
  }

  piece(block: Block, bytes: Uint8Array): void {
    this.#send(messages.pieceHead(block))
    this.#send(bytes)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    clearInterval(this.#keepAlive)
    this.#socket?.destroy()
    const { block, placement } = this.#parser.open
    if (block && placement) this.#torrent.blockAborted(block, placement)
    this.#torrent.closed(this)
  }

  #send(bytes: Uint8Array): void {
    if (!this.#closed) this.#socket.write(bytes)
  }

  /** Requests of one turn of the event loop leave in one write. */
  #stage(id: number, block: Block): void {
    if (this.#closed) return
    if (this.#stagedLength + BLOCK_MESSAGE > STAGED) this.#flush()
    messages.writeBlockMessage(this.#staged, this.#stagedLength, id, block)
    this.#stagedLength += BLOCK_MESSAGE
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => {
      this.#flushing = false
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#stagedLength === 0) return
    this.#send(Buffer.from(this.#staged.subarray(0, this.#stagedLength)))
    this.#stagedLength = 0
  }

  #handshake(bytes: Buffer): void {
    const theirs = messages.readHandshake(bytes)
    const { infoHash, peerId, pieceCount } = this.#torrent
    if (theirs?.infoHash.toString('hex') !== infoHash || theirs.peerId.equals(peerId)) {
      this.close()
      return
    }
    clearTimeout(this.#timer)
    this.stage = 'shaken'
    this.#fast = theirs.fast
    this.#keepAlive = setInterval(() => this.#send(Buffer.alloc(4)), KEEP_ALIVE_MS)
    if (theirs.extended) this.#talk.hello()
    const ours = this.#torrent.ours()
    if (ours) this.#send(messages.bitfield(ours))
    else if (this.#fast) this.#send(messages.simple(Id.haveNone))
    this.#send(messages.simple(Id.interested))
    if (pieceCount > 0) this.learned()
    this.#torrent.joined(this)
  }

  #message(id: number, body: Buffer): void {
    if (id === Id.have) this.#have(body)
    else if (id === Id.extended) this.#talk.message(body[0] ?? 0, body.subarray(1))
    else if (id === Id.request || id === Id.cancel || id === Id.reject) this.#onBlock(id, body)
    else if (id === Id.interested || id === Id.notInterested) {
      this.peerInterested = id === Id.interested
      this.#torrent.interest(this)
    } else if (this.#changes(id, body)) this.#torrent.changed(this)
  }

  #changes(id: number, body: Buffer): boolean {
    if (id === Id.choke || id === Id.unchoke) this.choked = id === Id.choke
    else if (id === Id.haveAll) this.#pieces = 'all'
    else if (id === Id.bitfield) {
      this.#pieces = Buffer.from(body)
      if (this.#torrent.pieceCount > 0) this.learned()
    } else return false
    return true
  }

  #have(body: Buffer): void {
    if (body.length !== 4) {
      this.close()
      return
    }
    const piece = body.readUInt32BE(0)
    if (this.#pieces instanceof Bitfield) {
      if (this.#pieces.set(piece)) this.#torrent.changed(this)
    } else if (this.#early.length < MOST_EARLY) this.#early.push(piece)
  }

  #onBlock(id: number, body: Buffer): void {
    if (body.length !== 12) {
      this.close()
      return
    }
    const [piece, offset, length] = [0, 4, 8].map((at) => body.readUInt32BE(at)) as [
      number,
      number,
      number,
    ]
    const block = { piece, offset, length }
    if (id === Id.reject) this.#torrent.refused(this, block)
    else if (id === Id.cancel) this.#torrent.cancelled(this, block)
    else this.#torrent.requested(this, block)
  }
}
