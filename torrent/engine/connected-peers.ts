import { LRUCache } from 'lru-cache'
import type { Block } from './blocks/block.ts'
import type { WirePort } from './blocks/wire-port.ts'
import { BannedPeers } from './peers/banned-peers.ts'
import type { PiecePicker } from './picker/piece-picker.ts'
import type { SwarmPeer } from './swarm/swarm.ts'

/** Addresses that are remembered as snubbed. */
const MAX_SNUBBED = 2000

/** The connections of one torrent: between the swarm that makes them and the piece picker. */
export class ConnectedPeers implements WirePort {
  readonly #peers = new Map<string, SwarmPeer>()
  readonly #banned = new BannedPeers()
  /** Addresses that were snubbed once. */
  readonly #snubbed = new LRUCache<string, true>({ max: MAX_SNUBBED })
  readonly #onDrop: (why: string) => void
  #picker: PiecePicker | undefined

  /** @param onDrop called for each peer that is disconnected by us */
  constructor(onDrop: (why: string) => void) {
    this.#onDrop = onDrop
  }

  /** From now on this picker is told of all peers, of those that are connected already too. */
  serve(picker: PiecePicker): void {
    this.#picker = picker
    for (const peer of this.#peers.values()) this.#addTo(picker, peer)
  }

  joined(peer: SwarmPeer): void {
    if (this.#banned.isBanned(peer)) {
      setImmediate(() => peer.drop('banned'))
      return
    }
    this.#peers.set(peer.id, peer)
    if (this.#picker) this.#addTo(this.#picker, peer)
  }

  changed(peer: SwarmPeer): void {
    this.#picker?.setChoked(peer.id, peer.choked, performance.now())
    if (!peer.choked) this.#picker?.fill(peer.id, performance.now())
  }

  gone(peer: SwarmPeer): void {
    this.#peers.delete(peer.id)
    this.#picker?.removePeer(peer.id)
  }

  refused(peer: SwarmPeer, block: Block): void {
    this.#picker?.refused(peer.id, block, performance.now())
  }

  request(id: string, block: Block): void {
    this.#peers.get(id)?.request(block)
  }

  cancel(id: string, block: Block): void {
    this.#peers.get(id)?.cancel(block)
  }

  drop(id: string, why: 'snubbed' | 'banned'): void {
    const peer = this.#peers.get(id)
    if (!peer) return
    if (why === 'snubbed') this.#snubbed.set(peer.address, true)
    else this.#banned.ban(peer)
    this.#onDrop(why)
    // Not at once: the picker must not be called back while it runs.
    setImmediate(() => peer.drop(why))
  }

  #addTo(picker: PiecePicker, peer: SwarmPeer): void {
    const traits = {
      has: (piece: number) => peer.has(piece),
      bytes: () => peer.received,
      get maxQueue() {
        return peer.maxQueue
      },
      snubbedAfterMs: peer.snubbedAfterMs,
      probation: this.#snubbed.has(peer.address),
      latencyMs: peer.latencyMs,
    }
    picker.addPeer(peer.id, traits, performance.now())
    picker.setChoked(peer.id, peer.choked, performance.now())
  }
}
