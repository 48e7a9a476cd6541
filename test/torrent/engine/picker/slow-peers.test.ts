import { describe, expect, test } from '@jest/globals'
import { type PeerPlan, SharedLine } from '../simulated-peer.ts'
import { createSimulatedSwarm, type SimulatedSwarm } from '../simulated-swarm.ts'

const KiB = 1024
const MiB = 1024 * KiB
const SIZE = 24 * MiB
const MS = 40_000

const many = (n: number, plan: PeerPlan): Record<string, PeerPlan> =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`p${i}`, plan]))

const swarmOf = (peers: Record<string, PeerPlan>, pieceLength = 64 * KiB): SimulatedSwarm =>
  createSimulatedSwarm({ size: SIZE, pieceLength, peers, limit: 96 })

/** What a viewer who reads in order gets within a minute, once he has begun; in bytes a second. */
function read(swarm: SimulatedSwarm): number {
  const reader = swarm.reader(0, SIZE - 1)
  swarm.time.run(MS / 6)
  const before = reader.at
  swarm.time.run(MS)
  return ((reader.at - before) * 1000) / MS
}

/** What was verified after a minute, in bytes a second. */
function verified(swarm: SimulatedSwarm): number {
  swarm.reader(0, SIZE - 1)
  swarm.time.run(MS)
  return (swarm.verified.length * swarm.layout.pieceLength * 1000) / MS
}

describe('however slow the peers are, a swarm plays at what they send', () => {
  test.each([
    [30, 8, 64, 60, false],
    [30, 8, 256, 60, true],
    [30, 8, 64, 300, true],
    [20, 5, 64, 60, false],
    [3, 16, 32, 100, true],
  ])(
    '%d of %d KiB/s, pieces of %d KiB, %d ms away',
    (n, rate, pieceKiB, delayMs, sendsCancelled) => {
      const peers = many(n, { rate: rate * KiB, delayMs, sendsCancelled })
      const swarm = swarmOf(peers, pieceKiB * KiB)
      expect(read(swarm) / (n * rate * KiB)).toBeGreaterThan(0.9)
      expect(swarm.drops).toEqual([])
    },
  )

  test('a lone one of 2 KiB/s: eight seconds for a block are no silence', () => {
    const swarm = swarmOf(many(1, { rate: 2 * KiB }), 16 * KiB)
    expect(read(swarm) / (2 * KiB)).toBeGreaterThan(0.8)
    expect(swarm.drops).toEqual([])
  })

  test.each([
    [20, 8],
    [30, 3],
  ])('one of 100 KiB/s beside %d of %d: the viewer gets no less than from it alone', (n, rate) => {
    const best = { rate: 100 * KiB, delayMs: 60 }
    const alone = read(swarmOf({ best }))
    const slow = many(n, { rate: rate * KiB, delayMs: 60 })
    expect(read(swarmOf({ best, ...slow })) / alone).toBeGreaterThan(1)
    // And what the slow ones send is of use.
    expect(verified(swarmOf({ best, ...slow })) / ((100 + n * rate) * KiB)).toBeGreaterThan(0.7)
  })
})

describe('who sends nothing is no slow peer', () => {
  test('silent ones among slow ones are dropped, the slow ones stay', () => {
    const peers = { ...many(20, { rate: 8 * KiB }), mute: { rate: MiB, stallAfter: 0 } }
    const swarm = swarmOf(peers)
    expect(read(swarm) / (20 * 8 * KiB)).toBeGreaterThan(0.85)
    expect(swarm.drops).toEqual(['mute:snubbed'])
  })

  test('bytes that never make a block are not enough', () => {
    const peers = { slow: { rate: 100 }, a: { rate: 200 * KiB } }
    const swarm = swarmOf(peers)
    swarm.reader(0, SIZE - 1)
    swarm.time.run(65_000)
    expect(swarm.drops).toEqual(['slow:snubbed'])
  })

  test('when the fast one stalls, slow ones are asked for what it owes', () => {
    const peers = { ...many(10, { rate: 30 * KiB }), fast: { rate: MiB, stallAfter: 2 * MiB } }
    const swarm = swarmOf(peers)
    const reader = swarm.reader(0, SIZE - 1, 100 * KiB)
    swarm.time.run(MS)
    expect(reader.longestWait).toBeLessThan(4000)
    expect(swarm.drops).toEqual(['fast:snubbed'])
  })
})

describe('one line that all peers share', () => {
  /** Peers of uneven speed, together more than the line carries. */
  const behind = (line: SharedLine): Record<string, PeerPlan> =>
    Object.fromEntries(
      Array.from({ length: 24 }, (_, i) => {
        const rate = (20 + (i % 8) ** 3 * 2) * KiB
        return [`p${i}`, { rate, line, delayMs: 80, sendsCancelled: true }]
      }),
    )

  test.each(['whole', 'window'] as const)(
    'the viewer gets what it carries, whatever the fill: %s',
    (fill) => {
      const rate = 1.2e6
      const plan = { size: 2 * SIZE, pieceLength: 256 * KiB, limit: 48, fill }
      const swarm = createSimulatedSwarm({ ...plan, peers: behind(new SharedLine(rate)) })
      const reader = swarm.reader(0, plan.size - 1)
      swarm.time.run(5000)
      const [before, wasted] = [reader.at, swarm.wasted]
      swarm.time.run(15_000)
      expect((reader.at - before) / 15 / rate).toBeGreaterThan(0.8)
      const came = swarm.verified.length * plan.pieceLength
      expect(((swarm.wasted - wasted) * 16 * KiB) / came).toBeLessThan(0.03)
    },
  )
})
