import { BaseDelay } from './base-delay.ts'
import { Outgoing } from './outgoing.ts'
import { Reassembly } from './reassembly.ts'
import { type Header, type Packet, PacketType, packetOf, restamp } from './utp-packet.ts'
import type { UtpConnectionOptions, UtpUser } from './utp-user.ts'

/** Routers forget a way that nothing went for 30 s. */
const KEEP_ALIVE_MS = 29_000
/** A packet that is missing for so long does not come. */
const MISSING_MS = 30_000
/** With fewer bytes than this waiting, more may be given. */
const LOW_WATER_BYTES = 32 << 10

/** What may come in its order when others have taken all the memory for what came before its turn. */
const SHORT_OF_MEMORY_BYTES = 16 << 10

const failure = (code: string): Error => Object.assign(new Error(`uTP: ${code}`), { code })

/**
 * One connection of uTP (BEP 29), without sockets or timers of its own: packets come by `receive`, time by
 * `tick`, and what is to be sent leaves by `flush`. Times are steady milliseconds.
 */
export class UtpConnection {
  readonly #user: UtpUser
  readonly #options: UtpConnectionOptions
  readonly #outgoing: Outgoing
  /** Of the peer's packets. */
  readonly #theirDelay = new BaseDelay()
  /** How long the last of them took, by the two clocks. */
  #delay = 0
  /** Undefined until the peer has answered. */
  #reassembly: Reassembly | undefined
  /** The window that the peer knows of. */
  #advertised = 0
  #ackDue = false
  #endTold = false
  #over = false
  #sentAt = 0
  /** When nothing was missing, or something that was has come. */
  #completeAt = 0

  constructor(options: UtpConnectionOptions, user: UtpUser) {
    this.#options = options
    this.#user = user
    this.#outgoing = new Outgoing(options.sequence, options.packetBytes)
  }

