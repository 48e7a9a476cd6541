import { Duplex } from 'node:stream'
import { UtpConnection } from './utp-connection.ts'
import type { Packet } from './utp-packet.ts'
import type { UtpConnectionOptions } from './utp-user.ts'

/** What carries the packets of a stream. */
export interface UtpCarrier {
  send(packet: Buffer): void
  /** Something may have to be sent: `flush` is to be called soon. */
  changed(): void
  /** Nothing more comes. @param met there is a peer, which may not have heard of it */
  gone(met: boolean): void
}

/**
 * A connection of uTP as a stream, with the events of a TCP socket: `connect`, `data`, `end`, `error` and
 * `close`.
 */
export class UtpStream extends Duplex {
  readonly remoteAddress: string
  readonly remotePort: number
  /** What our packets are named with. */
  readonly sendId: number
  readonly #connection: UtpConnection
  readonly #carrier: UtpCarrier
  #written: (() => void) | undefined
  #finished: (() => void) | undefined

  constructor(
    remote: { readonly address: string; readonly port: number },
    options: UtpConnectionOptions,
    carrier: UtpCarrier,
  ) {
    super({ allowHalfOpen: false })
    this.remoteAddress = remote.address
    this.remotePort = remote.port
    this.sendId = options.ids.send
    this.#carrier = carrier
    const unread = (): number => this.readableLength
    this.#connection = new UtpConnection(options, {
      send: (packet) => carrier.send(packet),
      connected: () => void this.emit('connect'),
      received: (bytes) => void this.push(bytes),
      ended: () => void this.push(null),
      drained: () => this.#drained(),
      over: (why) => this.#over(why),
      get unread() {
        return unread()
      },
    })
  }

  /** We connect. */
  open(): void {
    this.#connection.open(performance.now())
  }

  /** The peer has connected. @param last number of its SYN */
  accepted(last: number): void {
    this.#connection.accepted(last, performance.now())
  }

  receive(packet: Packet): void {
    this.#connection.receive(packet, performance.now())
  }

  flush(): void {
    this.#connection.flush(performance.now())
  }

  tick(): void {
    this.#connection.tick(performance.now())
  }

  override _read(): void {
    this.#connection.taken()
    this.#carrier.changed()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#written = done
    this.#connection.write(bytes)
    this.#carrier.changed()
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.#written = done
    for (const { chunk } of chunks) this.#connection.write(chunk)
    this.#carrier.changed()
  }

  override _final(done: () => void): void {
    this.#finished = done
    this.#connection.end()
    this.#carrier.changed()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#carrier.gone(this.#connection.close(performance.now()))
    done(error)
  }

  #drained(): void {
    const written = this.#written
    this.#written = undefined
    written?.()
    if (this.#connection.delivered) this.#finish()
  }

  #finish(): void {
    const finished = this.#finished
    this.#finished = undefined
    finished?.()
  }

  #over(why?: Error): void {
    if (!why) this.#finish()
    this.destroy(why)
  }
}
