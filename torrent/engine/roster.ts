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

  /** Far slower than the best, so that a viewer would wait for it. */
  isSlow(peer: Peer): boolean {
    const best = this.#bestRate()
    return peer.pace.known ? peer.pace.rate * SLOW_FACTOR < best : peer.traits.probation && best > 0
  }

  /** Those a viewer may wait for: neither choked nor slow. */
  quick(): Peer[] {
    return [...this.#peers.values()].filter((peer) => !peer.choked && !this.isSlow(peer))
  }

  /** Who would deliver a block first, of those that can take one more. */
  fastest(able: (peer: Peer) => boolean, now: number): Peer | undefined {
    let best: Peer | undefined
    for (const peer of this.#peers.values()) {
      if (peer.choked || !able(peer) || this.isSlow(peer)) continue
      if (peer.pace.outstanding >= peer.pace.maxQueue) continue
      if (now - peer.pace.owingSince > SILENT_MS / 2) continue
      if (!best || peer.pace.eta(now) < best.pace.eta(now)) best = peer
    }
    return best
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

  #bestRate(): number {
    let best = 0
    for (const p of this.#peers.values()) if (!p.choked && p.pace.rate > best) best = p.pace.rate
    return best
  }
}
