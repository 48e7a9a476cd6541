import type { SwarmEvents, SwarmPeer } from '../swarm/swarm.ts'
import type { WtTorrent, WtWire } from './webtorrent-types.ts'

/** Clients hold this many requests when they do not say otherwise (BEP 10 gives no default). */
const USUAL_QUEUE = 250
const MOST_QUEUE = 512
/** webtorrent limits neither how many come in nor what they ask for without reading it. */
const MOST_WIRES = 80
const MOST_ASKED = 500
const MOST_UNREAD = 4 << 20
/** A connection of this length was a good one. */
const GOOD_MS = 30_000

interface Ways {
  readonly events: SwarmEvents
  /** Hex. */
  readonly ourId: string
  /** Answers whether the metadata was accepted. */
  learn(wrapped: Uint8Array): boolean
  /** Something came of the address. */
  worked(address: string): void
}

/** Makes a webtorrent connection (incoming, encrypted) a peer of the torrent. */
export function addWebtorrentPeer(torrent: WtTorrent, wire: WtWire, ways: Ways): void {
  const { events, learn, worked, ourId } = ways
  interceptMetadata(torrent, wire, learn)
  const tooMany = torrent.wires.length > MOST_WIRES
  if (tooMany || wire.peerId === ourId) {
    wire.destroy()
    return
  }
  const peer = swarmPeer(wire, events)
  const changed = () => events.peerChanged(peer)
  for (const event of ['bitfield', 'have', 'have-all', 'have-none', 'choke', 'unchoke']) {
    wire.on(event, changed)
  }
  wire.lt_donthave.on('donthave', changed)
  wire.on('piece', (piece: number, offset: number, bytes: Uint8Array) =>
    events.block(peer, { piece, offset, length: bytes.length }, bytes),
  )
  wire.on('request', () => {
    const unread = wire._readableState.buffered
    if (wire.peerRequests.length > MOST_ASKED || unread > MOST_UNREAD) wire.destroy()
  })
  const since = performance.now()
  wire.once('finish', () => {
    if (performance.now() - since > GOOD_MS) worked(peer.address)
    events.peerGone(peer)
  })
  events.peer(peer)
}

let serial = 0

function swarmPeer(wire: WtWire, events: SwarmEvents): SwarmPeer {
  const peer: SwarmPeer = {
    id: `${++serial}`,
    address: `${wire.remoteAddress}:${wire.remotePort}`,
    get maxQueue() {
      const reqq = wire.peerExtendedHandshake.reqq
      return typeof reqq === 'number' && reqq > 0 ? Math.min(reqq, MOST_QUEUE) : USUAL_QUEUE
    },
    has: (piece) => wire.peerPieces.get(piece),
    get choked() {
      return wire.peerChoking
    },
    request(block) {
      let returned = false
      const refused = (): void => events.refused(peer, block)
      wire.request(block.piece, block.offset, block.length, (err) => {
        // What we cancelled ourselves is no refusal: the block may be asked again of it by now.
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

/**
 * Metadata of a magnet comes from a stranger. webtorrent would parse it and act on it;
 * our gate looks first, and what it refuses never reaches webtorrent's own listener.
 */
function interceptMetadata(
  torrent: WtTorrent,
  wire: WtWire,
  learn: (wrapped: Uint8Array) => boolean,
): void {
  const theirs = wire.ut_metadata.listeners('metadata') as ((bytes: Uint8Array) => void)[]
  if (theirs.length === 0) return
  wire.ut_metadata.removeAllListeners('metadata')
  wire.ut_metadata.on('metadata', (wrapped: Uint8Array) => {
    if (!torrent.destroyed && !torrent.ready) learn(wrapped)
  })
}
