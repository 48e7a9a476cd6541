import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import type { RateLimit } from '../swarm/rate-limit.ts'
import type { SwarmEvents, SwarmPeer } from '../swarm/swarm.ts'
import { createMetadataDownloads } from './metadata-downloads.ts'
import { readPeerAddress } from './peer-address.ts'
import { PeerWire, type WireTorrent } from './peer-wire.ts'
import { createReconnectBackoff } from './reconnect-backoff.ts'
import { createUploadQueue } from './upload-queue.ts'

/** The plain TCP connections of one torrent. */
export interface TcpPeers {
  /**
   * Answers false when nothing comes of it: no address, connected already or waiting, of no use,
   * or too many.
   */
  connect(address: string): boolean
  /** Whether it is connected to, or being tried just now. */
  has(address: string): boolean
  /** The address proved good by another kind of connection. */
  succeeded(address: string): void
  /** Everybody may be tried again, but those who are of no use. */
  resetBackoff(): void
  /** The info dictionary is known, from whomever. */
  metadataKnown(info: Uint8Array, pieceCount: number): void
  verified(piece: number): void
  unverified(piece: number): void
  readonly count: number
  close(): void
}

interface Deps {
  /** Hex. */
  readonly infoHash: string
  readonly peerId: Uint8Array
  readonly port: number
  readonly pex: boolean
  readonly limit: RateLimit
  readonly events: SwarmEvents
  metadataReceived(info: Buffer): void
  peersFound(addresses: readonly string[]): void
  /** It answered the connection and not the handshake: perhaps it wants encryption. */
  handshakeUnanswered(address: string): void
}

const MOST_WIRES = 40
const MOST_WAITING = 200
const MOST_QUEUE = 512
const TURN_MS = 30_000
/** While others wait, whoever chokes us and brought nothing for this long makes room. */
const USELESS_MS = 60_000

export function createTcpPeers(deps: Deps): TcpPeers {
  const { events } = deps
  const wires = new Map<string, PeerWire>()
  const peers = new Map<PeerWire, SwarmPeer>()
  const waiting = new Set<string>()
  const tries = createReconnectBackoff()
  const timers = new Set<NodeJS.Timeout>()
  const has = (piece: number): boolean => ours?.has(piece) === true
  const uploads = createUploadQueue({ limit: deps.limit, has, read: events.read })
  const everyTurn = setInterval(turn, TURN_MS)
  let info: Uint8Array | undefined
  let ours: Bitfield | undefined
  let closed = false

  const torrent: WireTorrent = {
    ...{ infoHash: deps.infoHash, peerId: deps.peerId, port: deps.port, pex: deps.pex },
    metadataDownloads: createMetadataDownloads(deps.infoHash),
    get info() {
      return info
    },
    get pieceCount() {
      return ours?.length ?? 0
    },
    ourBitfield: () => (ours && ours.count > 0 ? ours.bytes : undefined),
    metadataReceived: deps.metadataReceived,
    peersFound: deps.peersFound,
    joined(wire) {
      const peer = swarmPeer(wire)
      peers.set(wire, peer)
      events.peer(peer)
    },
    changed: (wire) => on(wire, events.peerChanged),
    blockBegins(wire, block) {
      const peer = peers.get(wire)
      return peer && events.blockBegins(peer, block)
    },
    blockEnds: (wire, block, placement) =>
      on(wire, (peer) => events.blockEnds(peer, block, placement)),
    blockAborted: events.blockAborted,
    refused: (wire, block) => on(wire, (peer) => events.refused(peer, block)),
    interestChanged: uploads.interestChanged,
    requested: uploads.requested,
    cancelled: uploads.cancelled,
    drained: uploads.drained,
    closed: left,
  }

  function on(wire: PeerWire, tell: (peer: SwarmPeer) => void): void {
    const peer = peers.get(wire)
    if (peer) tell(peer)
  }

  function connect(text: string): boolean {
    const address = readPeerAddress(text)
    if (closed || !address || !tries.mayConnect(address.text)) return false
    if (wires.has(address.text) || waiting.has(address.text)) return false
    if (wires.size < MOST_WIRES) wires.set(address.text, new PeerWire(address, torrent))
    else if (waiting.size < MOST_WAITING) waiting.add(address.text)
    else return false
    return true
  }

  function left(wire: PeerWire, forGood: boolean): void {
    const { address, stage } = wire
    wires.delete(address)
    uploads.closed(wire)
    on(wire, events.peerGone)
    peers.delete(wire)
    if (closed) return
    if (forGood) tries.ban(address)
    const pause = tries.connectionEnded(address, stage, performance.now() - wire.startedAt)
    if (pause !== undefined) later(address, pause)
    else if (stage === 'connected' && !forGood) deps.handshakeUnanswered(address)
    for (const next of waiting) {
      if (wires.size >= MOST_WIRES) return
      waiting.delete(next)
      connect(next)
    }
  }

  function later(address: string, ms: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      connect(address)
    }, ms)
    timers.add(timer)
  }

  function turn(): void {
    uploads.rotate()
    if (waiting.size === 0) return
    const before = performance.now() - USELESS_MS
    const useless = [...peers.keys()].filter((wire) => wire.choked && wire.usefulAt < before)
    useless.sort((a, b) => a.usefulAt - b.usefulAt)[0]?.close()
  }

  return {
    connect,
    has: (address) => wires.has(readPeerAddress(address)?.text ?? ''),
    succeeded: (address) => tries.succeeded(readPeerAddress(address)?.text ?? ''),
    resetBackoff: tries.reset,
    metadataKnown(bytes, pieceCount) {
      if (info) return
      info = bytes
      ours = new Bitfield(pieceCount)
      for (const wire of [...wires.values()]) {
        wire.metadataKnown()
        on(wire, events.peerChanged)
      }
    },
    verified(piece) {
      if (!ours?.set(piece)) return
      for (const wire of peers.keys()) wire.have(piece)
    },
    unverified: (piece) => void ours?.clear(piece),
    get count() {
      return peers.size
    },
    close() {
      closed = true
      clearInterval(everyTurn)
      for (const timer of timers) clearTimeout(timer)
      for (const wire of [...wires.values()]) wire.close()
    },
  }
}

let serial = 0

function swarmPeer(wire: PeerWire): SwarmPeer {
  return {
    id: `t${++serial}`,
    address: wire.address,
    get maxQueue() {
      return Math.min(wire.maxQueue, MOST_QUEUE)
    },
    has: (piece) => wire.has(piece),
    latencyMs: wire.latencyMs,
    get choked() {
      return wire.choked
    },
    request: (block) => wire.request(block),
    cancel: (block) => wire.cancel(block),
    drop: (why) => wire.close(why === 'liar'),
  }
}
