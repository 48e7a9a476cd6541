import { expect, test } from '@jest/globals'
import { seededRandom } from '../../../common/seeded-random.ts'
import { createSimulatedSwarm } from '../simulated-swarm.ts'

const KiB = 1024
const MiB = 1024 * KiB
const SIZE = 24 * MiB
const RATE = 2 * MiB

/** BEP 16: it shows one piece at a time, and the next one when it is told that we have that. */
test.each([1, 3])(
  'a lone super-seeder that shows %d pieces at a time gives the whole film',
  (atOnce) => {
    const random = seededRandom(7)
    const shown = new Set<number>()
    const peers = { s: { rate: RATE, has: (piece: number) => shown.has(piece) } }
    const pieceLength = 256 * KiB
    // Fewer pieces are planned than the film has: what is shown is mostly not among them.
    const swarm = createSimulatedSwarm({ size: SIZE, pieceLength, peers, limit: 16 })
    const hidden = Array.from({ length: SIZE / pieceLength }, (_, i) => i)
    swarm.time.every(10, () => {
      const open = [...shown].filter((piece) => !swarm.have.has(piece)).length
      for (let i = open; i < atOnce && hidden.length > 0; i++) {
        shown.add(hidden.splice(random.below(hidden.length), 1)[0] ?? 0)
        swarm.picker.fill('s', swarm.time.now)
      }
    })
    const reader = swarm.reader(0, SIZE - 1)
    expect(swarm.time.runUntil(() => reader.done, 60_000)).toBe(true)
    expect(swarm.time.now / ((SIZE / RATE) * 1000)).toBeLessThan(1.6)
    expect(swarm.peer('s').asked).toHaveLength(SIZE / (16 * KiB))
    expect(swarm.drops).toEqual([])
  },
)

test('what is not wanted soon is not taken from a super-seeder where only the window is', () => {
  const peers = { s: { rate: RATE, has: (piece: number) => piece === 90 } }
  const plan = { size: SIZE, pieceLength: 256 * KiB, peers, fill: 'window', limit: 16 } as const
  const swarm = createSimulatedSwarm(plan)
  swarm.reader(0, SIZE - 1)
  swarm.time.run(2000)
  expect(swarm.peer('s').asked).toEqual([])
})
