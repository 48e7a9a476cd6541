import { sequenceAfter, stepsFrom } from './utp-packet.ts'

/** So many packets that came behind one tell that it is lost (BEP 29). */
const LOST_BEHIND = 3

interface Sent {
  readonly sequence: number
  readonly packet: Buffer
  /** Bytes of the payload. */
  readonly bytes: number
  sentAt: number
  times: number
  /** The peer has it, although one before it is missing. */
  came: boolean
  /** Counted as lost, and not sent again yet. */
  lost: boolean
}

/** What an acknowledgement told. */
export interface Acknowledged {
  /** Payload bytes that are known to have come by it, and not before. */
  readonly bytes: number
  /** Milliseconds; undefined when none can be told. */
  readonly roundTripMs: number | undefined
  /** Something is acknowledged by it that was not before. */
  readonly progress: boolean
  /** It shows that packets are lost. */
  readonly showsLoss: boolean
}

/** The packets that we sent and the peer has not acknowledged, in their order (BEP 29). */
export class InFlight {
  readonly #packets: Sent[] = []
  /** Payload bytes that are on their way: those that came or are lost are not. */
  #bytes = 0
  #lost = 0
  #next: number
  #repeatedAcks = 0

  /** @param next number of the first packet */
  constructor(next: number) {
    this.#next = next
  }

  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#packets.length === 0
  }

  /** The number of the next packet. */
  get next(): number {
    return this.#next
  }

  /** When the oldest was sent the last time; Infinity without any. */
  get oldestSentAt(): number {
    return this.#packets[0]?.sentAt ?? Infinity
  }

  /** @param bytes of its payload */
  sent(packet: Buffer, bytes: number, now: number): void {
    const one = { packet, bytes, sentAt: now, times: 1, came: false, lost: false }
    this.#packets.push({ ...one, sequence: this.#next })
    this.#next = sequenceAfter(this.#next)
    this.#bytes += bytes
  }

  /** What an acknowledgement tells: of something that is here, of what was acknowledged before, or a lie. */
  kindOf(ack: number): 'current' | 'old' | 'impossible' {
    const steps = stepsFrom(this.#before, ack)
    if (steps <= this.#packets.length) return 'current'
    return steps > 0x8000 ? 'old' : 'impossible'
  }

  /**
   * @param ack a current one (kindOf)
   * @param selective bit n: `ack + 2 + n` has come
   * @param repeats the packet carries nothing else: the same `ack` again may be a sign of loss
   */
  acknowledged(
    ack: number,
    selective: Uint8Array | undefined,
    repeats: boolean,
    now: number,
  ): Acknowledged {
    let bytes = 0
    let progress = false
    let roundTripMs: number | undefined
    const steps = stepsFrom(this.#before, ack)
    const came = (one: Sent): void => {
      if (one.came) return
      one.came = progress = true
      if (one.lost) this.#lost--
      else this.#bytes -= one.bytes
      one.lost = false
      bytes += one.bytes
      if (one.times === 1) roundTripMs = now - one.sentAt
    }
    for (const one of this.#packets.splice(0, steps)) came(one)
    if (steps > 0 || this.isEmpty) this.#repeatedAcks = 0
    else if (repeats) this.#repeatedAcks++
    if (selective) for (const one of this.#named(selective)) came(one)
    const mayLack = selective !== undefined || this.#repeatedAcks >= LOST_BEHIND
    return { bytes, roundTripMs, progress, showsLoss: mayLack && this.#findLost() }
  }

  /** The next packet that was lost, to be sent again now. */
  resend(now: number): Buffer | undefined {
    const one = this.#lost > 0 && this.#packets.find(({ lost }) => lost)
    if (!one) return undefined
    one.lost = false
    this.#lost--
    one.times++
    one.sentAt = now
    this.#bytes += one.bytes
    return one.packet
  }

  get hasLost(): boolean {
    return this.#lost > 0
  }

  /** None was acknowledged in time: all that the peer does not have counts as lost. */
  timedOut(): void {
    this.#repeatedAcks = 0
    for (const one of this.#packets) if (!one.came) this.#lose(one)
  }

  get #before(): number {
    return sequenceAfter(this.#next, -1 - this.#packets.length)
  }

  #named(selective: Uint8Array): Sent[] {
    // The first of ours is `ack + 1`, which is missing.
    return this.#packets.filter((_, nth) => {
      const bit = nth - 1
      return bit >= 0 && ((selective[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0
    })
  }

  #findLost(): boolean {
    let behind = 0
    let found = false
    for (let nth = this.#packets.length - 1; nth >= 0; nth--) {
      const one = this.#packets[nth] as Sent
      if (one.came) behind++
      else if (one.times === 1 && behind >= LOST_BEHIND) found = this.#lose(one) || found
    }
    const [first] = this.#packets
    if (first?.times === 1 && this.#repeatedAcks >= LOST_BEHIND) found = this.#lose(first) || found
    return found
  }

  /** False when it counts as lost already. */
  #lose(one: Sent): boolean {
    if (one.lost) return false
    one.lost = true
    this.#lost++
    this.#bytes -= one.bytes
    return true
  }
}
