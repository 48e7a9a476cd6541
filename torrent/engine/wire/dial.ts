import type { Duplex } from 'node:stream'
import type { PeerAddress } from './peer-address.ts'
import { openWireSocket } from './wire-socket.ts'

export type Transport = 'tcp' | 'utp'

/** Opens connections of uTP (BEP 29): streams with the events of a TCP socket. */
export interface UtpDialler {
  connect(port: number, host: string): Duplex
}

export interface DialEvents {
  /** What was read; the bytes are valid during the call only. */
  read(bytes: Buffer): void
  /** @param since when the other side was first asked by this transport, of performance.now() */
  connected(socket: Duplex, transport: Transport, since: number): void
  /** The peer is reached by no transport. */
  failed(): void
}

/**
 * TCP has this long before uTP is tried beside it. Most peers answer sooner; those who do not are mostly
 * behind a router that lets only uTP through, or gone.
 */
const HEAD_START_MS = 600

/**
 * Connects to a peer by TCP and, where that is refused or brings no answer, once by uTP. Who answers first
 * is taken, the other one is given up.
 */
export class Dial {
  readonly #address: PeerAddress
  readonly #events: DialEvents
  readonly #utp: UtpDialler | undefined
  readonly #sockets = new Map<Transport, Duplex>()
  #timer: NodeJS.Timeout | undefined
  #utpTried = false

  /** @param first `utp`: TCP brought nothing, and is left out */
  constructor(
    address: PeerAddress,
    first: Transport,
    utp: UtpDialler | undefined,
    events: DialEvents,
  ) {
    this.#address = address
    this.#utp = utp
    this.#events = events
    if (first === 'tcp') this.#add('tcp', openWireSocket(address, events.read))
    if (utp) this.#timer = setTimeout(() => this.#tryUtp(), first === 'tcp' ? HEAD_START_MS : 0)
  }

  /** Ends everything that is not connected. */
  close(): void {
    this.#utpTried = true
    clearTimeout(this.#timer)
    for (const socket of this.#sockets.values()) socket.destroy()
    this.#sockets.clear()
  }

  #add(transport: Transport, socket: Duplex): void {
    const since = performance.now()
    this.#sockets.set(transport, socket)
    socket.on('error', () => this.#failed(transport, socket))
    socket.once('connect', () => {
      if (this.#sockets.get(transport) !== socket) return
      this.#sockets.delete(transport)
      this.close()
      this.#events.connected(socket, transport, since)
    })
  }

  #tryUtp(): void {
    clearTimeout(this.#timer)
    if (!this.#utp || this.#utpTried) return
    this.#utpTried = true
    const { host, port } = this.#address
    const socket = this.#utp.connect(port, host)
    socket.on('data', (bytes: Buffer) => this.#events.read(bytes))
    this.#add('utp', socket)
  }

  #failed(transport: Transport, socket: Duplex): void {
    if (this.#sockets.get(transport) !== socket) return
    this.#sockets.delete(transport)
    this.#tryUtp()
    if (this.#sockets.size === 0) this.#events.failed()
  }
}
