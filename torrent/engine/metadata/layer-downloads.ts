import type { PieceLayer, PieceLayers } from '../../../common/bittorrent/piece-layers.ts'
import { readHashAnswer } from './hash-messages.ts'
import { type LayerPart, partsOf, provenHashes } from './layer-parts.ts'

/** The connection that hashes are asked for over. */
export interface LayerPeer {
  /** @param body of a hash request (BEP 52) */
  requestHashes(body: Buffer): void
  /** Closes the connection for good: it sent wrong hashes. */
  close(forGood: boolean): void
}

interface Asked {
  readonly parts: Map<string, LayerPart>
  /** Names of parts that it did not send. */
  readonly refused: Set<string>
}

/** Requests in flight to a peer. */
const MAX_REQUESTS = 4
/** A peer that has not sent a part for so long is asked for others; others for this one. */
const SILENT_MS = 3000

/**
 * The hashes that the info dictionary of a v2 torrent lacks (BEP 52): from all peers together, each part
 * proven by itself, so that it is known who sends wrong ones.
 */
export class LayerDownloads {
  readonly #done: (layers: PieceLayers) => void
  readonly #layers: readonly PieceLayer[]
  readonly #missing: Map<string, LayerPart>
  readonly #found = new Map<string, Uint8Array>()
  readonly #peers = new Map<LayerPeer, Asked>()
  #timer: NodeJS.Timeout | undefined

  /** @param done told once, when all hashes are here */
  constructor(layers: readonly PieceLayer[], done: (layers: PieceLayers) => void) {
    this.#layers = layers
    this.#done = done
    this.#missing = new Map(layers.flatMap(partsOf).map((part) => [part.name, part]))
  }

  /** One more peer that may have them. */
  join(peer: LayerPeer): void {
    if (this.#missing.size === 0 || this.#peers.has(peer)) return
    this.#peers.set(peer, { parts: new Map(), refused: new Set() })
    this.#timer ??= setInterval(() => this.#giveUpSilent(), SILENT_MS)
    this.#fill(peer)
  }

  leave(peer: LayerPeer): void {
    if (!this.#peers.delete(peer)) return
    if (this.#peers.size === 0) this.#stop()
    else this.#fillAll()
  }

  /** A message of hashes came. False when it is none, or was not asked for. */
  received(peer: LayerPeer, body: Buffer): boolean {
    const answer = readHashAnswer(body)
    const part = answer && this.#peers.get(peer)?.parts.get(answer.request)
    if (!part) return this.#missing.size === 0
    this.#peers.get(peer)?.parts.delete(part.name)
    const hashes = provenHashes(part, answer.hashes)
    if (!hashes) {
      peer.close(true)
      return true
    }
    if (this.#missing.delete(part.name)) this.#found.set(part.name, Buffer.from(hashes))
    if (this.#missing.size > 0) this.#fill(peer)
    else this.#finish()
    return true
  }

  /** The peer will not send it. */
  rejected(peer: LayerPeer, body: Buffer): void {
    const asked = this.#peers.get(peer)
    const part = asked?.parts.get(readHashAnswer(body)?.request ?? '')
    if (!asked || !part) return
    asked.parts.delete(part.name)
    asked.refused.add(part.name)
    this.#fillAll()
  }

  close(): void {
    this.#peers.clear()
    this.#stop()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #fillAll(): void {
    for (const peer of [...this.#peers.keys()]) this.#fill(peer)
  }

  #fill(peer: LayerPeer): void {
    const asked = this.#peers.get(peer)
    if (!asked) return
    for (const part of this.#missing.values()) {
      if (asked.parts.size >= MAX_REQUESTS) return
      if (asked.parts.has(part.name) || asked.refused.has(part.name) || this.#isAsked(part))
        continue
      asked.parts.set(part.name, part)
      peer.requestHashes(Buffer.from(part.name, 'latin1'))
    }
  }

  #isAsked({ name }: LayerPart): boolean {
    for (const { parts } of this.#peers.values()) if (parts.has(name)) return true
    return false
  }

  /** Also asks those anew that rejected everything: by now they may have it. */
  #giveUpSilent(): void {
    for (const { parts, refused } of this.#peers.values()) {
      const silent = [...parts.keys()]
      refused.clear()
      parts.clear()
      for (const name of silent) refused.add(name)
    }
    this.#fillAll()
  }

  #finish(): void {
    this.close()
    const layers = this.#layers.map((layer) => {
      const hashes = partsOf(layer).map(({ name }) => this.#found.get(name) ?? new Uint8Array())
      return [Buffer.from(layer.root).toString('latin1'), Buffer.concat(hashes)] as const
    })
    this.#done(new Map(layers))
  }
}
