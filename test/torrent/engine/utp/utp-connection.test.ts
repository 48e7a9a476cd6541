import { describe, expect, test } from '@jest/globals'
import { PacketType, packetOf, readPacket } from '../../../../torrent/engine/utp/utp-packet.ts'
import { type SeededRandom, seededRandom } from '../../../common/seeded-random.ts'
import { payload, sha1 } from '../../../support/swarm/payload.ts'
import { type Side, SimulatedWay, type WayPlan } from './simulated-way.ts'

const HOUR_MS = 3_600_000
const film = payload('film', 1_000_000)
const hello = payload('hello', 68)
const request = payload('request', 5000)

const asked = Buffer.concat([hello, request])

const sum = (side: Side): string => sha1(Buffer.concat(side.received)).toString('hex')
const hash = (bytes: Buffer): string => sha1(bytes).toString('hex')

function connected(plan: WayPlan, random = seededRandom(1), receiveBytes?: number): SimulatedWay {
  const way = new SimulatedWay(plan, random, receiveBytes)
  way.open()
  way.time.runUntil(() => way.first.events.length > 0, HOUR_MS)
  // Who was connected to knows what the other takes when it says something.
  way.write(way.first, hello)
  way.time.runUntil(() => way.second.bytes === hello.length, HOUR_MS)
  return way
}

/** The first side asks, the second answers with a film; then both end. */
function play(plan: WayPlan, random: SeededRandom): SimulatedWay {
  const way = connected(plan, random)
  way.write(way.first, request)
  way.write(way.second, film)
  way.end(way.first)
  way.end(way.second)
  way.time.runUntil(() => [way.first, way.second].every((one) => one.events.length >= 2), HOUR_MS)
  way.time.run(60_000)
  return way
}

describe('what was written comes, in order and once', () => {
  test.each<[string, WayPlan]>([
    ['on a good line', { delayMs: 20 }],
    ['where packets are lost', { delayMs: 40, loss: 0.05 }],
    [
      'where they are lost, doubled and overtake each other',
      {
        ...{ delayMs: 40, loss: 0.05, twice: 0.1, late: 0.2 },
      },
    ],
    ['where every fifth is lost', { delayMs: 10, loss: 0.2 }],
    ['through a short queue', { delayMs: 40, rate: 500_000, queueBytes: 20_000 }],
    ['although the clocks differ by an hour', { delayMs: 20, loss: 0.01, skew: 3.6e9 }],
  ])('%s', (_where, plan) => {
    for (const random of [seededRandom(1), seededRandom(1239464949), seededRandom()]) {
      // Three packets that would begin it may all be lost: then it ends, and is begun anew.
      let way = play(plan, random)
      for (let more = 0; more < 20 && way.first.events[0] !== 'connected'; more++) {
        expect([sum(way.second), way.memory.free]).toEqual([hash(Buffer.alloc(0)), 8 << 20])
        way = play(plan, random)
      }
      const { first, second, memory } = way
      const told = [random.seed, sum(first), sum(second), memory.free]
      expect(told).toEqual([random.seed, hash(film), hash(asked), 8 << 20])
      expect([first.events[0], first.events[1]]).toEqual(['connected', 'ended'])
    }
  })

  test('both ends, and then nothing more is sent', () => {
    const way = play({ delayMs: 20 }, seededRandom(3))
    expect([way.first.events, way.second.events]).toEqual([
      ...[
        ['connected', 'ended', 'over'],
        ['ended', 'over'],
      ],
    ])
    const before = way.first.sent + way.second.sent
    way.time.run(HOUR_MS)
    expect(way.first.sent + way.second.sent).toBe(before)
  })
})

describe('what is lost', () => {
  test('is sent again at once when others came behind it, and nothing else is', () => {
    const way = connected({ delayMs: 50 })
    let nth = 0
    way.onPacket = (packet, from) => {
      const isData = readPacket(packet)?.type === PacketType.data
      if (from === way.second && isData) nth++
      return from === way.second && isData && nth === 3 ? undefined : packet
    }
    const some = film.subarray(0, 100_000)
    way.write(way.second, some)
    way.time.runUntil(() => way.first.bytes === some.length, HOUR_MS)
    const packets = Math.ceil(some.length / 1360)
    expect([sum(way.first), nth]).toEqual([hash(some), packets + 1])
  })

  test('costs few packets more than it has to', () => {
    const loss = 0.05
    const way = play({ delayMs: 40, loss }, seededRandom(4))
    const needed = film.length / 1360 / (1 - loss)
    expect(way.second.sent).toBeLessThan(needed * 1.1)
  })
})

describe('a line that others use too (LEDBAT)', () => {
  test('is filled, but the queue of its router is not', () => {
    const rate = 1_000_000
    const way = connected({ delayMs: 30, rate, queueBytes: 1 << 20 })
    const from = way.time.now
    way.write(way.second, Buffer.concat(Array(10).fill(film)))
    way.time.runUntil(() => way.first.bytes === 10 * film.length, HOUR_MS)
    const share = (way.first.bytes * 1000) / (way.time.now - from) / rate
    expect(share).toBeGreaterThan(0.9)
    // The router would hold for a second; BEP 29 aims at a tenth of it.
    expect(way.longestQueueMs).toBeLessThan(300)
  })
})

