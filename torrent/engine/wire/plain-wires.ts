import { Bitfield } from '../../../common/bitfield.ts'
import type { RateLimit } from '../rate-limit.ts'
import type { SwarmEvents, SwarmPeer } from '../swarm.ts'
import { PeerWire, type WireTorrent } from './peer-wire.ts'
import { createUploadQueue } from './upload-queue.ts'

/** The plain TCP connections of one torrent. */
export interface PlainWires {
  /** Answers false when there is nothing to do: connected already, or too many. */
  connect(address: string): boolean
  /** The info dictionary is known, from whomever. */
  learned(info: Uint8Array, pieceCount: number): void
  verified(piece: number): void
  unverified(piece: number): void
  readonly count: number
  close(): void
}

interface Deps {
  readonly infoHash: string
  readonly peerId: Uint8Array
  readonly port: number
  readonly pex: boolean
  readonly limit: RateLimit
  readonly events: SwarmEvents
  metadata(info: Buffer): void
  peersHeardOf(addresses: readonly string[]): void
  /** It answered the connection and not the handshake: perhaps it wants encryption. */
  mute(address: string): void
}

const MOST_WIRES = 40
const MOST_QUEUED = 200
const MOST_QUEUE = 512
/** A connection that was good and ended is made anew after these pauses. */
const RETRY_MS = [1000, 5000, 15_000]

let serial = 0

export function createPlainWires(deps: Deps): PlainWires {
  const { events } = deps
  const wires = new Map<string, PeerWire>()
  const peers = new Map<PeerWire, SwarmPeer>()
  const queue: string[] = []
  const retries = new Map<string, number>()
  const timers = new Set<NodeJS.Timeout>()
  const uploads = createUploadQueue(deps.limit, events.read)
  let info: Uint8Array | undefined
  let ours: Bitfield | undefined
  let closed = false

  const torrent: WireTorrent = {
    ...{ infoHash: deps.infoHash, peerId: deps.peerId, port: deps.port, pex: deps.pex },
    get info() {
      return info
    },
    get pieceCount() {
      return ours?.length ?? 0
    },
    ours: () => (ours && ours.count > 0 ? ours.bytes : undefined),
    metadata: deps.metadata,
    peersHeardOf: deps.peersHeardOf,
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
    interest: uploads.interest,
    requested: uploads.requested,
    cancelled: uploads.cancelled,
    closed: left,
  }

  function on(wire: PeerWire, tell: (peer: SwarmPeer) => void): void {
    const peer = peers.get(wire)
    if (peer) tell(peer)
  }

  function connect(address: string): boolean {
    if (closed || wires.has(address) || queue.includes(address)) return false
    if (wires.size >= MOST_WIRES) {
      if (queue.length >= MOST_QUEUED) return false
      queue.push(address)
      return true
    }
    wires.set(address, new PeerWire(address, torrent))
    return true
  }

  function left(wire: PeerWire): void {
    const { address } = wire
    if (wires.get(address) === wire) wires.delete(address)
    uploads.closed(wire)
    on(wire, events.peerGone)
    peers.delete(wire)
    if (closed) return
    if (wire.stage === 'connected') deps.mute(address)
    if (wire.stage === 'shaken') retry(address)
    const next = queue.shift()
    if (next !== undefined) connect(next)
  }

  function retry(address: string): void {
    const times = retries.get(address) ?? 0
    retries.set(address, times + 1)
    const timer = setTimeout(
      () => {
        timers.delete(timer)
        connect(address)
      },
      RETRY_MS[Math.min(times, RETRY_MS.length - 1)],
    )
    timers.add(timer)
  }

  return {
    connect,
    learned(bytes, pieceCount) {
      if (info) return
      info = bytes
      ours = new Bitfield(pieceCount)
      for (const wire of wires.values()) {
        wire.learned()
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
      for (const timer of timers) clearTimeout(timer)
      for (const wire of [...wires.values()]) wire.close()
    },
  }
}

function swarmPeer(wire: PeerWire): SwarmPeer {
  return {
    id: `t${++serial}`,
    address: wire.address,
    wholePieces: false,
    get maxQueue() {
      return Math.min(wire.maxQueue, MOST_QUEUE)
    },
    has: (piece) => wire.has(piece),
    get choked() {
      return wire.choked
    },
    request: (block) => wire.request(block),
    cancel: (block) => wire.cancel(block),
    drop: () => wire.close(),
  }
}
