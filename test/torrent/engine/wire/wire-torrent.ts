import type { Block, Placement } from '../../../../torrent/engine/blocks/block.ts'
import { MetadataDownloads } from '../../../../torrent/engine/metadata/metadata-downloads.ts'
import { PeerWire } from '../../../../torrent/engine/wire/peer-wire.ts'
import type { WireTorrent } from '../../../../torrent/engine/wire/wire-torrent.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { infoHash, type RawPeer } from './raw-peer.ts'

export const ourId = payload('our id', 20)

export interface Heard {
  /** `joined`, `changed`, `closed`, `closed for good`, ... in order. */
  readonly events: string[]
  readonly blocks: { readonly block: Block; readonly bytes: string | undefined }[]
  readonly placements: Placement[]
  readonly aborted: Placement[]
  readonly metadata: Buffer[]
  readonly peers: string[]
  readonly nodes: string[]
}

/** A torrent that records what its connections report. */
function recordingTorrent(more: Partial<WireTorrent> = {}) {
  const heard: Heard = {
    events: [],
    blocks: [],
    placements: [],
    aborted: [],
    metadata: [],
    peers: [],
    nodes: [],
  }
  const say = (what: string) => () => void heard.events.push(what)
  const about = (what: string) => (_wire: PeerWire, block: Block) =>
    void heard.events.push(`${what} ${block.piece}/${block.offset}/${block.length}`)
  const torrent: WireTorrent = {
    infoHash: infoHash.toString('hex'),
    peerId: ourId,
    port: 6881,
    pex: true,
    info: undefined,
    ours: undefined,
    metadataDownloads: new MetadataDownloads(infoHash.toString('hex')),
    metadataReceived: (info) => void heard.metadata.push(info),
    peersFound: (addresses) => void heard.peers.push(...addresses),
    layers: undefined,
    dhtPort: undefined,
    nodeFound: (node) => void heard.nodes.push(node),
    joined: say('joined'),
    changed: say('changed'),
    blockBegins(_wire, block) {
      const placement = { target: Buffer.alloc(block.length) }
      heard.placements.push(placement)
      return placement
    },
    blockEnds(_wire, block, placement) {
      heard.blocks.push({ block, bytes: placement?.target?.toString('hex') })
    },
    blockAborted: (_block, placement) => void heard.aborted.push(placement),
    refused: about('refused'),
    interestChanged: (wire) =>
      void heard.events.push(wire.peerInterested ? 'wants' : 'wants no more'),
    requested: (wire, block) => {
      about('requested')(wire, block)
      return true
    },
    cancelled: about('cancelled'),
    drained: say('drained'),
    closed: (_wire, forGood) => void heard.events.push(forGood ? 'closed for good' : 'closed'),
  }
  // Not by spreading, so that getters stay getters.
  Object.defineProperties(torrent, Object.getOwnPropertyDescriptors(more))
  return { torrent, heard }
}

export function wireTo(peer: RawPeer, more: Partial<WireTorrent> = {}) {
  const { torrent, heard } = recordingTorrent(more)
  const { host, port, text } = peer
  return { wire: new PeerWire({ host, port, text }, torrent), heard }
}
