import { ByteQueue } from './byte-queue.ts'
import { CongestionWindow } from './congestion-window.ts'
import { InFlight } from './in-flight.ts'
import { RoundTrip } from './round-trip.ts'
import { HEADER_BYTES, type Packet, PacketType } from './utp-packet.ts'

/** So many times in a row nothing was acknowledged: the peer is gone. */
const MAX_TIMEOUTS = 6
const MAX_SYN_TIMEOUTS = 3
/** A peer that takes nothing is asked this often whether it still does not. */
const PROBE_MS = 5000

/** Makes a packet with what is known of the connection now, and room for a payload of so many bytes. */
type MakePacket = (type: number, payloadBytes: number) => Buffer

/** What we send on one connection of uTP (BEP 29): what waits, what is on its way, and how much may be. */
export class Outgoing {
  readonly #payloadBytes: number
  readonly #waiting = new ByteQueue()
  readonly #inFlight: InFlight
  readonly #roundTrip = new RoundTrip()
  readonly #congestion: CongestionWindow
  /** Bytes that the peer takes. */
  #peerWindow = 0
  #timeouts = 0
  /** One packet may leave although the peer takes nothing. */
  #probe = false
  #probedAt = 0
  #ending = false
  #finSent = false

  /** @param sequence of the first packet @param packetBytes at most, the header included */
  constructor(sequence: number, packetBytes: number) {
    this.#payloadBytes = packetBytes - HEADER_BYTES
    this.#inFlight = new InFlight(sequence)
    this.#congestion = new CongestionWindow(packetBytes)
  }

  /** The number of the next packet. */
  get next(): number {
    return this.#inFlight.next
  }

  get waitingBytes(): number {
    return this.#waiting.length
  }

  get ended(): boolean {
    return this.#finSent
  }

  /** Everything, the end included, has come. */
  get delivered(): boolean {
    return this.#finSent && this.#inFlight.isEmpty
  }

  kindOf(ack: number): 'current' | 'old' | 'impossible' {
    return this.#inFlight.kindOf(ack)
  }

  /** The bytes must not change afterwards. */
  write(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
  }

  /** After what waits the peer is told that nothing more comes. */
  end(): void {
    this.#ending = true
  }

  syn(make: MakePacket, now: number): Buffer {
    const packet = make(PacketType.syn, 0)
    this.#inFlight.sent(packet, 0, now)
    return packet
  }

  /** @param packet of the peer; its `ack` is a current one */
  acknowledged(packet: Packet, now: number): void {
    const { type, ack, selective, window, delay } = packet
    // What the peer had no room for it did not keep.
    if (this.#peerWindow === 0 && window > 0) this.#inFlight.timedOut()
    this.#peerWindow = window
    const told = this.#inFlight.acknowledged(ack, selective, type === PacketType.state, now)
    if (told.roundTripMs !== undefined) this.#roundTrip.measured(told.roundTripMs)
    if (told.progress || window === 0) this.#timeouts = 0
    const busy = this.#waiting.length > 0
    if (told.bytes > 0) this.#congestion.acked(told.bytes, delay, busy, now)
    if (told.showsLoss) this.#congestion.lost(now, this.#roundTrip.ms)
  }

  /** The clocks of both sides drift apart (see BaseDelay). Microseconds. */
  drifted(by: number): void {
    this.#congestion.drifted(by)
  }

  /** The next packet that may leave now: a lost one, which has to be given the present times, or a new one. */
  nextPacket(
    make: MakePacket,
    now: number,
  ): { readonly packet: Buffer; readonly again: boolean } | undefined {
    const { bytes } = this.#congestion
    const lost = this.#inFlight.bytes < bytes ? this.#inFlight.resend(now) : undefined
    if (lost) return { packet: lost, again: true }
    if (this.#waiting.length > 0) {
      const next = this.#nextBytes
      return next > 0 ? { packet: this.#fill(make, next, now), again: false } : undefined
    }
    if (!this.#ending || this.#finSent) return undefined
    this.#finSent = true
    const fin = make(PacketType.fin, 0)
    this.#inFlight.sent(fin, 0, now)
    return { packet: fin, again: false }
  }

  /**
   * To be called several times a second. `gone`: the peer has not answered for too long.
   * @param connected it has answered once
   */
  tick(connected: boolean, now: number): 'gone' | undefined {
    this.#probe = this.#peerWindow === 0 && now - this.#probedAt >= PROBE_MS
    if (now - this.#inFlight.oldestSentAt < this.#roundTrip.timeoutMs) return undefined
    if (++this.#timeouts >= (connected ? MAX_TIMEOUTS : MAX_SYN_TIMEOUTS)) return 'gone'
    this.#roundTrip.timedOut()
    this.#congestion.timedOut()
    this.#inFlight.timedOut()
    return undefined
  }

  /** Bytes of the next packet; 0: none may leave now. */
  get #nextBytes(): number {
    const bytes = Math.min(this.#waiting.length, this.#payloadBytes)
    const room = Math.min(this.#congestion.bytes, this.#peerWindow) - this.#inFlight.bytes
    if (room >= bytes) return bytes
    if (!this.#inFlight.isEmpty) return 0
    // A window smaller than a packet is filled, and one of nothing is tried now and then.
    return this.#peerWindow > 0 ? Math.min(bytes, this.#peerWindow) : this.#probe ? bytes : 0
  }

  #fill(make: MakePacket, bytes: number, now: number): Buffer {
    if (this.#probe) this.#probedAt = now
    this.#probe = false
    const packet = make(PacketType.data, bytes)
    this.#waiting.take(packet.subarray(packet.length - bytes))
    this.#inFlight.sent(packet, bytes, now)
    return packet
  }
}
