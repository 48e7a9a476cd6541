import { ReceiveMemory } from '../../../../torrent/engine/utp/receive-memory.ts'
import { UtpConnection } from '../../../../torrent/engine/utp/utp-connection.ts'
import { PacketType, packetOf, readPacket } from '../../../../torrent/engine/utp/utp-packet.ts'
import type { SeededRandom } from '../../../common/seeded-random.ts'
import { createVirtualTime, type VirtualTime } from '../virtual-time.ts'

/** What happens to packets on their way; the same in both directions. */
export interface WayPlan {
  readonly delayMs: number
  /** Shares of the packets. */
  readonly loss?: number
  readonly twice?: number
  readonly late?: number
  /** Bytes a second; and bytes that wait for their turn at most, which is the queue of a router. */
  readonly rate?: number
  readonly queueBytes?: number
  /** Microseconds of the second side's clock before the first one's. */
  readonly skew?: number
}

export interface Side {
  readonly connection: UtpConnection
  /** What came, in order. */
  readonly received: Buffer[]
  readonly events: string[]
  /** Packets that this side sent. */
  sent: number
  /** Bytes that came and that nobody has taken; with `takes` set to false they stay. */
  unread: number
  takes: boolean
  bytes: number
}

const TICK_MS = 50
const IDS = { first: { receive: 100, send: 101 }, second: { receive: 101, send: 100 } }

/** Two sides of uTP and the way between them, in virtual time. */
export class SimulatedWay {
  readonly time: VirtualTime = createVirtualTime()
  readonly memory = new ReceiveMemory(8 << 20)
  readonly first: Side
  readonly second: Side
  /** Set it to see or change what leaves; answers what is sent instead, or undefined to lose it. */
  onPacket: ((packet: Buffer, from: Side) => Buffer | undefined) | undefined
  /** The longest that a packet of the second side waited for its turn, milliseconds. */
  longestQueueMs = 0
  readonly #plan: WayPlan
  readonly #random: SeededRandom
  readonly #free = new Map<Side, number>()
  /** Of the first packet of each side. */
  readonly #sequences: number[] = []
  #accepted = false

  constructor(plan: WayPlan, random: SeededRandom, receiveBytes = 2 << 20) {
    this.#plan = plan
    this.#random = random
    this.first = this.#side(IDS.first, () => this.second, receiveBytes)
    this.second = this.#side(IDS.second, () => this.first, receiveBytes)
    this.time.every(TICK_MS, () => {
      this.first.connection.tick(this.#now(this.first))
      if (this.#accepted) this.second.connection.tick(this.#now(this.second))
    })
  }

  /** The first side connects to the second. */
  open(): void {
    this.first.connection.open(this.#now(this.first))
  }

  write(side: Side, bytes: Uint8Array): void {
    side.connection.write(bytes)
    this.flush(side)
  }

  end(side: Side): void {
    side.connection.end()
    this.flush(side)
  }

  close(side: Side): void {
    side.connection.close(this.#now(side))
  }

  flush(side: Side): void {
    side.connection.flush(this.#now(side))
  }

  /** The reader of this side takes everything, from now on too. */
  take(side: Side): void {
    side.takes = true
    side.unread = 0
    side.connection.taken()
    this.flush(side)
  }

  /** A packet that somebody sends to this side in the other one's name. */
  inject(packet: Buffer, to: Side): void {
    const read = readPacket(packet)
    if (!read) return
    to.connection.receive(read, this.#now(to))
    this.flush(to)
  }

  #now(side: Side): number {
    return this.time.now + (side === this.second ? (this.#plan.skew ?? 0) / 1000 : 0)
  }

  #side(ids: typeof IDS.first, other: () => Side, receiveBytes: number): Side {
    const sequence = this.#random.below(0x10000)
    this.#sequences.push(sequence)
    const options = { ids, sequence, packetBytes: 1380, receiveBytes, memory: this.memory }
    const connection = new UtpConnection(options, {
      send: (packet) => this.#send(packet, side, other()),
      connected: () => void side.events.push('connected'),
      received: (bytes) => {
        side.received.push(Buffer.from(bytes))
        side.bytes += bytes.length
        if (!side.takes) side.unread += bytes.length
      },
      ended: () => void side.events.push('ended'),
      drained: () => {},
      over: (why) => void side.events.push(why ? why.message : 'over'),
      get unread() {
        return side.unread
      },
    })
    const side: Side = Object.assign(
      { connection, received: [] as Buffer[], events: [] as string[] },
      { sent: 0, unread: 0, takes: true, bytes: 0 },
    )
    return side
  }

  #send(given: Buffer, from: Side, to: Side): void {
    from.sent++
    const packet = this.onPacket ? this.onPacket(given, from) : given
    const { delayMs, loss = 0, twice = 0, late = 0 } = this.#plan
    if (!packet || this.#chance(loss)) return
    const queueMs = this.#queue(packet, from)
    if (queueMs === undefined) return
    const copy = Buffer.from(packet)
    const more = this.#chance(late) ? this.#random.below(2 * delayMs) : 0
    const arrives = (): void => this.#arrive(copy, to)
    this.time.after(delayMs + queueMs + more, arrives)
    if (this.#chance(twice)) this.time.after(delayMs * 1.5 + queueMs, arrives)
  }

  /** How long it waits until it has left; undefined when the queue is full. */
  #queue(packet: Buffer, from: Side): number | undefined {
    const { rate, queueBytes = 1 << 20 } = this.#plan
    if (!rate) return 0
    const { now } = this.time
    const free = Math.max(now, this.#free.get(from) ?? 0)
    if (((free - now) / 1000) * rate + packet.length > queueBytes) return undefined
    const left = free + (packet.length / rate) * 1000
    this.#free.set(from, left)
    if (from === this.second) this.longestQueueMs = Math.max(this.longestQueueMs, left - now)
    return left - now
  }

  #arrive(datagram: Buffer, to: Side): void {
    const packet = readPacket(datagram)
    if (!packet) throw new Error('not a packet of ours')
    if (packet.type === PacketType.syn) this.#syn(packet.sequence)
    else to.connection.receive(packet, this.#now(to))
    this.flush(to)
  }

  /** As torrent/engine/utp/utp-strangers.ts answers; here it is remembered at once. */
  #syn(ack: number): void {
    const { second } = this
    if (!this.#accepted) second.connection.accepted(ack, this.#now(second))
    this.#accepted = true
    const [, sequence = 0] = this.#sequences
    const numbers = { type: PacketType.state, connectionId: IDS.first.receive, sequence, ack }
    const empty = { timestamp: 0, delay: 0, window: 1 << 20 }
    this.#send(packetOf({ ...numbers, ...empty }), second, this.first)
  }

  #chance(share: number): boolean {
    return this.#random.below(1e6) < share * 1e6
  }
}
