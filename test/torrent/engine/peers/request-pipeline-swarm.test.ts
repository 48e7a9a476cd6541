import { describe, expect, test } from '@jest/globals'
import { seededRandom } from '../../../common/seeded-random.ts'
import { createSimulatedSwarm, type SimulatedSwarm } from '../simulated-swarm.ts'

const MiB = 1 << 20
const SIZE = 300 * MiB

/** Two peers behind a line of each kind, read as fast as it comes. */
function twoBehind(delayMs: (now: number) => number, rate: number): SimulatedSwarm {
  const plan = { rate, delayMs, sendsCancelled: true }
  const peers = { a: plan, b: plan }
  const swarm = createSimulatedSwarm({ size: SIZE, pieceLength: MiB, peers, limit: 48 })
  swarm.reader(0, SIZE - 1)
  return swarm
}

/** What came from one moment to another, as a share of what both lines can do. */
function share(swarm: SimulatedSwarm, rate: number, fromMs: number, toMs: number): number {
  const come = (): number => swarm.peer('a').delivered + swarm.peer('b').delivered
  swarm.time.run(fromMs - swarm.time.now)
  const before = come()
  swarm.time.run(toMs - swarm.time.now)
  return (come() - before) / ((2 * rate * (toMs - fromMs)) / 1000)
}

describe.each([2e6, 8e6])('a line of %d bytes per second is kept busy', (rate) => {
  test('with hardly more requests than fill it', () => {
    const swarm = twoBehind(() => 60, rate)
    expect(share(swarm, rate, 2000, 6000)).toBeGreaterThan(0.97)
    const queuedMs = ((swarm.peer('a').open << 14) / rate) * 1000
    expect(queuedMs).toBeLessThan(60 + 60)
  })

  test('even if its delay changes all the time', () => {
    const { below } = seededRandom(1)
    expect(
      share(
        twoBehind(() => 60 + below(60), rate),
        rate,
        4000,
        9000,
      ),
    ).toBeGreaterThan(0.85)
  })

  test('also when its delay has grown for good', () => {
    const swarm = twoBehind((now) => (now < 3000 ? 60 : 200), rate)
    expect(share(swarm, rate, 8000, 11_000)).toBeGreaterThan(0.8)
  })

  test('with fewer requests once its delay has fallen', () => {
    const swarm = twoBehind((now) => (now < 4000 ? 200 : 60), rate)
    expect(share(swarm, rate, 4500, 13_000)).toBeGreaterThan(0.9)
    const queuedMs = ((swarm.peer('a').open << 14) / rate) * 1000
    expect(queuedMs).toBeLessThan(150)
  })
})

test('a slower line holds fewer requests', () => {
  const queueOf = (rate: number): number => {
    const swarm = twoBehind(() => 60, rate)
    swarm.time.run(2000)
    return swarm.peer('a').open
  }
  expect(queueOf(500e3)).toBeLessThan(queueOf(4e6) / 4)
})

describe('a line that loses packets is kept busy all the same', () => {
  /** What comes once the connection has found its rate, as a share of the line. */
  const shareOf = (peers: number, rate: number, loss: number): number => {
    const plan = { rate, delayMs: 80, loss, sendsCancelled: true, maxQueue: 512 }
    const all = Object.fromEntries(Array.from({ length: peers }, (_, i) => [`p${i}`, plan]))
    const swarm = createSimulatedSwarm({ size: SIZE, pieceLength: MiB, peers: all, limit: 96 })
    swarm.reader(0, SIZE - 1)
    const come = (): number => Object.keys(all).reduce((n, id) => n + swarm.peer(id).delivered, 0)
    swarm.time.run(4000)
    const before = come()
    swarm.time.run(6000)
    return (come() - before) / (6 * peers * rate)
  }

  test.each([
    [1, 4e6, 0.01],
    [1, 12e6, 0.01],
    [1, 4e6, 0.03],
    [3, 4e6, 0.02],
    [3, 2e6, 0.03],
  ])('%d peers of %d bytes a second, %d lost', (peers, rate, loss) => {
    expect(shareOf(peers, rate, loss)).toBeGreaterThan(0.85)
  })
})
