import type { Block } from '../blocks/block.ts'
import type { RateLimit } from '../swarm/rate-limit.ts'
import { OUR_REQUEST_QUEUE, SILENT_REQUEST_QUEUE } from './extension-protocol.ts'

/** What the queue needs of a connection to a peer. */
export interface UploadPeer {
  readonly peerInterested: boolean
  /** It speaks the fast extension (BEP 6): a reject reaches it. */
  readonly fast: boolean
  /** False while the peer does not read what it was sent. */
  readonly canSend: boolean
  choke(choke: boolean): void
  piece(block: Block, bytes: Uint8Array): void
  reject(block: Block): void
}

interface Deps {
  readonly limit: RateLimit
  /** Whether we upload this piece. */
  has(piece: number): boolean
  read(piece: number, offset: number, length: number): Promise<Uint8Array>
}

/** Peers that may request at the same time (BEP 3: unchoked). */
const UPLOAD_SLOTS = 4
/** The largest block a peer may request, in bytes: BEP 3 has clients close above 2^17. */
const MAX_REQUEST_BYTES = 128 * 1024

/** Uploads to the TCP peers of a torrent: a few peers at a time, within the rate limit. */
export class UploadQueue {
  readonly #deps: Deps
  /** Those that wait for a slot come first, in the order they came. */
  readonly #interested = new Set<UploadPeer>()
  /** Requests of each unchoked peer; the longest unchoked comes first. */
  readonly #requests = new Map<UploadPeer, Block[]>()
  #serving = false
  #round = 0

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** The peer began or ceased to be interested in our pieces. */
  interestChanged(peer: UploadPeer): void {
    if (peer.peerInterested) {
      this.#interested.add(peer)
      this.#fillSlots()
      return
    }
    this.#choke(peer)
    this.closed(peer)
  }

  /** @returns whether it will be answered with the block */
  requested(peer: UploadPeer, block: Block): boolean {
    const requests = this.#requests.get(peer)
    const valid =
      block.length > 0 && block.length <= MAX_REQUEST_BYTES && this.#deps.has(block.piece)
    const most = peer.fast ? OUR_REQUEST_QUEUE : SILENT_REQUEST_QUEUE
    if (!requests || requests.length >= most || !valid) {
      peer.reject(block)
      return false
    }
    requests.push(block)
    void this.#serve()
    return true
  }

  cancelled(peer: UploadPeer, block: Block): void {
    const requests = this.#requests.get(peer)
    const at =
      requests?.findIndex((one) => one.piece === block.piece && one.offset === block.offset) ?? -1
    if (at < 0) return
    requests?.splice(at, 1)
    peer.reject(block)
  }

  /** A peer that was slow to read has read everything. */
  drained(): void {
    void this.#serve()
  }

  closed(peer: UploadPeer): void {
    this.#interested.delete(peer)
    this.#requests.delete(peer)
    this.#fillSlots()
  }

  /**
   * Call every 30 s (BEP 3). When more peers want a slot than there are, the longest served gives
   * its own.
   */
  rotate(): void {
    const [longest] = this.#requests.keys()
    if (!longest || this.#interested.size <= this.#requests.size) return
    this.#choke(longest)
    this.#interested.delete(longest)
    this.#interested.add(longest)
    this.#fillSlots()
  }

  #fillSlots(): void {
    if (this.#deps.limit.off) return
    for (const peer of this.#interested) {
      if (this.#requests.size >= UPLOAD_SLOTS) return
      if (this.#requests.has(peer)) continue
      this.#requests.set(peer, [])
      peer.choke(false)
    }
  }

  #choke(peer: UploadPeer): void {
    const requests = this.#requests.get(peer)
    if (!requests) return
    this.#requests.delete(peer)
    peer.choke(true)
    // BEP 6: a peer that is choked gets a reject for each request that will not be answered.
    for (const block of requests) peer.reject(block)
  }

  async #serve(): Promise<void> {
    if (this.#serving) return
    this.#serving = true
    const { limit, read } = this.#deps
    for (let next = this.#next(); next; next = this.#next()) {
      const { peer, block } = next
      const bytes = await limit
        .take(block.length)
        .then(() => read(block.piece, block.offset, block.length))
        .catch(() => undefined)
      if (!this.#requests.has(peer)) continue
      // The header says how many bytes follow: with fewer, the peer would misread what comes next.
      if (bytes?.length === block.length) peer.piece(block, bytes)
      else peer.reject(block)
    }
    this.#serving = false
  }

  /** The next request, round robin among the peers that read what they are sent. */
  #next(): { peer: UploadPeer; block: Block } | undefined {
    const ready = [...this.#requests].filter(
      ([peer, requests]) => requests.length > 0 && peer.canSend,
    )
    const [peer, requests] = ready[this.#round++ % Math.max(1, ready.length)] ?? []
    const block = requests?.shift()
    return peer && block && { peer, block }
  }
}
