import { parseMetainfo } from '../../common/bittorrent/metainfo.ts'
import type { Block } from '../../torrent/engine/blocks/block.ts'
import type {
  Swarm,
  SwarmClient,
  SwarmEvents,
  SwarmPeer,
} from '../../torrent/engine/swarm/swarm.ts'
import { guardWires } from '../../torrent/engine/webtorrent/guard-wires.ts'
import type { TorrentSpec } from '../../torrent/protocol/torrent-engine.ts'
import { buildTorrent } from '../support/swarm/torrent.ts'
import { eventually } from '../support/wait.ts'

// As torrent/engine/engine.ts does.
guardWires()

export const BLOCK = 16 * 1024
export const PIECES = 5
export const film = buildTorrent({ name: 'film.mp4', size: 300_000, pieceLength: 4 * BLOCK })

/** A swarm that was joined, and what it reported. */
export interface Joined {
  readonly swarm: Swarm
  readonly peers: readonly SwarmPeer[]
  readonly blocks: readonly { readonly block: Block; readonly bytes: Buffer }[]
  readonly refused: readonly Block[]
  readonly offered: readonly Uint8Array[]
  readonly failed: readonly string[]
  readonly ready: boolean
  readonly reads: number
  /** Resolves with a peer that can be requested from. */
  peer(choked?: boolean): Promise<SwarmPeer>
}

const read = (torrent: Uint8Array) => parseMetainfo(torrent, { maxLength: 1e9 })
export const spec: TorrentSpec = { infoHash: film.infoHash, trackers: [], webSeeds: [] }
export const withMetainfo: TorrentSpec = { ...spec, metainfo: film.torrent() }

/** @param more `accept`: whether the metadata is accepted; `gives`: we have the film already */
export function joinFilm(
  client: SwarmClient,
  joining: TorrentSpec,
  more: { accept?: boolean; gives?: boolean } = {},
): Joined {
  const peers: SwarmPeer[] = []
  const blocks: { block: Block; bytes: Buffer }[] = []
  const refused: Block[] = []
  const offered: Uint8Array[] = []
  const failed: string[] = []
  const seen = { ready: false, reads: 0 }
  const events: SwarmEvents = {
    metadata: (wrapped) =>
      offered.push(wrapped) > 0 && (more.accept ?? true) ? read(wrapped) : undefined,
    ready: () => {
      seen.ready = true
    },
    peer: (peer) => void peers.push(peer),
    peerChanged: () => {},
    peerGone: () => {},
    block: (_peer, block, bytes) => void blocks.push({ block, bytes: Buffer.from(bytes) }),
    blockBegins: (_peer, block) => ({ target: Buffer.alloc(block.length) }),
    blockEnds: (_peer, block, placement) =>
      void blocks.push({ block, bytes: placement?.target ?? Buffer.alloc(0) }),
    blockAborted: () => {},
    refused: (_peer, block) => void refused.push(block),
    read: async (piece, offset, length) => {
      seen.reads++
      if (!more.gives) throw new Error('not here')
      const at = piece * film.pieceLength + offset
      return film.content.subarray(at, at + length)
    },
    failed: (code) => void failed.push(code),
  }
  const swarm = client.join(joining, events, joining.metainfo && read(joining.metainfo))
  if (more.gives) for (let piece = 0; piece < PIECES; piece++) swarm.verified(piece)
  return {
    swarm,
    peers,
    blocks,
    refused,
    offered,
    failed,
    get ready() {
      return seen.ready
    },
    get reads() {
      return seen.reads
    },
    peer: (choked = false) =>
      eventually('a peer that can be asked', () =>
        seen.ready ? peers.find((peer) => choked || (!peer.choked && peer.has(0))) : undefined,
      ),
  }
}
