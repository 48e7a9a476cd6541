import type { SwarmEvents, SwarmPeer } from '../swarm/swarm.ts'
import type { ExtensionHost } from '../wire/extension-protocol.ts'
import { readPeerAddress } from '../wire/peer-address.ts'
import { exchangeMetadata } from './metadata-exchange.ts'
import { limitRequests } from './request-queue.ts'
import type { WtTorrent, WtWire } from './webtorrent-types.ts'

/**
 * The requests a client keeps when it does not say how many (libtorrent's default; BEP 10 has
 * none).
 */
const DEFAULT_QUEUE = 250
const MAX_QUEUE = 512
/** webtorrent itself does not limit incoming connections. */
const MAX_CONNECTIONS = 80
/** A connection that lasted this long was a good one. */
const GOOD_MS = 30_000

interface PeerOptions {
  readonly events: SwarmEvents
  /** Hex. */
  readonly ownPeerId: string
  readonly metadata: ExtensionHost
  /** As WireTorrent. */
  nodeFound(node: string): void
  /** The connection to this address was a good one. */
  succeeded(address: string): void
}

/** Makes a connection of webtorrent (encrypted or incoming) a peer of the torrent. */
export function addWebtorrentPeer(torrent: WtTorrent, wire: WtWire, options: PeerOptions): void {
  const { events, metadata, succeeded, ownPeerId } = options
  exchangeMetadata(wire, metadata)
  const tooMany = torrent.wires.length > MAX_CONNECTIONS
  if (tooMany || wire.peerId === ownPeerId) {
    wire.destroy()
    return
  }
  // webtorrent has null for each piece that is here.
  limitRequests(wire, (piece) => torrent.pieces[piece] === null)
  // webtorrent would ask any number of them, whatever our rules say.
  wire.removeAllListeners('port')
  wire.on('port', (port: number) => {
    const node = readPeerAddress(`[${wire.remoteAddress}]:${port}`)
    if (node) options.nodeFound(node.text)
  })
  let expectedBlocks = 0
  const peer = swarmPeer(wire, events, () => expectedBlocks++)
  const changed = () => events.peerChanged(peer)
  for (const event of ['bitfield', 'have', 'have-all', 'have-none', 'choke', 'unchoke']) {
    wire.on(event, changed)
  }
  wire.lt_donthave.on('donthave', changed)
  wire.on('piece', (piece: number, offset: number, bytes: Uint8Array) => {
    // As our own wires: a block that was not requested would only take up our bandwidth.
    if (expectedBlocks-- > 0) events.block(peer, { piece, offset, length: bytes.length }, bytes)
    else wire.destroy()
  })
  const since = performance.now()
  wire.once('finish', () => {
    if (performance.now() - since > GOOD_MS) succeeded(peer.address)
    events.peerGone(peer)
  })
  events.peer(peer)
}

let lastId = 0

function swarmPeer(wire: WtWire, events: SwarmEvents, requested: () => void): SwarmPeer {
  let whole = 0
  wire.on('piece', (_piece: number, _offset: number, bytes: Uint8Array) => {
    whole += bytes.length
  })
  const peer: SwarmPeer = {
    id: `${++lastId}`,
    address: `${wire.remoteAddress}:${wire.remotePort}`,
    incoming: wire.type.endsWith('Incoming'),
    get maxQueue() {
      const reqq = wire.peerExtendedHandshake.reqq
      return typeof reqq === 'number' && reqq > 0 ? Math.min(reqq, MAX_QUEUE) : DEFAULT_QUEUE
    },
    get received() {
      return whole + wire._bufferSize
    },
    has: (piece) => wire.peerPieces.get(piece),
    get choked() {
      return wire.peerChoking
    },
    request(block) {
      let returned = false
      requested()
      const refused = (): void => events.refused(peer, block)
      wire.request(block.piece, block.offset, block.length, (err) => {
        // Our own cancel is not a refusal: the block may have been requested again by now.
        if (!err || err.message === 'request was cancelled') return
        if (returned) refused()
        else setImmediate(refused)
      })
      returned = true
    },
    cancel(block) {
      wire.cancel(block.piece, block.offset, block.length)
    },
    drop: () => wire.destroy(),
  }
  return peer
}
