import type { Socket as DatagramSocket, RemoteInfo } from 'node:dgram'
import { isIPv6, Socket } from 'node:net'
import { ProxyRefused } from './socks-handshake.ts'
import type { Target } from './socks-messages.ts'
import { COMMAND_NOT_SUPPORTED, Command, datagramHeader, readDatagram } from './socks-messages.ts'

/** Datagrams that wait until the proxy has given us a relay; later ones are lost, as on any way. */
const MAX_WAITING = 64
/** Between two tries to get a relay. */
const RETRY_MS = 5000

export interface RelayTools {
  /** Begins to connect to the proxy. */
  connect(socket: Socket): void
  shakeHands(socket: Socket, command: number, target: Target): Promise<Target>
  /** A socket of its own that no patch of the process touches. */
  open(type: 'udp4' | 'udp6'): DatagramSocket
  /** The proxy does not relay datagrams at all. */
  refused(): void
}

/**
 * The relay of one datagram socket (RFC 1928 7): it lasts as long as the connection on which it was asked
 * for. When that ends, the next datagram asks for another.
 */
export class UdpRelay {
  readonly #tools: RelayTools
  readonly #received: (payload: Buffer, from: RemoteInfo) => void
  #waiting: Buffer[] = []
  #control: Socket | undefined
  #socket: DatagramSocket | undefined
  #triedAt = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(tools: RelayTools, received: (payload: Buffer, from: RemoteInfo) => void) {
    this.#tools = tools
    this.#received = received
  }

  /** Sends it, now or when there is a relay; lost where the proxy gives none. */
  send(payload: Uint8Array, target: Target): void {
    if (this.#closed) return
    const bytes = Buffer.concat([datagramHeader(target), payload])
    if (this.#socket) {
      this.#socket.send(bytes, () => {})
      return
    }
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(bytes)
    if (!this.#control && performance.now() >= this.#triedAt + RETRY_MS) this.#ask()
  }

  close(): void {
    this.#closed = true
    this.#end()
  }

  #ask(): void {
    this.#triedAt = performance.now()
    const control = new Socket()
    this.#control = control
    control.on('error', () => {})
    control.once('close', () => {
      if (this.#control === control) this.#end()
    })
    control.once('connect', () => void this.#associate(control))
    this.#tools.connect(control)
  }

  async #associate(control: Socket): Promise<void> {
    try {
      const anyone = { host: '0.0.0.0', port: 0 }
      const relay = await this.#tools.shakeHands(control, Command.udpAssociate, anyone)
      // Nothing more is said on it; that it ends must be heard.
      control.resume()
      const isHere = /^(?:0\.0\.0\.0|::)?$/.test(relay.host)
      const host = isHere ? (control.remoteAddress ?? '') : relay.host
      if (!this.#closed && !control.destroyed) this.#open(host, relay.port)
    } catch (error) {
      const isNever = error instanceof ProxyRefused && error.status === COMMAND_NOT_SUPPORTED
      if (isNever) this.#tools.refused()
      control.destroy()
    }
  }

  #open(host: string, port: number): void {
    const socket = this.#tools.open(isIPv6(host) ? 'udp6' : 'udp4')
    this.#socket = socket
    socket.on('error', () => this.#end())
    socket.on('message', (bytes) => {
      const datagram = readDatagram(bytes)
      if (!datagram) return
      const { from, payload } = datagram
      const family = isIPv6(from.host) ? 'IPv6' : 'IPv4'
      this.#received(payload, { address: from.host, port: from.port, family, size: payload.length })
    })
    // Only what the relay sends comes in then.
    socket.connect(port, host, (error?: Error) => {
      if (error || this.#socket !== socket) return
      for (const bytes of this.#waiting.splice(0)) socket.send(bytes, () => {})
    })
  }

  #end(): void {
    this.#control?.destroy()
    this.#control = undefined
    const socket = this.#socket
    this.#socket = undefined
    this.#waiting = []
    socket?.close()
  }
}
