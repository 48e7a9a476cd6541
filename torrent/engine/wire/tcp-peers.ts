import type { Transport } from './dial.ts'
import { DialQueue } from './dial-queue.ts'
import type { ExtensionHost } from './extension-protocol.ts'
import { readPeerAddress } from './peer-address.ts'
import { PeerWire } from './peer-wire.ts'
import { ReconnectBackoff } from './reconnect-backoff.ts'
import { TcpTorrent, type TcpTorrentDeps } from './tcp-torrent.ts'

export interface TcpPeersDeps extends TcpTorrentDeps {
  /** The peer accepted the connection but did not answer the handshake: it may want encryption. */
  handshakeUnanswered(address: string, transport: Transport): void
}

/** Connections open or opening at the same time, without those of peers that keep choking us; and with them. */
const MAX_CONNECTIONS = 80
const MOST_CONNECTIONS = 200
/** A peer that has choked us for this long is kept, but whoever waits behind it is tried too. */
const CHOKED_MS = 2000
/** How often it is looked for connections that have to make way for others. */
const HURRY_EVERY_MS = 250
const ROTATE_MS = 30_000
/** While others wait, a peer that chokes us and sent no block for this long is dropped. */
const USELESS_MS = 60_000

/**
 * The plain connections that we open to the peers of one torrent, with our own wire protocol: over TCP, and
 * over uTP to those that TCP does not reach.
 */
export class TcpPeers {
  readonly #deps: TcpPeersDeps
  readonly #torrent: TcpTorrent
  /** Every connection by its address, also those that are still opening. */
  readonly #wires = new Map<string, PeerWire>()
  readonly #queue = new DialQueue()
  #hurry: NodeJS.Timeout | undefined
  readonly #backoff = new ReconnectBackoff()
  readonly #retryTimers = new Set<NodeJS.Timeout>()
  readonly #rotation: NodeJS.Timeout
  /** The connection that is being closed to make way for others. */
  #makesWay: PeerWire | undefined
  #closed = false

  constructor(deps: TcpPeersDeps) {
    this.#deps = deps
    this.#torrent = new TcpTorrent(deps, (wire, forGood) => this.#connectionClosed(wire, forGood))
    this.#rotation = setInterval(() => this.#rotate(), ROTATE_MS)
  }

  /** Peers whose handshake is done. */
  get count(): number {
    return this.#torrent.peerCount
  }

  /**
   * Connects, now or when a connection is free. False when it does not: the text is no address, it
   * is connected or waiting already, backed off or banned, or too many wait.
   */
  connect(text: string): boolean {
    const address = readPeerAddress(text)
    if (this.#closed || !address || !this.#backoff.mayConnect(address.text)) return false
    if (this.#wires.has(address.text) || this.#queue.has(address.text)) return false
    if (this.#isFull) {
      this.#hurry ??= setInterval(() => this.#makeWay(), HURRY_EVERY_MS)
      return this.#queue.add(address.text)
    }
    this.#wires.set(address.text, new PeerWire(address, this.#torrent))
    return true
  }

  /** How the address is connected to, or is about to be; undefined when it is not. */
  transportTo(address: string): Transport | undefined {
    const wire = this.#wires.get(readPeerAddress(address)?.text ?? '')
    return wire && (wire.transport ?? 'tcp')
  }

  /** A connection of another kind to this address was a good one. */
  succeeded(address: string): void {
    this.#backoff.succeeded(readPeerAddress(address)?.text ?? '')
  }

  /** Every address that is not banned may be tried again at once. */
  resetBackoff(): void {
    this.#backoff.reset()
  }

  /** For metadata over connections of another kind. */
  get extensionHost(): ExtensionHost {
    return this.#torrent
  }

  /** What is in the torrent is known, from whatever source. */
  metadataKnown(info: Uint8Array, pieceCount: number): void {
    this.#torrent.metadataKnown(info, pieceCount, [...this.#wires.values()])
  }

  /** From now on this piece is announced and uploaded. */
  verified(piece: number): void {
    this.#torrent.verified(piece)
  }

  unverified(piece: number): void {
    this.#torrent.unverified(piece)
  }

  close(): void {
    this.#closed = true
    this.#torrent.close()
    clearInterval(this.#rotation)
    clearInterval(this.#hurry)
    for (const timer of this.#retryTimers) clearTimeout(timer)
    for (const wire of [...this.#wires.values()]) wire.close()
  }

  #connectionClosed(wire: PeerWire, forGood: boolean): void {
    const { address } = wire
    this.#wires.delete(address)
    if (this.#closed) return
    if (forGood) this.#backoff.ban(address)
    if (this.#makesWay !== wire || !this.#queue.madeWay(address)) this.#ended(wire, forGood)
    this.#queue.ended(address)
    this.#fill()
  }

  #ended({ address, stage, startedAt, transport }: PeerWire, forGood: boolean): void {
    const lastedMs = performance.now() - startedAt
    const retryMs = this.#backoff.connectionEnded(address, stage, lastedMs)
    if (retryMs !== undefined) this.#connectLater(address, retryMs)
    else if (stage === 'connected' && transport && !forGood) {
      this.#deps.handshakeUnanswered(address, transport)
      // Clients that are set to uTP accept what comes by TCP all the same, and close it.
      if (transport === 'tcp' && this.#deps.utp) this.#connectByUtp(address)
    }
  }

  #connectByUtp(text: string): void {
    const address = readPeerAddress(text)
    if (address) this.#wires.set(address.text, new PeerWire(address, this.#torrent, 'utp'))
  }

  get #isFull(): boolean {
    const { size } = this.#wires
    // Who has it all wants nothing of those that wait.
    const most = this.#torrent.ours?.complete ? MAX_CONNECTIONS : MOST_CONNECTIONS
    if (size < MAX_CONNECTIONS || size >= most) return size >= MAX_CONNECTIONS
    const choking = this.#chokingSince(performance.now() - CHOKED_MS)
    return size - choking.length >= MAX_CONNECTIONS
  }

  /** Peers that choke us and have sent no block since then. */
  #chokingSince(time: number): readonly PeerWire[] {
    return this.#torrent.wires.filter((wire) => wire.choked && wire.usefulAt < time)
  }

  /** Gives free places to those that wait. */
  #fill(): void {
    while (!this.#isFull) {
      const next = this.#queue.next()
      if (next === undefined) return
      this.connect(next)
    }
  }

  /** Those that have not answered at once give up their places to others; those that choke us leave them theirs. */
  #makeWay(): void {
    const now = performance.now()
    for (const wire of [...this.#wires.values()]) {
      if (wire.stage === 'handshaken') continue
      if (!this.#queue.givesWay(wire.address, now - wire.startedAt)) continue
      this.#makesWay = wire
      wire.close()
    }
    this.#makesWay = undefined
    this.#fill()
    if (!this.#queue.isEmpty) return
    clearInterval(this.#hurry)
    this.#hurry = undefined
  }

  #connectLater(address: string, ms: number): void {
    const timer = setTimeout(() => {
      this.#retryTimers.delete(timer)
      this.connect(address)
    }, ms)
    this.#retryTimers.add(timer)
  }

  /** Gives upload slots to others, and drops one useless peer when other addresses wait. */
  #rotate(): void {
    this.#torrent.rotateUploads()
    if (this.#queue.isEmpty) return
    const useless = this.#chokingSince(performance.now() - USELESS_MS)
    useless.toSorted((a, b) => a.usefulAt - b.usefulAt)[0]?.close()
  }
}
