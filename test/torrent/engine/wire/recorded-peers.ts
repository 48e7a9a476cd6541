import { RateLimit } from '../../../../torrent/engine/swarm/rate-limit.ts'
import type { SwarmEvents, SwarmPeer } from '../../../../torrent/engine/swarm/swarm.ts'
import type { Transport, UtpDialler } from '../../../../torrent/engine/wire/dial.ts'
import { TcpPeers } from '../../../../torrent/engine/wire/tcp-peers.ts'
import { infoHash } from './raw-peer.ts'
import { ourId } from './wire-torrent.ts'

/**
 * The peers of one torrent, and what is told of them.
 * @param stored what is uploaded of each piece
 * @param unansweredAs what is written down of a handshake that was not answered
 */
export function recordedPeers(options: {
  readonly stored: Buffer
  readonly bytesPerSecond?: number
  readonly utp?: UtpDialler
  unansweredAs(address: string, transport: Transport): string
}) {
  const { stored, bytesPerSecond = -1, utp, unansweredAs } = options
  const peers: SwarmPeer[] = []
  const gone: SwarmPeer[] = []
  const unanswered: string[] = []
  const blocks: string[] = []
  const events: SwarmEvents = {
    metadata: () => undefined,
    ready: () => {},
    peer: (peer) => void peers.push(peer),
    peerChanged: () => {},
    peerGone: (peer) => void gone.push(peer),
    block: () => {},
    blockBegins: (_peer, begun) => ({ target: Buffer.alloc(begun.length) }),
    blockEnds: (_peer, _block, placement) =>
      void blocks.push(placement?.target?.toString('hex') ?? 'nowhere'),
    blockAborted: () => {},
    refused: () => {},
    read: async (_piece, offset, length) => stored.subarray(offset, offset + length),
    failed: () => {},
  }
  const tcp = new TcpPeers({
    ...{ infoHash: infoHash.toString('hex'), peerId: ourId, port: 6881, pex: true, events, utp },
    limit: new RateLimit(bytesPerSecond),
    metadataReceived: () => {},
    peersFound: () => {},
    dhtPort: () => undefined,
    nodeFound: () => {},
    handshakeUnanswered: (address, transport) =>
      void unanswered.push(unansweredAs(address, transport)),
  })
  return { tcp, peers, gone, unanswered, blocks }
}
