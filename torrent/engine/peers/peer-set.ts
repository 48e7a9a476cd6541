import { RequestPipeline } from './request-pipeline.ts'

export interface PeerTraits {
  has(piece: number): boolean
  readonly maxQueue: number
  readonly snubbedAfterMs?: number | undefined
  /** It was snubbed before: kept away from urgent pieces until it has delivered something. */
  readonly probation: boolean
  /** Round trip of its handshake, milliseconds. */
  readonly latencyMs?: number | undefined
}

export interface Peer {
  readonly id: string
  readonly traits: PeerTraits
  readonly pipeline: RequestPipeline
  choked: boolean
}

/** A peer that answers none of its requests for this long is snubbed (as libtorrent calls it). */
const SNUBBED_MS = 1500
/** The same for a peer that is the only usable one. */
const SNUBBED_ALONE_MS = 6000
/** A peer this many times slower than the fastest one is slow. */
const SLOW_FACTOR = 4

/** The peers of one torrent and how they compare. */
export class PeerSet {
  readonly #peers = new Map<string, Peer>()

  add(id: string, traits: PeerTraits): Peer {
    const pipeline = new RequestPipeline(traits.maxQueue, traits.latencyMs)
    const peer: Peer = { id, traits, pipeline, choked: true }
    this.#peers.set(id, peer)
    return peer
  }

  get(id: string): Peer | undefined {
    return this.#peers.get(id)
  }

  remove(id: string): void {
    this.#peers.delete(id)
  }

  /** Whether a connected peer has the piece, also one that chokes us. */
  anyHas(piece: number): boolean {
    for (const peer of this.#peers.values()) if (peer.traits.has(piece)) return true
    return false
  }

  /** Fastest first. */
  byRate(): Peer[] {
    return [...this.#peers.values()].sort((a, b) => b.pipeline.rate - a.pipeline.rate)
  }

  /** `slow`: so much slower than the best that a viewer would wait for it; `new`: not known yet. */
  speedClass({ pipeline, traits }: Peer, best = this.#best()): 'fast' | 'new' | 'slow' {
    if (pipeline.measured) return pipeline.rate * SLOW_FACTOR < best.rate ? 'slow' : 'fast'
    if (traits.probation && best.rate > 0) return 'slow'
    return best.hasDelivered && !pipeline.hasDelivered ? 'new' : 'fast'
  }

  /** Peers that urgent pieces may be left to: neither choked nor slow nor new. */
  fast(): Peer[] {
    const best = this.#best()
    return [...this.#peers.values()].filter((p) => !p.choked && this.speedClass(p, best) === 'fast')
  }

  /**
   * The peer that would deliver one more block first, of those that can take one.
   * @param planned blocks that a peer is to be asked for before it
   */
  fastest(
    able: (peer: Peer) => boolean,
    now: number,
    planned: (peer: Peer) => number = () => 0,
  ): Peer | undefined {
    const best = this.#best()
    let first: Peer | undefined
    let soonest = Infinity
    for (const peer of this.#peers.values()) {
      if (peer.choked || !able(peer) || this.speedClass(peer, best) === 'slow') continue
      if (peer.pipeline.outstanding >= peer.pipeline.maxQueue) continue
      if (now - peer.pipeline.pendingSince > SNUBBED_MS / 2) continue
      const eta = peer.pipeline.eta(now, planned(peer))
      if (eta >= soonest) continue
      soonest = eta
      first = peer
    }
    return first
  }

  /** Peers that answer no requests; with a longer time limit where no other peer could be asked. */
  snubbed(now: number): Peer[] {
    const working = [...this.#peers.values()].filter((p) => !p.choked)
    return working.filter((peer) => {
      const waited = now - peer.pipeline.pendingSince
      if (waited < (peer.traits.snubbedAfterMs ?? SNUBBED_MS)) return false
      const alone = !working.some((o) => o !== peer && now - o.pipeline.pendingSince < SNUBBED_MS)
      return !alone || waited > SNUBBED_ALONE_MS
    })
  }

  #best(): { readonly rate: number; readonly hasDelivered: boolean } {
    let rate = 0
    let hasDelivered = false
    for (const { choked, pipeline } of this.#peers.values()) {
      if (choked) continue
      rate = Math.max(rate, pipeline.rate)
      hasDelivered ||= pipeline.hasDelivered
    }
    return { rate, hasDelivered }
  }
}