  /** We connect: sends the SYN. */
  open(now: number): void {
    this.#send(
      this.#outgoing.syn(() => this.#packet(PacketType.syn, now), now),
      now,
    )
  }

  /** The peer has connected. @param last number of its SYN */
  accepted(last: number, now: number): void {
    const { memory } = this.#options
    this.#completeAt = now
    this.#reassembly = new Reassembly(last, memory, (bytes) => this.#user.received(bytes))
  }

  receive(packet: Packet, now: number): void {
    if (this.#over) return
    const kind = this.#outgoing.kindOf(packet.ack)
    if (packet.type === PacketType.reset) {
      this.#reset(packet, kind)
      return
    }
    if (kind === 'impossible') return
    if (!this.#reassembly && !this.#answersSyn(packet, now)) return
    this.#measure(packet, now)
    if (kind === 'current') this.#outgoing.acknowledged(packet, now)
    this.#take(packet, now)
    if (!this.#over && this.#endTold && this.#outgoing.delivered) {
      this.flush(now)
      this.#end()
    }
  }

  /** The bytes must not change afterwards. */
  write(bytes: Uint8Array): void {
    this.#outgoing.write(bytes)
  }

  /** Nothing more is written. */
  end(): void {
    this.#outgoing.end()
  }

  /** The reader has taken something: the peer is told when it waited for that. */
  taken(): void {
    const { receiveBytes } = this.#options
    const grew = this.#window - this.#advertised
    if (this.#advertised < receiveBytes / 2 && grew > receiveBytes / 4) this.#ackDue = true
  }

  /** Everything that was written, and our end, has come. */
  get delivered(): boolean {
    return this.#outgoing.delivered
  }

  /** Sends what may be sent now. */
  flush(now: number): void {
    if (this.#over || !this.#reassembly) return
    const sent = this.#sendNext(PacketType.data, now)
    if (sent) while (this.#sendNext(PacketType.data, now));
    if (this.#ackDue) this.#sendAck(sent, now)
    this.#ackDue = false
    if (this.#outgoing.waitingBytes < LOW_WATER_BYTES) this.#user.drained()
  }

  /** To be called several times a second. */
  tick(now: number): void {
    if (this.#over) return
    const connected = this.#reassembly !== undefined
    if (this.#outgoing.tick(connected, now) === 'gone' || this.#isMissing(now)) {
      this.#end(failure('ETIMEDOUT'))
      return
    }
    if (now - this.#sentAt >= KEEP_ALIVE_MS) this.#ackDue = true
    if (connected) this.flush(now)
    else this.#sendNext(PacketType.syn, now)
  }

  /** Ends at once, and tells the peer. Answers whether there is a peer. */
  close(now: number): boolean {
    const wasOver = this.#over
    this.#over = true
    // Where nobody has answered there is nobody to tell.
    if (!this.#reassembly) return false
    this.#reassembly.clear()
    if (wasOver) return true
    const isLast = this.#reassembly.ended && !this.#outgoing.ended
    this.#send(this.#packet(isLast ? PacketType.fin : PacketType.reset, now), now)
    return true
  }

  get #window(): number {
    const { receiveBytes, memory } = this.#options
    const used = this.#user.unread + (this.#reassembly?.earlyBytes ?? 0)
    return Math.max(0, Math.min(receiveBytes - used, Math.max(memory.free, SHORT_OF_MEMORY_BYTES)))
  }

  #header(type: number, now: number): Header {
    const { send, receive } = this.#options.ids
    return {
      type,
      connectionId: type === PacketType.syn ? receive : send,
      timestamp: (now * 1000) >>> 0,
      delay: this.#delay,
      window: this.#window,
      sequence: this.#outgoing.next,
      ack: this.#reassembly?.last ?? 0,
    }
  }

  #packet(type: number, now: number, payloadBytes = 0): Buffer {
    return packetOf(this.#header(type, now), payloadBytes)
  }

  #send(packet: Buffer, now: number): void {
    this.#sentAt = now
    this.#advertised = this.#window
    this.#user.send(packet)
  }

  /** @param told every packet tells what has come in order; what came behind something missing does not show */
  #sendAck(told: boolean, now: number): void {
    const selective = this.#reassembly?.selective()
    if (told && !selective) return
    this.#send(packetOf(this.#header(PacketType.state, now), 0, selective), now)
  }

  /** @param type of what is sent again @returns false when nothing may leave now */
  #sendNext(type: number, now: number): boolean {
    const next = this.#outgoing.nextPacket((kind, bytes) => this.#packet(kind, now, bytes), now)
    if (!next) return false
    if (next.again) restamp(next.packet, this.#header(type, now))
    this.#send(next.packet, now)
    return true
  }

  /** Whether the connection is made by this packet. */
  #answersSyn(packet: Packet, now: number): boolean {
    if (packet.type !== PacketType.state) return false
    if (packet.ack !== ((this.#outgoing.next - 1) & 0xffff)) return false
    // The number is that of the peer's first packet, as libutp and libtorrent have it.
    this.accepted((packet.sequence - 1) & 0xffff, now)
    this.#user.connected()
    return !this.#over
  }

  /** What answers our acknowledgement may name the packet that we send next (libutp). */
  #reset({ ack }: Packet, kind: string): void {
    if (kind !== 'current' && ack !== this.#outgoing.next) return
    this.#end(failure(this.#reassembly ? 'ECONNRESET' : 'ECONNREFUSED'))
  }

  #measure(packet: Packet, now: number): void {
    this.#delay = (((now * 1000) >>> 0) - packet.timestamp) >>> 0
    const { shrank } = this.#theirDelay.add(this.#delay, now)
    if (shrank > 0) this.#outgoing.drifted(shrank)
  }

  #take(packet: Packet, now: number): void {
    const reassembly = this.#reassembly
    const fin = packet.type === PacketType.fin
    if (!reassembly || (packet.type !== PacketType.data && !fin)) return
    this.#ackDue = true
    const before = reassembly.last
    reassembly.accept(packet.sequence, packet.payload, this.#window, fin)
    if (this.#over) return
    if (reassembly.last !== before || reassembly.earlyBytes === 0) this.#completeAt = now
    if (!reassembly.ended || this.#endTold) return
    this.#endTold = true
    this.#user.ended()
  }

  #isMissing(now: number): boolean {
    return (this.#reassembly?.earlyBytes ?? 0) > 0 && now - this.#completeAt >= MISSING_MS
  }

  #end(why?: Error): void {
    this.#over = true
    this.#reassembly?.clear()
    this.#user.over(why)
  }
}
