import { describe, expect, test } from '@jest/globals'
import { playAll } from './play-all.ts'
import { createSimulatedSwarm, type SimulatedSwarm } from './simulated-swarm.ts'

const KiB = 1024
const MiB = 1024 * KiB
const fast = { rate: 4 * MiB }
const slow = { rate: 200 * KiB }
const asked = (swarm: SimulatedSwarm, id: string): number => swarm.peer(id).asked.length

describe('web seeds', () => {
  const web = { rate: 4 * MiB, wholePieces: true, maxQueue: 3 }

  test('one alone gives the file piece by piece', () => {
    const swarm = createSimulatedSwarm({ size: 4 * MiB + 5, peers: { web } })
    playAll(swarm)
    expect(swarm.peer('web').asked.every(({ block }) => block.offset === 0)).toBe(true)
    expect(asked(swarm, 'web')).toBe(65)
    expect(swarm.peer('web').mostOpen).toBeLessThanOrEqual(3)
  })

  test('with peers beside it, both work', () => {
    const swarm = createSimulatedSwarm({ size: 16 * MiB, peers: { web, a: fast } })
    playAll(swarm)
    expect(asked(swarm, 'web')).toBeGreaterThan(10)
    expect(asked(swarm, 'a')).toBeGreaterThan(100)
  })

  test('one that peers overtook is still asked afterwards, and not dropped as silent', () => {
    const late = { rate: 150 * KiB, wholePieces: true, maxQueue: 3, delayMs: 300 }
    const pieceLength = 256 * KiB
    const peers = { late, a: { ...fast, vanishesAt: 2500 } }
    const swarm = createSimulatedSwarm({ size: 16 * MiB, pieceLength, peers })
    const reader = swarm.reader(0, swarm.layout.size - 1)
    swarm.time.run(2500)
    const before = asked(swarm, 'late')
    expect(swarm.time.runUntil(() => reader.done && swarm.have.complete, 200_000)).toBe(true)
    expect(asked(swarm, 'late')).toBeGreaterThan(before)
    expect(swarm.drops).toEqual([])
  })
})

describe('web seeds and peers that cannot go on', () => {
  const web = { rate: 4 * MiB, wholePieces: true, maxQueue: 3 }

  test('a piece that a peer began and left is taken by the web seed', () => {
    const peers = { a: { rate: MiB, vanishesAt: 400 }, web: { ...web, joinsAt: 500 } }
    playAll(createSimulatedSwarm({ size: 4 * MiB, pieceLength: MiB, peers }))
  })

  test('pieces that a slow peer began become urgent beside a fast web seed', () => {
    playAll(createSimulatedSwarm({ size: 8 * MiB, pieceLength: MiB, peers: { web, s: slow } }))
  })
})

describe('liars', () => {
  test('one that lies alone is dropped at its first bad piece', () => {
    const peers = { liar: { ...fast, lies: 1 }, a: { ...fast, joinsAt: 2000 } }
    const swarm = createSimulatedSwarm({ size: 2 * MiB, peers })
    playAll(swarm)
    expect(swarm.drops).toEqual(['liar:liar'])
    expect(swarm.badPieces).toBe(1)
  })

  test.each([1, 0.3, 0.05])('among honest ones it is found, share of lies %p', (lies) => {
    for (let seed = 1; seed <= 5; seed++) {
      const peers = { a: fast, b: fast, c: slow, liar: { ...fast, lies } }
      const swarm = createSimulatedSwarm({ size: 8 * MiB, peers, seed })
      playAll(swarm)
      expect(swarm.drops.filter((drop) => !drop.startsWith('liar:'))).toEqual([])
      expect(swarm.drops).toEqual(swarm.badPieces > 0 ? ['liar:liar'] : [])
    }
  })

  test('two liars among honest ones are both found', () => {
    const peers = { a: fast, x: { ...fast, lies: 1 }, b: fast, y: { ...fast, lies: 1 } }
    const swarm = createSimulatedSwarm({ size: 8 * MiB, peers })
    playAll(swarm)
    expect([...swarm.drops].sort()).toEqual(['x:liar', 'y:liar'])
  })

  test('a bad piece whose next try falls to a slow peer still arrives', () => {
    const peers = { a: fast, liar: { ...fast, lies: 1 }, s: { rate: 100 * KiB } }
    const swarm = createSimulatedSwarm({ size: 4 * MiB, peers })
    playAll(swarm)
    expect(swarm.drops).toEqual(['liar:liar'])
  })
})
