import { randomInt } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { AddressRules } from '../../../common/network/address-rules.ts'
import { ReceiveMemory } from './receive-memory.ts'
import { type Packet, PacketType, readPacket, sequenceAfter } from './utp-packet.ts'
import { type Accepted, keyOf, type Remote, UtpStrangers } from './utp-strangers.ts'
import { UtpStream } from './utp-stream.ts'
import type { UtpIds } from './utp-user.ts'

export interface UtpSocketsDeps {
  /** Where others reach us: the number of the TCP port. */
  readonly port: number
  readonly rules: AddressRules
  /** Whether a connection from this address would be taken. */
  hasRoom(address: string): boolean
  /** Somebody connected to us; destroy it when it is not wanted. */
  incoming(stream: UtpStream): void
}

const TICK_MS = 50
/** UDP payload: with it a packet fits through tunnels of IPv4 as they are usual, and any way of IPv6 (RFC 8200 5). */
const PACKET_BYTES = { 4: 1380, 6: 1232 } as const
/** What a peer may send ahead: a long way of 300 ms carries 7 MB/s by it. */
const RECEIVE_BYTES = 2 << 20
/** The same for those who come to us: what they send is not taken at once. */
const RECEIVE_BYTES_INCOMING = 256 << 10
const MEMORY_BYTES = 32 << 20
/** Bytes that the kernel may keep for us while this process does something else, as far as it allows. */
const KERNEL_BYTES = 4 << 20

const familyOf = ({ address }: Remote): 4 | 6 => (isIPv6(address) ? 6 : 4)

/** All connections of uTP (BEP 29) of this process: one UDP socket for IPv4, one for IPv6. */
export class UtpSockets {
  readonly #deps: UtpSocketsDeps
  readonly #sockets = new Map<4 | 6, Socket>()
  /** By where their packets come from, and the number in them. */
  readonly #streams = new Map<string, UtpStream>()
  readonly #memory = new ReceiveMemory(MEMORY_BYTES)
  readonly #strangers: UtpStrangers
  /** Those that may have something to send. */
  readonly #changed = new Set<UtpStream>()
  #flushing: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(deps: UtpSocketsDeps) {
    this.#deps = deps
    this.#strangers = new UtpStrangers({ ...deps, window: RECEIVE_BYTES_INCOMING })
    for (const family of [4, 6] as const) this.#open(family, deps.port)
  }

  /** Connects. A stream that cannot tells it by `error`, never before this call has returned. */
  connect(port: number, address: string): UtpStream {
    const remote = { address, port }
    const receive = this.#freeId(remote)
    const ids = { receive, send: sequenceAfter(receive) }
    const sequence = randomInt(0x10000)
    const stream = this.#stream(remote, ids, sequence, RECEIVE_BYTES)
    if (this.#sockets.has(familyOf(remote)) && this.#deps.rules.allows(address, port)) stream.open()
    else stream.destroy(Object.assign(new Error('uTP: EACCES'), { code: 'EACCES' }))
    return stream
  }

  close(): void {
    this.#closed = true
    for (const stream of this.#streams.values()) stream.destroy()
    clearInterval(this.#timer)
    clearImmediate(this.#flushing)
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
  }

  /** @param port 0 for any */
  #open(family: 4 | 6, port: number): void {
    const socket = createSocket({
      type: `udp${family}`,
      ipv6Only: family === 6,
      // Addresses are no names; and where it is asked for at each packet, it must not take a turn.
      lookup: (host, _options, callback) => callback(null, host, family),
    })
    socket.on('message', (datagram, from) => this.#received(datagram, from))
    socket.on('listening', () => {
      socket.setRecvBufferSize(KERNEL_BYTES)
      socket.setSendBufferSize(KERNEL_BYTES)
    })
    socket.on('error', () => this.#failed(family, socket, port))
    this.#sockets.set(family, socket)
    socket.bind(port)
  }

  /** The port is taken: then we are not reached by uTP, but others are. Or there is no such family. */
  #failed(family: 4 | 6, socket: Socket, port: number): void {
    if (this.#sockets.get(family) !== socket) return
    this.#sockets.delete(family)
    socket.close()
    if (port !== 0) this.#open(family, 0)
  }

  #freeId(remote: Remote): number {
    for (;;) {
      const id = randomInt(0x10000)
      if (!this.#streams.has(keyOf(remote, id))) return id
    }
  }

  #stream(remote: Remote, ids: UtpIds, sequence: number, receiveBytes: number): UtpStream {
    const family = familyOf(remote)
    const key = keyOf(remote, ids.receive)
    const packetBytes = PACKET_BYTES[family]
    const stream: UtpStream = new UtpStream(
      remote,
      { ids, sequence, packetBytes, receiveBytes, memory: this.#memory },
      {
        send: (packet) => void this.#sockets.get(family)?.send(packet, remote.port, remote.address),
        changed: () => this.#flushSoon(stream),
        gone: (met) => {
          this.#streams.delete(key)
          this.#changed.delete(stream)
          if (met) this.#strangers.ended(remote, ids)
          if (this.#streams.size === 0) this.#stopTicking()
        },
      },
    )
    this.#streams.set(key, stream)
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS)
    return stream
  }

  #stopTicking(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    for (const stream of this.#streams.values()) stream.tick()
  }

  /** Everything that has come by the end of this turn of the event loop is answered together. */
  #flushSoon(stream: UtpStream): void {
    this.#changed.add(stream)
    this.#flushing ??= setImmediate(() => {
      this.#flushing = undefined
      const changed = [...this.#changed]
      this.#changed.clear()
      for (const one of changed) one.flush()
    })
  }

  #received(datagram: Buffer, from: RemoteInfo): void {
    const packet = readPacket(datagram)
    if (!packet || this.#closed) return
    const stream = this.#streamOf(packet, from)
    if (stream) {
      stream.receive(packet)
      this.#flushSoon(stream)
      return
    }
    const met = this.#strangers.look(packet, from)
    if (!met) return
    if ('ids' in met) this.#accept(met, packet, from)
    else this.#sockets.get(familyOf(from))?.send(met, from.port, from.address)
  }

  #accept({ ids, sequence, last }: Accepted, packet: Packet, from: Remote): void {
    const stream = this.#stream(from, ids, sequence, RECEIVE_BYTES_INCOMING)
    stream.accepted(last)
    this.#deps.incoming(stream)
    stream.receive(packet)
    this.#flushSoon(stream)
  }

  #streamOf({ type, connectionId }: Packet, from: Remote): UtpStream | undefined {
    const found = this.#streams.get(keyOf(from, connectionId))
    if (found || type !== PacketType.reset) return found
    // Who does not know our connection answers with the number that we send (libutp).
    for (const steps of [-1, 1]) {
      const stream = this.#streams.get(keyOf(from, sequenceAfter(connectionId, steps)))
      if (stream?.sendId === connectionId) return stream
    }
    return undefined
  }
}
