import type { Block, Placement } from '../blocks/block.ts'
import { HANDSHAKE_BYTES, MessageId } from './messages.ts'

export interface ParserEvents {
  handshake(bytes: Buffer): void
  /** A whole message but piece: its id and what follows the id. The bytes are only lent. */
  message(id: number, body: Buffer): void
  /** A block begins: where its bytes go, or undefined to skip them. */
  blockBegins(block: Block): Placement | undefined
  blockEnds(block: Block, placement: Placement | undefined): void
  /** The peer breaks the protocol: nothing more is read. */
  protocolError(why: string): void
}

/** A bitfield of 400,000 pieces has 50 KB; metadata comes 16 KiB at a time. */
const MAX_MESSAGE_BYTES = 128 * 1024
/** Nobody is asked for more than a usual block (BEP 3). */
const MAX_BLOCK_BYTES = 16 * 1024
const BLOCK_HEADER_BYTES = 13

/**
 * Reads the peer wire protocol from chunks of any size. Payload goes from the socket's buffer to
 * its place in one copy; only short messages that are split over chunks are put together first.
 */
export class WireParser {
  readonly #events: ParserEvents
  /** A message that is not whole yet, head included. */
  #pending = Buffer.allocUnsafe(256)
  #has = 0
  /** How many bytes must be there before anything can be said. */
  #needs = HANDSHAKE_BYTES
  #shaken = false
  #block: Block | undefined
  #placement: Placement | undefined
  #blockDone = 0
  #broken = false

  constructor(events: ParserEvents) {
    this.#events = events
  }

  /** The chunk may be reused by the caller afterwards. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.#broken) {
      at += this.#block ? this.#payload(chunk, at) : this.#head(chunk, at)
    }
  }

  /** Nothing more is read, not even what is left of this chunk. */
  stop(): void {
    this.#broken = true
  }

  /** The block whose bytes are arriving. */
  get open(): { readonly block: Block | undefined; readonly placement: Placement | undefined } {
    return { block: this.#block, placement: this.#placement }
  }

  #payload(chunk: Buffer, at: number): number {
    const block = this.#block as Block
    const take = Math.min(block.length - this.#blockDone, chunk.length - at)
    const target = this.#placement?.target
    if (target) chunk.copy(target, this.#blockDone, at, at + take)
    this.#blockDone += take
    if (this.#blockDone === block.length) {
      const placement = this.#placement
      this.#block = this.#placement = undefined
      this.#events.blockEnds(block, placement)
    }
    return take
  }

  /** Takes bytes until `#needs` are there; whole messages in the chunk are not copied. */
  #head(chunk: Buffer, at: number): number {
    if (this.#has === 0 && chunk.length - at >= this.#needs) {
      const needed = this.#needs
      if (this.#step(chunk.subarray(at, at + needed))) return needed
      // More is needed than was: what is there already is looked at again, whole if it can be.
      if (chunk.length - at >= this.#needs) return 0
      return this.#keep(chunk, at, chunk.length - at)
    }
    const took = this.#keep(chunk, at, Math.min(this.#needs - this.#has, chunk.length - at))
    while (!this.#broken && this.#has > 0 && this.#has >= this.#needs) {
      if (this.#step(this.#pending.subarray(0, this.#needs))) this.#has = 0
    }
    return took
  }

  #keep(chunk: Buffer, at: number, length: number): number {
    if (this.#pending.length < this.#has + length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#needs, this.#has + length))
      this.#pending.copy(larger, 0, 0, this.#has)
      this.#pending = larger
    }
    chunk.copy(this.#pending, this.#has, at, at + length)
    this.#has += length
    return length
  }

  /** Looks at exactly `#needs` bytes; false when the message turns out to be longer. */
  #step(bytes: Buffer): boolean {
    if (!this.#shaken) {
      this.#shaken = true
      this.#needs = 4
      this.#events.handshake(bytes)
      return true
    }
    const length = bytes.readUInt32BE(0)
    if (length === 0) return true // keep-alive
    if (bytes.length === 4) {
      this.#needs = 5
      return false
    }
    return bytes[4] === MessageId.piece
      ? this.#blockHead(bytes, length)
      : this.#message(bytes, length)
  }

  #blockHead(bytes: Buffer, length: number): boolean {
    if (length < 9 || length - 9 > MAX_BLOCK_BYTES) return this.#break('a block of unusual length')
    if (bytes.length < BLOCK_HEADER_BYTES) {
      this.#needs = BLOCK_HEADER_BYTES
      return false
    }
    this.#needs = 4
    this.#blockDone = 0
    const block = {
      piece: bytes.readUInt32BE(5),
      offset: bytes.readUInt32BE(9),
      length: length - 9,
    }
    if (block.length === 0) return true
    this.#placement = this.#events.blockBegins(block)
    this.#block = block
    return true
  }

  #message(bytes: Buffer, length: number): boolean {
    if (length > MAX_MESSAGE_BYTES) return this.#break('a message too long')
    if (bytes.length < 4 + length) {
      this.#needs = 4 + length
      return false
    }
    this.#needs = 4
    this.#events.message(bytes[4] ?? 0, bytes.subarray(5))
    return true
  }

  #break(why: string): true {
    this.stop()
    this.#events.protocolError(why)
    return true
  }
}