describe('a reader that takes nothing', () => {
  test('gets no more than may wait, and all of it when it goes on', () => {
    const receiveBytes = 100_000
    const way = connected({ delayMs: 20 }, seededRandom(5), receiveBytes)
    way.first.takes = false
    way.write(way.second, film)
    way.time.run(60_000)
    expect(way.first.bytes).toBeLessThanOrEqual(receiveBytes)
    expect(way.first.bytes).toBeGreaterThan(receiveBytes * 0.9)
    const before = way.second.sent
    way.time.run(60_000)
    // It is asked now and then whether it still takes nothing.
    expect(way.second.sent - before).toBeLessThan(60)
    way.take(way.first)
    way.time.runUntil(() => way.first.bytes === film.length, HOUR_MS)
    expect(sum(way.first)).toBe(hash(film))
  })
})

describe('a peer that is gone', () => {
  test.each(['before it answered', 'in the middle'])('%s: it is told after a few tries', (when) => {
    const way = new SimulatedWay({ delayMs: 20 }, seededRandom(6))
    if (when === 'before it answered') way.onPacket = () => undefined
    way.open()
    way.time.run(200)
    way.onPacket = () => undefined
    way.write(way.first, request)
    way.time.run(HOUR_MS)
    expect(way.first.events.at(-1)).toBe('uTP: ETIMEDOUT')
    expect(way.first.sent).toBeLessThan(40)
  })

  test('one that closed says so', () => {
    const way = connected({ delayMs: 20 })
    way.write(way.first, request)
    way.time.run(200)
    way.close(way.second)
    way.time.run(200)
    expect(way.first.events).toEqual(['connected', 'uTP: ECONNRESET'])
  })
})

describe('somebody lies', () => {
  const forged = (more: object, payloadBytes = 0): Buffer =>
    packetOf(
      {
        ...{ type: PacketType.data, connectionId: 100, timestamp: 1, delay: 0 },
        ...{ window: 1 << 20, sequence: 1, ack: 1, ...more },
      },
      payloadBytes,
    )

  /** The numbers of the last packet that the second side sent. */
  function connectedWith(receiveBytes = 100_000) {
    const way = connected({ delayMs: 20 }, seededRandom(7), receiveBytes)
    let sequence = 0
    let ack = 0
    way.onPacket = (packet, from) => {
      const read = readPacket(packet)
      if (from === way.second && read) {
        ack = read.ack
        sequence = read.sequence
      }
      return packet
    }
    way.write(way.second, request)
    way.time.run(500)
    // From now on the peer is somebody else.
    way.onPacket = (packet, from) => (from === way.second ? undefined : packet)
    return { way, ack, next: (sequence + 1) & 0xffff }
  }

  test('a RESET or data that acknowledges what was never sent counts for nothing', () => {
    const { way, ack, next } = connectedWith()
    const before = way.first.bytes
    for (const steps of [2, 3, 500, 0x7fff, 0x8000, 0xfff0]) {
      const wrong = { ack: (ack + steps) & 0xffff }
      way.inject(forged({ type: PacketType.reset, sequence: next, ...wrong }), way.first)
    }
    way.inject(forged({ sequence: next, ack: (ack + 9) & 0xffff }, 100), way.first)
    expect([way.first.bytes, way.first.events]).toEqual([before, ['connected']])
  })

  test('packets behind a hole take no more memory than there is, and not for ever', () => {
    const { way, ack, next } = connectedWith()
    const all = way.memory.free
    for (let i = 1; i < 5000; i++) {
      way.inject(forged({ sequence: (next + i) & 0xffff, ack }, 1), way.first)
      expect(all - way.memory.free).toBeLessThanOrEqual(100_000 + 1000)
    }
    expect(all - way.memory.free).toBeGreaterThan(50_000)
    way.time.run(HOUR_MS)
    expect([way.memory.free, way.first.events.at(-1)]).toEqual([all, 'uTP: ETIMEDOUT'])
  })

  test('bytes beyond the window are not taken', () => {
    const { way, ack, next } = connectedWith()
    way.first.takes = false
    for (let i = 0; i < 500; i++) {
      way.inject(forged({ sequence: (next + i) & 0xffff, ack }, 1000), way.first)
    }
    expect(way.first.unread).toBeLessThanOrEqual(100_000)
  })

  test('the same packet again and again brings nothing, and one answer each at most', () => {
    const { way, ack, next } = connectedWith()
    const before = [way.first.bytes, way.first.sent] as const
    for (let i = 0; i < 1000; i++) way.inject(forged({ sequence: next, ack }, 50), way.first)
    expect(way.first.bytes).toBe(before[0] + 50)
    expect(way.first.sent - before[1]).toBeLessThanOrEqual(1000)
  })
})
