import type { Duplex } from 'node:stream'
import type { Block } from '../blocks/block.ts'
import { BLOCK_MESSAGE_BYTES, writeBlockMessage } from './peer-messages.ts'

/** Room for this many request and cancel messages. */
const STAGED_BYTES = 256 * BLOCK_MESSAGE_BYTES
/** A peer is disconnected when it leaves this many bytes unread. */
const MAX_UNSENT_BYTES = 1 << 20
/** With this many bytes unread the peer is sent no more blocks. */
const HIGH_WATER_BYTES = 256 << 10

/** Writes to one connection. Never calls `overflow` before a call has returned. */
export class WireSender {
  readonly #socket: Duplex
  readonly #overflow: () => void
  readonly #staged = Buffer.allocUnsafeSlow(STAGED_BYTES)
  #stagedLength = 0
  #flushScheduled = false
  #ended = false

  /** @param overflow the peer leaves too much unread */
  constructor(socket: Duplex, overflow: () => void) {
    this.#socket = socket
    this.#overflow = overflow
  }

  /** Whether the peer may be sent another block. */
  get canSend(): boolean {
    return this.#socket.writableLength < HIGH_WATER_BYTES
  }

  send(...parts: readonly Uint8Array[]): void {
    if (this.#ended) return
    if (parts.length > 1) this.#socket.cork()
    for (const bytes of parts) this.#socket.write(bytes)
    if (parts.length > 1) this.#socket.uncork()
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) queueMicrotask(this.#overflow)
  }

  /** Adds a request or cancel. All of one tick of the event loop leave in one write. */
  stage(id: number, block: Block): void {
    if (this.#ended) return
    if (this.#stagedLength + BLOCK_MESSAGE_BYTES > STAGED_BYTES) this.#flush()
    writeBlockMessage(this.#staged, this.#stagedLength, id, block)
    this.#stagedLength += BLOCK_MESSAGE_BYTES
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    queueMicrotask(() => {
      this.#flushScheduled = false
      this.#flush()
    })
  }

  end(): void {
    this.#ended = true
    this.#socket.destroy()
  }

  #flush(): void {
    if (this.#stagedLength === 0) return
    this.send(Buffer.from(this.#staged.subarray(0, this.#stagedLength)))
    this.#stagedLength = 0
  }
}
