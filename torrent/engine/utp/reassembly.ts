import type { ReceiveMemory } from './receive-memory.ts'
import { sequenceAfter, stepsFrom } from './utp-packet.ts'

/** How far ahead of what is missing a packet may be. */
const MAX_AHEAD = 4096
/** What a packet takes in memory beside its bytes: a peer may send many of one byte. */
const PACKET_COST = 256
/** Bytes of a selective acknowledgement at most; BEP 29 has multiples of four. */
const MAX_SELECTIVE_BYTES = 64

/** Puts the packets of a peer back into their order (BEP 29). */
export class Reassembly {
  readonly #memory: ReceiveMemory
  readonly #deliver: (bytes: Buffer) => void
  /** Packets behind one that is missing. */
  readonly #early = new Map<number, Buffer>()
  #earlyBytes = 0
  /** The last one before which none is missing. */
  #last: number
  /** The highest that came, in steps from `#last`. */
  #span = 0
  /** The number of the last packet that the peer will send. */
  #fin: number | undefined

  /**
   * @param last the number before the first packet that is to come
   * @param deliver gets the bytes in their order
   */
  constructor(last: number, memory: ReceiveMemory, deliver: (bytes: Buffer) => void) {
    this.#last = last
    this.#memory = memory
    this.#deliver = deliver
  }

  /** What is to be acknowledged. */
  get last(): number {
    return this.#last
  }

  /** What came before its turn takes so many bytes. */
  get earlyBytes(): number {
    return this.#earlyBytes
  }

  /** The peer sent everything, and it has been delivered. */
  get ended(): boolean {
    return this.#fin === this.#last
  }

  /**
   * Takes a packet, unless it came before or is beyond what may come: the peer sends such a one again.
   * @param room bytes that may come
   * @param fin it is the last one of the peer
   */
  accept(sequence: number, bytes: Buffer, room: number, fin: boolean): void {
    const steps = stepsFrom(this.#last, sequence)
    if (steps === 0 || steps > MAX_AHEAD || this.#early.has(sequence)) return
    if (this.#fin !== undefined && steps > stepsFrom(this.#last, this.#fin)) return
    if (bytes.length > room || (steps > 1 && !this.#keep(sequence, bytes))) return
    if (fin && this.#fin === undefined && steps >= this.#span) this.#fin = sequence
    this.#span = Math.max(this.#span, steps)
    if (steps === 1) this.#advance(bytes)
  }

  /** Undefined when nothing is missing. */
  selective(): Uint8Array | undefined {
    if (this.#early.size === 0) return undefined
    const words = Math.ceil((this.#span - 1) / 32)
    const bits = new Uint8Array(Math.min(words * 4, MAX_SELECTIVE_BYTES))
    for (const sequence of this.#early.keys()) {
      const bit = stepsFrom(this.#last, sequence) - 2
      const at = bit >> 3
      if (at < bits.length) bits[at] = (bits[at] ?? 0) | (1 << (bit & 7))
    }
    return bits
  }

  /** Gives back the memory. */
  clear(): void {
    this.#memory.give(this.#earlyBytes)
    this.#earlyBytes = 0
    this.#early.clear()
  }

  #keep(sequence: number, bytes: Buffer): boolean {
    const cost = bytes.length + PACKET_COST
    if (!this.#memory.take(cost)) return false
    this.#earlyBytes += cost
    this.#early.set(sequence, bytes)
    return true
  }

  #advance(bytes: Buffer): void {
    let next: Buffer | undefined = bytes
    while (next !== undefined) {
      this.#last = sequenceAfter(this.#last)
      this.#span--
      if (next.length > 0) this.#deliver(next)
      const sequence = sequenceAfter(this.#last)
      next = this.#early.get(sequence)
      if (next === undefined || !this.#early.delete(sequence)) return
      const cost = next.length + PACKET_COST
      this.#earlyBytes -= cost
      this.#memory.give(cost)
    }
  }
}
