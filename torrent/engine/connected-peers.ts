import type { Block } from './blocks/block.ts'
import type { WirePort } from './blocks/wire-port.ts'
import type { PiecePicker } from './picker/piece-picker.ts'
import type { SwarmPeer } from './swarm/swarm.ts'

/** The connections of one torrent, between the swarm that makes them and the scheduler. */
export interface ConnectedPeers extends WirePort {
  /** From now on peers are handed to this scheduler, those already here too. */
  serve(picker: PiecePicker): void
  joined(peer: SwarmPeer): void
  changed(peer: SwarmPeer): void
  gone(peer: SwarmPeer): void
  refused(peer: SwarmPeer, block: Block): void
}

/** @param dropped called for each peer that is sent away */
export function createConnectedPeers(dropped: (why: string) => void): ConnectedPeers {
  const peers = new Map<string, SwarmPeer>()
  /** Addresses that sent wrong bytes, and those that were silent once. */
  const banned = new Set<string>()
  const snubbed = new Set<string>()
  const now = (): number => performance.now()
  let picker: PiecePicker | undefined

  function hand(to: PiecePicker, peer: SwarmPeer): void {
    const traits = {
      has: (piece: number) => peer.has(piece),
      maxQueue: peer.maxQueue,
      silentMs: peer.silentMs,
      probation: snubbed.has(peer.address),
      latencyMs: peer.latencyMs,
    }
    to.addPeer(peer.id, traits, now())
    to.setChoked(peer.id, peer.choked, now())
  }

  return {
    serve(next) {
      picker = next
      for (const peer of peers.values()) hand(next, peer)
    },
    joined(peer) {
      if (banned.has(peer.address)) {
        setImmediate(() => peer.drop('liar'))
        return
      }
      peers.set(peer.id, peer)
      if (picker) hand(picker, peer)
    },
    changed(peer) {
      picker?.setChoked(peer.id, peer.choked, now())
      if (!peer.choked) picker?.fill(peer.id, now())
    },
    gone(peer) {
      peers.delete(peer.id)
      picker?.removePeer(peer.id)
    },
    refused: (peer, block) => picker?.refused(peer.id, block, now()),
    request: (id, block) => peers.get(id)?.request(block),
    cancel: (id, block) => peers.get(id)?.cancel(block),
    drop(id, why) {
      const peer = peers.get(id)
      if (!peer) return
      if (why === 'silent') snubbed.add(peer.address)
      else banned.add(peer.address)
      dropped(why)
      setImmediate(() => peer.drop(why))
    },
  }
}
