import type { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import type { Block, Placement } from '../blocks/block.ts'
import type { LayerDownloads } from '../metadata/layer-downloads.ts'
import type { UtpDialler } from './dial.ts'
import type { ExtensionHost } from './extension-protocol.ts'
import type { PeerWire } from './peer-wire.ts'

/** What a connection needs to know of its torrent, and the events that it reports to it. */
export interface WireTorrent extends ExtensionHost {
  /** Hex. */
  readonly infoHash: string
  /** For peers that TCP does not reach. */
  readonly utp?: UtpDialler | undefined
  /** Our id in the handshake, 20 bytes. */
  readonly peerId: Uint8Array
  /** The pieces that we have and upload; undefined while the metadata is unknown. */
  readonly ours: Bitfield | undefined
  /** The hashes that the info dictionary lacks, from when it is known to lack some (BEP 52). */
  readonly layers: LayerDownloads | undefined
  /** Where our node of the DHT is (BEP 5); undefined: peers do not hear of it. */
  readonly dhtPort: number | undefined
  /** A peer says that a node of the DHT is at its address. @param node `ip:port` or `[ip]:port` */
  nodeFound(node: string): void
  /** Both handshakes are done. */
  joined(wire: PeerWire): void
  /** The peer choked or unchoked us, or has more pieces. */
  changed(wire: PeerWire): void
  /** Answers where the bytes of the block go; undefined when they are not wanted. */
  blockBegins(wire: PeerWire, block: Block): Placement | undefined
  blockEnds(wire: PeerWire, block: Block, placement: Placement | undefined): void
  /** The connection ended in the middle of a block. */
  blockAborted(block: Block, placement: Placement): void
  /** The peer rejected our request (BEP 6). */
  refused(wire: PeerWire, block: Block): void
  /** The peer became interested in our pieces, or ceased to be. */
  interestChanged(wire: PeerWire): void
  /** @returns whether it will be answered with the block */
  requested(wire: PeerWire, block: Block): boolean
  cancelled(wire: PeerWire, block: Block): void
  /** The peer has read everything that was sent. */
  drained(wire: PeerWire): void
  /** @param forGood never connect to this address for this torrent again */
  closed(wire: PeerWire, forGood: boolean): void
}
