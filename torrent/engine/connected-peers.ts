import type { Block } from './blocks/block.ts'
import type { WirePort } from './blocks/wire-port.ts'
import type { Scheduler } from './picker/scheduler.ts'
import type { SwarmPeer } from './swarm/swarm.ts'

/** The connections of one torrent, between the swarm that makes them and the scheduler. */
export interface ConnectedPeers extends WirePort {
  /** From now on peers are handed to this scheduler, those already here too. */
  serve(scheduler: Scheduler): void
  joined(peer: SwarmPeer): void
  changed(peer: SwarmPeer): void
  gone(peer: SwarmPeer): void
  refused(peer: SwarmPeer, block: Block): void
}

/** @param dropped called for each peer that is sent away */
export function createConnectedPeers(dropped: (why: string) => void): ConnectedPeers {
  const peers = new Map<string, SwarmPeer>()
  /** Addresses that sent wrong bytes, and those that were silent once. */
  const liars = new Set<string>()
  const silent = new Set<string>()
  const now = (): number => performance.now()
  let scheduler: Scheduler | undefined

  function hand(to: Scheduler, peer: SwarmPeer): void {
    const traits = {
      has: (piece: number) => peer.has(piece),
      maxQueue: peer.maxQueue,
      silentMs: peer.silentMs,
      probation: silent.has(peer.address),
      latencyMs: peer.latencyMs,
    }
    to.join(peer.id, traits, now())
    to.setChoked(peer.id, peer.choked, now())
  }

  return {
    serve(next) {
      scheduler = next
      for (const peer of peers.values()) hand(next, peer)
    },
    joined(peer) {
      if (liars.has(peer.address)) {
        setImmediate(() => peer.drop('liar'))
        return
      }
      peers.set(peer.id, peer)
      if (scheduler) hand(scheduler, peer)
    },
    changed(peer) {
      scheduler?.setChoked(peer.id, peer.choked, now())
      if (!peer.choked) scheduler?.fill(peer.id, now())
    },
    gone(peer) {
      peers.delete(peer.id)
      scheduler?.leave(peer.id)
    },
    refused: (peer, block) => scheduler?.refused(peer.id, block, now()),
    request: (id, block) => peers.get(id)?.request(block),
    cancel: (id, block) => peers.get(id)?.cancel(block),
    drop(id, why) {
      const peer = peers.get(id)
      if (!peer) return
      if (why === 'silent') silent.add(peer.address)
      else liars.add(peer.address)
      dropped(why)
      setImmediate(() => peer.drop(why))
    },
  }
}
