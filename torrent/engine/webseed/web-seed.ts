import type { Block } from '../blocks/block.ts'
import type { SwarmEvents, SwarmPeer } from '../swarm/swarm.ts'
import { WebSeedError } from './range-client.ts'
import { type BlockRequests, RangeStream } from './range-stream.ts'
import { WebSeedContent, type WebSeedTorrent } from './web-seed-content.ts'

/** Two connections: while one waits for its headers the other delivers. */
const MAX_STREAMS = 2
const MAX_QUEUE = 256
/** Slower than peers to begin with: servers look for files on slow disks and redirect. */
const SILENT_MS = 8000
/** The pause after a failure; it doubles with each further one. */
const RETRY_MS = 1000
const MAX_RETRY_MS = 60_000

/** A web server that has the torrent's files (BEP 19), shown to the engine as one more peer. */
export class WebSeed {
  readonly #url: string
  readonly #events: SwarmEvents
  readonly #content: WebSeedContent
  readonly #streams = new Set<RangeStream>()
  /** Requested blocks, in the order of the requests. */
  readonly #requested = new Set<number>()
  readonly #requests: BlockRequests
  /** Undefined while the engine does not know of this web seed. */
  #peer: SwarmPeer | undefined
  #joins = 0
  /** Bytes that its streams have read. */
  #bytes = 0
  /** While it backs off after a failure, as a peer that chokes us. */
  #choked = false
  #failures = 0
  #retryTimer: NodeJS.Timeout | undefined
  #streamsScheduled = false
  #closed = false

  constructor(url: string, torrent: WebSeedTorrent, events: SwarmEvents) {
    this.#url = url
    this.#events = events
    this.#content = new WebSeedContent(url, torrent, MAX_STREAMS)
    this.#requests = {
      isAnyRequested: (from, end) => this.#isAnyRequested(from, end),
      read: (bytes) => {
        this.#bytes += bytes
      },
      received: (index, buffer) => this.#received(index, buffer),
    }
    if (this.#content.blockCount > 0) this.#join()
  }

  get connected(): boolean {
    return this.#peer !== undefined && !this.#choked
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retryTimer)
    this.#dropRequests()
    this.#content.close()
  }

  #join(): void {
    const receivedBytes = (): number => this.#bytes
    const isChoked = (): boolean => this.#choked
    this.#peer = {
      id: `web seed ${this.#url} ${++this.#joins}`,
      address: this.#url,
      snubbedAfterMs: SILENT_MS,
      maxQueue: MAX_QUEUE,
      get received() {
        return receivedBytes()
      },
      has: (piece) => this.#content.has(piece),
      get choked() {
        return isChoked()
      },
      request: (block) => {
        this.#requested.add(this.#content.indexOf(block))
        this.#scheduleStreams()
      },
      cancel: (block) => void this.#requested.delete(this.#content.indexOf(block)),
      drop: (why) => this.#leave(why === 'banned'),
    }
    this.#events.peer(this.#peer)
  }

  #leave(forGood: boolean): void {
    const gone = this.#peer
    this.#peer = undefined
    this.#dropRequests()
    if (gone) this.#events.peerGone(gone)
    if (forGood) this.close()
    else if (!this.#closed) this.#afterBackoff(() => this.#join())
  }

  #dropRequests(): void {
    this.#requested.clear()
    for (const stream of this.#streams) stream.abort()
  }

  #afterBackoff(action: () => void): void {
    clearTimeout(this.#retryTimer)
    const ms = Math.min(RETRY_MS * 2 ** this.#failures++, MAX_RETRY_MS)
    this.#retryTimer = setTimeout(() => !this.#closed && action(), ms)
  }

  #isAnyRequested(from: number, end: number): boolean {
    for (const index of this.#requested) if (index >= from && index < end) return true
    return false
  }

  #received(index: number, buffer: Buffer): void {
    if (!this.#peer || !this.#requested.delete(index)) return
    this.#failures = 0
    const block = this.#content.blockAt(index)
    this.#events.block(this.#peer, block, buffer.subarray(0, block.length))
  }

  /** Once for all requests of one tick of the event loop. */
  #scheduleStreams(): void {
    if (this.#streamsScheduled) return
    this.#streamsScheduled = true
    setImmediate(() => {
      this.#streamsScheduled = false
      this.#fillStreams()
    })
  }

  /** Opens a stream for each requested block that none includes; unwanted streams make room. */
  #fillStreams(): void {
    if (this.#closed || this.#choked || !this.#peer) return
    for (const stream of this.#streams) stream.wake()
    for (const index of this.#requested) {
      const streams = [...this.#streams]
      if (streams.some((stream) => stream.includes(index))) continue
      if (streams.length >= MAX_STREAMS) {
        streams.find((stream) => !stream.isWanted)?.abort()
        return
      }
      this.#open(index)
    }
  }

  #open(from: number): void {
    const stream = new RangeStream(this.#content, this.#requests, from)
    this.#streams.add(stream)
    void stream
      .run()
      .catch((error: unknown) => {
        if (!stream.aborted && !this.#closed) this.#failed(error)
      })
      .finally(() => {
        this.#streams.delete(stream)
        this.#scheduleStreams()
      })
  }

  #failed(error: unknown): void {
    if (!this.#peer) return
    if (error instanceof WebSeedError && error.kind === 'missing') this.#refuseMissing(this.#peer)
    else this.#backOff(this.#peer)
  }

  /** The server lacks a file: requests for its pieces are refused, and the rest goes on. */
  #refuseMissing(peer: SwarmPeer): void {
    for (const index of [...this.#requested]) {
      const block: Block = this.#content.blockAt(index)
      if (!this.#content.has(block.piece) && this.#requested.delete(index)) {
        this.#events.refused(peer, block)
      }
    }
    if (this.#content.isEmpty) this.#leave(true)
  }

  /** Chokes for a while, so that the engine requests the blocks from others. */
  #backOff(peer: SwarmPeer): void {
    this.#choked = true
    this.#dropRequests()
    this.#events.peerChanged(peer)
    this.#afterBackoff(() => {
      this.#choked = false
      if (this.#peer) this.#events.peerChanged(this.#peer)
    })
  }
}
