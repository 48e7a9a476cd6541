import { describe, expect, test } from '@jest/globals'
import { seededRandom } from '../../../common/seeded-random.ts'
import { type PeerPlan, SharedLine } from '../simulated-peer.ts'
import { createSimulatedSwarm, type SimulatedSwarm } from '../simulated-swarm.ts'

const KiB = 1024
const MiB = 1024 * KiB
const SIZE = 32 * MiB

const many = (n: number, plan: (i: number) => PeerPlan): Record<string, PeerPlan> =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`p${i}`, plan(i)]))

function readAll(peers: Record<string, PeerPlan>, pieceLength = 512 * KiB): SimulatedSwarm {
  const swarm = createSimulatedSwarm({ size: SIZE, pieceLength, peers, limit: 96 })
  const reader = swarm.reader(0, SIZE - 1)
  expect(swarm.time.runUntil(() => reader.done, 120_000)).toBe(true)
  return swarm
}

/** Blocks that came and were not wanted, as a share of all that were. */
const twice = ({ wasted }: SimulatedSwarm): number => (wasted * 16 * KiB) / SIZE

describe('hardly anything comes twice', () => {
  test.each([
    [50, 2.5e6],
    [20, 4e6],
    [8, 1e6],
  ])('%d peers on one line of %d bytes a second', (n, rate) => {
    const line = new SharedLine(rate)
    const plan = { rate: 3e6, line, delayMs: 80, slowStart: true, sendsCancelled: true }
    expect(twice(readAll(many(n, () => plan)))).toBeLessThan(0.03)
  })

  test.each([0.01, 0.03])('%d of all packets lost', (loss) => {
    const plan = { rate: 1e6, delayMs: 80, loss, sendsCancelled: true }
    expect(twice(readAll(many(8, () => plan)))).toBeLessThan(0.03)
  })

  const random = seededRandom()
  test(`peers whose delay wavers (seed ${random.seed})`, () => {
    const delayMs = (): number => 40 + random.below(400)
    const plan = { rate: 200e3, delayMs, sendsCancelled: true }
    expect(twice(readAll(many(12, () => plan)))).toBeLessThan(0.03)
  })
})

describe('what is lost is asked for again, however much it is', () => {
  test('several peers fall silent at once, each with blocks of the next pieces', () => {
    const silent = many(6, () => ({ rate: 600e3, stallAfter: 3 * MiB }))
    const swarm = createSimulatedSwarm({
      ...{ size: SIZE, pieceLength: 256 * KiB, limit: 96 },
      peers: { ...silent, a: { rate: MiB }, b: { rate: MiB } },
    })
    const reader = swarm.reader(0, SIZE - 1, 1.5 * MiB)
    expect(swarm.time.runUntil(() => reader.done, 60_000)).toBe(true)
    expect(reader.longestWait).toBeLessThan(2500)
  })

  test.each([3, 1000, 4000])(
    'the one peer brings %i bytes a second, and then there is another',
    (rate) => {
      const swarm = createSimulatedSwarm({
        ...{ size: 3 * MiB, pieceLength: 64 * KiB, limit: 96 },
        peers: { slow: { rate }, fast: { rate: 2 * MiB, chokes: [[0, 2500]] } },
      })
      const reader = swarm.reader(0, 3 * MiB - 1)
      // A second and a half of it is the film.
      expect(swarm.time.runUntil(() => reader.done, 6000)).toBe(true)
    },
  )

  test('a peer becomes far slower than it was', () => {
    const fading = { rate: MiB, delayMs: (now: number) => (now < 4000 ? 40 : 9000) }
    const swarm = createSimulatedSwarm({
      ...{ size: SIZE, pieceLength: 256 * KiB, limit: 96 },
      peers: { fading, a: { rate: MiB }, b: { rate: MiB } },
    })
    const reader = swarm.reader(0, SIZE - 1, MiB)
    expect(swarm.time.runUntil(() => reader.done, 60_000)).toBe(true)
    expect(reader.longestWait).toBeLessThan(2500)
  })
})
