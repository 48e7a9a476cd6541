import { LRUCache } from 'lru-cache'
import type { AddressRules } from '../../../common/network/address-rules.ts'
import { SynCookies } from './syn-cookies.ts'
import { type Packet, PacketType, packetOf, sequenceAfter } from './utp-packet.ts'
import type { UtpIds } from './utp-user.ts'

/** Packets of no known connection that are looked at in a second. */
const MOST_A_SECOND = 500
/** Connections that have ended and whose peers may not know. */
const MAX_ENDED = 1000
const ENDED_MS = 60_000

export interface Remote {
  readonly address: string
  readonly port: number
}

/** The numbers of a connection that somebody made to us. */
export interface Accepted {
  readonly ids: UtpIds
  /** Of our first packet. */
  readonly sequence: number
  /** Of the peer's SYN. */
  readonly last: number
}

interface StrangersDeps {
  readonly rules: AddressRules
  /** Whether a connection from this address would be taken. */
  hasRoom(address: string): boolean
  /** Bytes that the peer may send at first. */
  readonly window: number
}

/** A connection by where its packets come from, and the number in them. */
export const keyOf = ({ address, port }: Remote, connectionId: number): string =>
  `${connectionId} ${port} ${address}`

/** Packets (BEP 29) that belong to no connection. Anybody may have sent them, in anybody's name. */
export class UtpStrangers {
  readonly #deps: StrangersDeps
  readonly #cookies = new SynCookies()
  readonly #ended = new LRUCache<string, number>({ max: MAX_ENDED, ttl: ENDED_MS })
  #looked = 0
  #lookedSince = 0

  constructor(deps: StrangersDeps) {
    this.#deps = deps
  }

  /** We ended the connection; its peer may not have heard of it. */
  ended(remote: Remote, { send, receive }: UtpIds): void {
    this.#ended.set(keyOf(remote, receive), send)
  }

  /** What it is answered with, which has no more bytes than the packet; or the connection that it makes. */
  look(packet: Packet, from: Remote): Buffer | Accepted | undefined {
    if (packet.type === PacketType.reset || !this.#mayLook()) return undefined
    // It may be sent in the name of an address that we must not send to.
    if (!this.#deps.rules.allows(from.address, from.port)) return undefined
    if (packet.type === PacketType.syn) return this.#answerSyn(packet, from)
    return this.#accept(packet, from) ?? this.#answerEnded(packet, from)
  }

  #mayLook(): boolean {
    const now = performance.now()
    if (now - this.#lookedSince >= 1000) {
      this.#lookedSince = now
      this.#looked = 0
    }
    return ++this.#looked <= MOST_A_SECOND
  }

  #answerSyn(syn: Packet, { address, port }: Remote): Buffer | undefined {
    const { connectionId, sequence } = syn
    const { window } = this.#deps
    if (!this.#deps.hasRoom(address)) return undefined
    const now = performance.now()
    const cookie = this.#cookies.cookieFor({ address, port, connectionId, sequence }, now)
    const timestamp = (now * 1000) >>> 0
    const delay = (timestamp - syn.timestamp) >>> 0
    const ids = { connectionId, sequence: cookie, ack: sequence }
    return packetOf({ type: PacketType.state, ...ids, timestamp, delay, window })
  }

  /** The first packet behind a SYN of which nothing is remembered. */
  #accept(packet: Packet, { address, port }: Remote): Accepted | undefined {
    const send = sequenceAfter(packet.connectionId, -1)
    const last = sequenceAfter(packet.sequence, -1)
    const sequence = sequenceAfter(packet.ack)
    if (packet.type !== PacketType.data || !this.#deps.hasRoom(address)) return undefined
    const syn = { address, port, connectionId: send, sequence: last }
    if (!this.#cookies.matches(syn, sequence, performance.now())) return undefined
    return { ids: { send, receive: packet.connectionId }, sequence, last }
  }

  /** Our RESET was lost. */
  #answerEnded({ type, connectionId, sequence }: Packet, from: Remote): Buffer | undefined {
    const send = this.#ended.get(keyOf(from, connectionId))
    if (send === undefined) return undefined
    const ack = type === PacketType.state ? sequenceAfter(sequence, -1) : sequence
    const timestamp = (performance.now() * 1000) >>> 0
    const numbers = { connectionId: send, sequence: 0, ack, timestamp }
    return packetOf({ type: PacketType.reset, ...numbers, delay: 0, window: 0 })
  }
}
