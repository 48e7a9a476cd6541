import { RequestPipeline } from './request-pipeline.ts'

export interface PeerTraits {
  has(piece: number): boolean
  /** Bytes of blocks that have come from it, those of unfinished ones included. */
  bytes(): number
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
  /** The picker's: when to look again for pieces that it has and that are not wanted soon. */
  looksBeyondAt: number
}

/**
 * A peer that sends no byte for this long although requests wait is snubbed (as libtorrent calls it).
 * However slow it is, it sends bytes.
 */
const SNUBBED_MS = 4000
/**
 * The same for a peer that has delivered (packets get lost: TCP may wait for seconds), or that is the
 * only usable one. What is urgent is asked of others long before either.
 */
const SNUBBED_LATE_MS = 6000
/** A peer that has not finished a block after this time is snubbed, whatever bytes it sends. */
const LONGEST_BLOCK_MS = 60_000
/** A peer this many times slower than the fastest one is slow. */
const SLOW_FACTOR = 4

const isWorking = ({ choked, pipeline }: Peer): boolean => !choked && !pipeline.stalled

/** The peers of one torrent and how they compare. */
export class PeerSet {
  readonly #peers = new Map<string, Peer>()

  add(id: string, traits: PeerTraits): Peer {
    const pipeline = new RequestPipeline(traits)
    const peer: Peer = { id, traits, pipeline, choked: true, looksBeyondAt: -Infinity }
    this.#peers.set(id, peer)
    return peer
  }

  get(id: string): Peer | undefined {
    return this.#peers.get(id)
  }

  remove(id: string): void {
    this.#peers.delete(id)
  }

  /** To be called at each tick: looks at how many bytes have come. */
  hear(now: number): void {
    for (const { pipeline, traits } of this.#peers.values()) pipeline.hear(traits.bytes(), now)
  }

  /** The peers that can be asked now: how many, their unanswered requests, their bytes a second. */
  get working(): { readonly count: number; readonly outstanding: number; readonly rate: number } {
    const sum = { count: 0, outstanding: 0, rate: 0 }
    for (const peer of this.#peers.values()) {
      if (!isWorking(peer)) continue
      sum.count++
      sum.outstanding += peer.pipeline.outstanding
      sum.rate += peer.pipeline.rate
    }
    return sum
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

  /** Peers that urgent pieces may be left to: neither choked nor slow nor new nor stalled. */
  fast(): Peer[] {
    const best = this.#best()
    return [...this.#peers.values()].filter(
      (p) => isWorking(p) && this.speedClass(p, best) === 'fast',
    )
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
      if (!isWorking(peer) || !able(peer) || this.speedClass(peer, best) === 'slow') continue
      if (peer.pipeline.outstanding >= peer.pipeline.maxQueue) continue
      const eta = peer.pipeline.eta(now, planned(peer))
      if (eta >= soonest) continue
      soonest = eta
      first = peer
    }
    return first
  }

  /** Peers that answer no requests; with a longer time limit where no other peer could be asked. */
  snubbed(now: number): Peer[] {
    const unchoked = [...this.#peers.values()].filter((p) => !p.choked)
    return unchoked.filter(({ pipeline, traits }) => {
      if (now - pipeline.pendingSince > LONGEST_BLOCK_MS) return true
      const { silence } = pipeline
      if (silence < (traits.snubbedAfterMs ?? SNUBBED_MS)) return false
      const isAlone = !unchoked.some((o) => o.pipeline.silence < SNUBBED_MS)
      return silence > SNUBBED_LATE_MS || !(isAlone || pipeline.hasDelivered)
    })
  }

  #best(): { readonly rate: number; readonly hasDelivered: boolean } {
    let rate = 0
    let hasDelivered = false
    for (const peer of this.#peers.values()) {
      if (!isWorking(peer)) continue
      const { pipeline } = peer
      rate = Math.max(rate, pipeline.rate)
      hasDelivered ||= pipeline.hasDelivered
    }
    return { rate, hasDelivered }
  }
}
