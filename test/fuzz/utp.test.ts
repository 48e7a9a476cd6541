import { expect } from '@jest/globals'
import fc from 'fast-check'
import { PacketType, packetOf, readPacket } from '../../torrent/engine/utp/utp-packet.ts'
import { seededRandom } from '../common/seeded-random.ts'
import { SimulatedWay } from '../torrent/engine/utp/simulated-way.ts'
import { anyBytes, mutatedBytes } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'

const uint16 = fc.nat(0xffff)
const uint32 = fc.nat(0xffff_ffff)
const header = fc.record({
  type: fc.nat(PacketType.syn),
  connectionId: uint16,
  ...{ timestamp: uint32, delay: uint32, window: uint32, sequence: uint16, ack: uint16 },
})
const selective = fc.option(fc.uint8Array({ minLength: 4, maxLength: 255 }), { nil: undefined })
const packet = fc
  .tuple(header, selective, fc.nat(60))
  .map(([numbers, bits, bytes]) => packetOf(numbers, bytes, bits))

fuzz(
  'uTP: what is written is read; anything else is a packet within its bounds, or none',
  fc.property(
    header,
    selective,
    fc.oneof(
      anyBytes,
      packet.chain((one) => mutatedBytes([one])),
    ),
    (numbers, bits, bytes) => {
      const read = readPacket(packetOf(numbers, 3, bits))
      expect(read).toMatchObject(numbers)
      expect([read?.payload.length, read?.selective?.length]).toEqual([3, bits?.length])
      const foreign = readPacket(Buffer.from(bytes))
      if (!foreign) return
      expect(foreign.type).toBeLessThanOrEqual(PacketType.syn)
      expect(20 + foreign.payload.length + (foreign.selective?.length ?? 0)).toBeLessThanOrEqual(
        bytes.length,
      )
    },
  ),
)

const RECEIVE_BYTES = 10_000

/** Numbers near those that count, so that some of what is sent is believed. */
const near = (number: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: -3, max: 12 }).map((steps) => (number + steps) & 0xffff),
    uint16,
  )

fuzz(
  'uTP: whatever a peer sends, what it takes is bounded, and it gets no more than it sent',
  fc.property(
    fc.array(fc.tuple(packet, near(0), near(0), fc.nat(3)), { maxLength: 60 }),
    (packets) => {
      const way = new SimulatedWay({ delayMs: 10 }, seededRandom(1), RECEIVE_BYTES)
      const all = way.memory.free
      let [sequence, ack] = [0, 0]
      way.onPacket = (sent, from) => {
        const read = readPacket(sent)
        if (from === way.second && read) [sequence, ack] = [read.sequence, read.ack]
        return sent
      }
      way.open()
      way.time.run(200)
      way.write(way.first, Buffer.alloc(3000))
      way.time.run(200)
      way.first.takes = false
      const before = way.first.sent
      for (const [datagram, aheadOf, more, how] of packets) {
        datagram.writeUInt16BE(100, 2)
        if (how > 0) datagram.writeUInt16BE((sequence + aheadOf) & 0xffff, 16)
        if (how > 1) datagram.writeUInt16BE((ack + more) & 0xffff, 18)
        way.inject(datagram, way.first)
        expect(way.first.unread).toBeLessThanOrEqual(RECEIVE_BYTES)
        expect(all - way.memory.free).toBeLessThanOrEqual(RECEIVE_BYTES + 1024)
      }
      expect(way.first.sent - before).toBeLessThanOrEqual(packets.length + 4)
      way.close(way.first)
      expect(way.memory.free).toBe(all)
    },
  ),
)
