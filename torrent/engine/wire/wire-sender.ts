import type { Socket } from 'node:net'
import type { Block } from '../blocks/block.ts'
import { BLOCK_MESSAGE_BYTES, writeBlockMessage } from './messages.ts'

const STAGED = 256 * BLOCK_MESSAGE_BYTES
/** A peer that lets this much lie unread is cut; of what it asks for it is sent far less at once. */
const MOST_UNSENT = 1 << 20
const ENOUGH_UNSENT = 256 << 10

/** What leaves by one connection. Calls back nothing before a call returns. */
export class WireSender {
  readonly #socket: Socket
  readonly #overflow: () => void
  readonly #staged = Buffer.allocUnsafeSlow(STAGED)
  #stagedLength = 0
  #flushing = false
  #ended = false

  /** @param overflow the peer does not read */
  constructor(socket: Socket, overflow: () => void) {
    this.#socket = socket
    this.#overflow = overflow
  }

  /** Whether the peer may be sent more of what it asks for. */
  get canSend(): boolean {
    return this.#socket.writableLength < ENOUGH_UNSENT
  }

  send(...parts: readonly Uint8Array[]): void {
    if (this.#ended) return
    if (parts.length > 1) this.#socket.cork()
    for (const bytes of parts) this.#socket.write(bytes)
    if (parts.length > 1) this.#socket.uncork()
    if (this.#socket.writableLength > MOST_UNSENT) queueMicrotask(this.#overflow)
  }

  /** Requests and the like of one turn of the event loop leave in one write. */
  stage(id: number, block: Block): void {
    if (this.#ended) return
    if (this.#stagedLength + BLOCK_MESSAGE_BYTES > STAGED) this.#flush()
    writeBlockMessage(this.#staged, this.#stagedLength, id, block)
    this.#stagedLength += BLOCK_MESSAGE_BYTES
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => {
      this.#flushing = false
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
