/** What a packet is (BEP 29). `state` carries no data: it acknowledges. */
export const PacketType = { data: 0, fin: 1, state: 2, reset: 3, syn: 4 } as const

export const HEADER_BYTES = 20
/** The extension that tells which packets came behind one that is missing. */
const SELECTIVE_ACK = 1
const VERSION = 1
/** BEP 29 has two; a chain of hundreds would only be work. */
const MAX_EXTENSIONS = 8

/** The numbers of a header. Times are in microseconds, modulo 2^32; sequence numbers modulo 2^16. */
export interface Header {
  readonly type: number
  readonly connectionId: number
  /** When it was sent, by the sender's clock. */
  readonly timestamp: number
  /** How long the last packet of the other side took by the two clocks. */
  readonly delay: number
  /** Bytes that the sender still takes. */
  readonly window: number
  readonly sequence: number
  /** The last packet of the other side before which none is missing. */
  readonly ack: number
}

export interface Packet extends Header {
  /** Bit n: the packet `ack + 2 + n` has come. Lowest bit of each byte first. */
  readonly selective: Buffer | undefined
  readonly payload: Buffer
}

/** Undefined when it is no packet of uTP (BEP 29). The parts point into the datagram. */
export function readPacket(datagram: Buffer): Packet | undefined {
  if (datagram.length < HEADER_BYTES) return undefined
  const first = datagram[0] as number
  const type = first >> 4
  if ((first & 0x0f) !== VERSION || type > PacketType.syn) return undefined
  let at = HEADER_BYTES
  let extension = datagram[1] as number
  let selective: Buffer | undefined
  for (let count = 0; extension !== 0; count++) {
    if (count === MAX_EXTENSIONS || at + 2 > datagram.length) return undefined
    const end = at + 2 + (datagram[at + 1] as number)
    if (end > datagram.length) return undefined
    if (extension === SELECTIVE_ACK) selective = datagram.subarray(at + 2, end)
    extension = datagram[at] as number
    at = end
  }
  return {
    type,
    connectionId: datagram.readUInt16BE(2),
    timestamp: datagram.readUInt32BE(4),
    delay: datagram.readUInt32BE(8),
    window: datagram.readUInt32BE(12),
    sequence: datagram.readUInt16BE(16),
    ack: datagram.readUInt16BE(18),
    selective,
    payload: datagram.subarray(at),
  }
}

/** A packet with room for its payload, and a selective acknowledgement where one is given. */
export function packetOf(header: Header, payloadBytes = 0, selective?: Uint8Array): Buffer {
  const extra = selective ? 2 + selective.length : 0
  const packet = Buffer.allocUnsafe(HEADER_BYTES + extra + payloadBytes)
  packet[0] = (header.type << 4) | VERSION
  packet[1] = selective ? SELECTIVE_ACK : 0
  packet.writeUInt16BE(header.connectionId, 2)
  packet.writeUInt16BE(header.sequence, 16)
  restamp(packet, header)
  if (selective) {
    packet[HEADER_BYTES] = 0
    packet[HEADER_BYTES + 1] = selective.length
    packet.set(selective, HEADER_BYTES + 2)
  }
  return packet
}

/** Writes what has changed by the time a packet is sent (again). */
export function restamp(
  packet: Buffer,
  now: Pick<Header, 'timestamp' | 'delay' | 'window' | 'ack'>,
): void {
  packet.writeUInt32BE(now.timestamp, 4)
  packet.writeUInt32BE(now.delay, 8)
  packet.writeUInt32BE(now.window, 12)
  packet.writeUInt16BE(now.ack, 18)
}

/** How many numbers `to` comes after `from`, as far as 16 bits tell: 0 to 65,535. */
export const stepsFrom = (from: number, to: number): number => (to - from) & 0xffff

export const sequenceAfter = (sequence: number, steps = 1): number => (sequence + steps) & 0xffff
