import { PeerPace } from './peer-pace.ts'

export interface PeerTraits {
  has(piece: number): boolean
  readonly maxQueue: number
  readonly silentMs?: number | undefined
  /** It was silent before: kept away from the viewers until it has delivered something. */
  readonly probation: boolean
  /** Its round trip as the handshake took it, milliseconds. */
  readonly latencyMs?: number | undefined
}

export interface Peer {
  readonly id: string
  readonly traits: PeerTraits
  readonly pace: PeerPace
  choked: boolean
}

/** A peer with nothing answered for this long while it owes us something is silent. */
const SILENT_MS = 1500
/** With nobody else to ask, a silent peer is given this long before its connection is made anew. */
const SILENT_ALONE_MS = 6000
/** This many times slower than the fastest one is slow. */
const SLOW_FACTOR = 4

/** The peers of one torrent and how they compare. */
export class Roster {
  readonly #peers = new Map<string, Peer>()

  add(id: string, traits: PeerTraits): Peer {
    const pace = new PeerPace(traits.maxQueue, traits.latencyMs)
    const peer: Peer = { id, traits, pace, choked: true }
    this.#peers.set(id, peer)
    return peer
  }

  get(id: string): Peer | undefined {
    return this.#peers.get(id)
  }

  remove(id: string): void {
    this.#peers.delete(id)
  }

  /** Fastest first. */
  byRate(): Peer[] {
    return [...this.#peers.values()].sort((a, b) => b.pace.rate - a.pace.rate)
  }

  /** Slow is far slower than the best, so that a viewer would wait for it; new, nobody knows yet. */
  standing({ pace, traits }: Peer, best = this.#best()): 'quick' | 'new' | 'slow' {
    if (pace.known) return pace.rate * SLOW_FACTOR < best.rate ? 'slow' : 'quick'
    if (traits.probation && best.rate > 0) return 'slow'
    return best.proven && !pace.proven ? 'new' : 'quick'
  }

  /** Those a viewer may wait for: neither choked nor slow, and they have answered. */
  quick(): Peer[] {
    const best = this.#best()
    return [...this.#peers.values()].filter((p) => !p.choked && this.standing(p, best) === 'quick')
  }

  /**
   * Who would deliver a block first, of those that can take one more.
   * @param promised blocks that a peer is to be asked for before
   */
  fastest(
    able: (peer: Peer) => boolean,
    now: number,
    promised: (peer: Peer) => number = () => 0,
  ): Peer | undefined {
    const best = this.#best()
    let first: Peer | undefined
    let soonest = Infinity
    for (const peer of this.#peers.values()) {
      if (peer.choked || !able(peer) || this.standing(peer, best) === 'slow') continue
      if (peer.pace.outstanding >= peer.pace.maxQueue) continue
      if (now - peer.pace.owingSince > SILENT_MS / 2) continue
      const eta = peer.pace.eta(now, promised(peer))
      if (eta >= soonest) continue
      soonest = eta
      first = peer
    }
    return first
  }

  /** Those who owe something and say nothing, for longer where nobody else could be asked. */
  silent(now: number): Peer[] {
    const working = [...this.#peers.values()].filter((p) => !p.choked)
    return working.filter((peer) => {
      const silence = now - peer.pace.owingSince
      if (silence < (peer.traits.silentMs ?? SILENT_MS)) return false
      const alone = !working.some((o) => o !== peer && now - o.pace.owingSince < SILENT_MS)
      return !alone || silence > SILENT_ALONE_MS
    })
  }

  #best(): { readonly rate: number; readonly proven: boolean } {
    let rate = 0
    let proven = false
    for (const { choked, pace } of this.#peers.values()) {
      if (choked) continue
      rate = Math.max(rate, pace.rate)
      proven ||= pace.proven
    }
    return { rate, proven }
  }
}
