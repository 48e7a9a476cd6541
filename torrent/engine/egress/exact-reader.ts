import type { Socket } from 'node:net'

const EVENTS = ['readable', 'end', 'close', 'error']

/** Reads a socket that nobody else reads, by so many bytes as are asked for, and leaves the rest in it. */
export class ExactReader {
  readonly #socket: Socket
  #wake: (() => void) | undefined
  // One listener for all reads: each new one would be called for the bytes that are there already, at once
  // and without end.
  readonly #changed = (): void => this.#wake?.()

  constructor(socket: Socket) {
    this.#socket = socket
    for (const event of EVENTS) socket.on(event, this.#changed)
  }

  /** @throws Error when the connection ends before */
  async take(length: number): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0)
    const socket = this.#socket
    for (;;) {
      const bytes = socket.read(length) as Buffer | null
      if (bytes && bytes.length === length) return bytes
      if (bytes || socket.destroyed || socket.readableEnded)
        throw new Error('the other side hung up')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The socket is somebody else's to read from now on. */
  end(): void {
    for (const event of EVENTS) this.#socket.off(event, this.#changed)
  }
}
