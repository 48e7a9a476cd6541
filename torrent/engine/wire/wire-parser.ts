import type { Block, Placement } from '../blocks/block.ts'
import { HANDSHAKE_BYTES, MessageId } from './peer-messages.ts'

export interface ParserEvents {
  handshake(bytes: Buffer): void
  /**
   * A whole message that is no piece: its id, and the bytes after the id. They are valid only
   * during the call.
   */
  message(id: number, body: Buffer): void
  /** A block begins: answers where its bytes go, or undefined to skip them. */
  blockBegins(block: Block): Placement | undefined
  blockEnds(block: Block, placement: Placement | undefined): void
  /** A keep-alive, or a block without a byte. */
  nothing(): void
  /** The peer violates the protocol; nothing more is read. */
  protocolError(why: string): void
}

/**
 * The largest message but piece: a bitfield of 400,000 pieces has 50 KB, a metadata piece 16 KiB.
 */
const MAX_MESSAGE_BYTES = 128 * 1024
/** We never request more than a usual block of 2^14 bytes (BEP 3). */
const MAX_BLOCK_BYTES = 16 * 1024
/** Length, id, piece and offset of a piece message. */
const BLOCK_HEADER_BYTES = 13

/**
 * Parses the peer wire protocol (BEP 3) from chunks of any size. Bytes of blocks are copied once,
 * from the socket's buffer to their place; only messages that are split over chunks are joined
 * first.
 */
export class WireParser {
  readonly #events: ParserEvents
  /** The beginning of a message that is split over chunks, and its length so far. */
  #pending = Buffer.allocUnsafe(256)
  #pendingLength = 0
  /**
   * Bytes of the message that are needed for the next step: its length, its header, or all of it.
   */
  #needed = HANDSHAKE_BYTES
  #handshakeDone = false
  #block: Block | undefined
  #placement: Placement | undefined
  /** Bytes of the block so far. */
  #blockLength = 0
  #received = 0
  #stopped = false

  constructor(events: ParserEvents) {
    this.#events = events
  }

  /** The caller may reuse the chunk afterwards. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.#stopped) {
      at += this.#block ? this.#blockBytes(chunk, at) : this.#header(chunk, at)
    }
  }

  /** Nothing more is parsed, not even the rest of the current chunk. */
  stop(): void {
    this.#stopped = true
  }

  /** Bytes of blocks that have come, those of an unfinished one included. */
  get received(): number {
    return this.#received
  }

  /** The block that has begun and is not complete. */
  get currentBlock(): {
    readonly block: Block | undefined
    readonly placement: Placement | undefined
  } {
    return { block: this.#block, placement: this.#placement }
  }

  #blockBytes(chunk: Buffer, at: number): number {
    const block = this.#block as Block
    const take = Math.min(block.length - this.#blockLength, chunk.length - at)
    const target = this.#placement?.target
    if (target) chunk.copy(target, this.#blockLength, at, at + take)
    this.#blockLength += take
    this.#received += take
    if (this.#blockLength === block.length) {
      const placement = this.#placement
      this.#block = this.#placement = undefined
      this.#events.blockEnds(block, placement)
    }
    return take
  }

  /**
   * Collects bytes until `#needed` are there; a message that is whole in the chunk is not copied.
   * Answers how many bytes of the chunk it used.
   */
  #header(chunk: Buffer, at: number): number {
    if (this.#pendingLength === 0 && chunk.length - at >= this.#needed) {
      const needed = this.#needed
      if (this.#step(chunk.subarray(at, at + needed))) return needed
      // The step needs more bytes than before: try again with all of them.
      if (chunk.length - at >= this.#needed) return 0
      return this.#keep(chunk, at, chunk.length - at)
    }
    const took = this.#keep(
      chunk,
      at,
      Math.min(this.#needed - this.#pendingLength, chunk.length - at),
    )
    while (!this.#stopped && this.#pendingLength > 0 && this.#pendingLength >= this.#needed) {
      if (this.#step(this.#pending.subarray(0, this.#needed))) this.#pendingLength = 0
    }
    return took
  }

  #keep(chunk: Buffer, at: number, length: number): number {
    if (this.#pending.length < this.#pendingLength + length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#needed, this.#pendingLength + length))
      this.#pending.copy(larger, 0, 0, this.#pendingLength)
      this.#pending = larger
    }
    chunk.copy(this.#pending, this.#pendingLength, at, at + length)
    this.#pendingLength += length
    return length
  }

  /** Handles exactly `#needed` bytes. False when the message is longer: `#needed` says how long. */
  #step(bytes: Buffer): boolean {
    if (!this.#handshakeDone) {
      this.#handshakeDone = true
      this.#needed = 4
      this.#events.handshake(bytes)
      return true
    }
    const length = bytes.readUInt32BE(0)
    if (length === 0) return this.#nothing()
    if (bytes.length === 4) {
      this.#needed = 5
      return false
    }
    return bytes[4] === MessageId.piece
      ? this.#blockHeader(bytes, length)
      : this.#message(bytes, length)
  }

  #blockHeader(bytes: Buffer, length: number): boolean {
    if (length < 9 || length - 9 > MAX_BLOCK_BYTES)
      return this.#violation('a block of unusual length')
    if (bytes.length < BLOCK_HEADER_BYTES) {
      this.#needed = BLOCK_HEADER_BYTES
      return false
    }
    this.#needed = 4
    this.#blockLength = 0
    const block = {
      piece: bytes.readUInt32BE(5),
      offset: bytes.readUInt32BE(9),
      length: length - 9,
    }
    if (block.length === 0) return this.#nothing()
    this.#placement = this.#events.blockBegins(block)
    this.#block = block
    return true
  }

  #message(bytes: Buffer, length: number): boolean {
    if (length > MAX_MESSAGE_BYTES) return this.#violation('a message too long')
    if (bytes.length < 4 + length) {
      this.#needed = 4 + length
      return false
    }
    this.#needed = 4
    this.#events.message(bytes[4] ?? 0, bytes.subarray(5))
    return true
  }

  #nothing(): true {
    this.#events.nothing()
    return true
  }

  #violation(why: string): true {
    this.stop()
    this.#events.protocolError(why)
    return true
  }
}
