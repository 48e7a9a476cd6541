import { describe, expect, test } from '@jest/globals'
import { playAll } from '../play-all.ts'
import { createSimulatedSwarm } from '../simulated-swarm.ts'

const KiB = 1024
const MiB = 1024 * KiB
const fast = { rate: 4 * MiB }
const slow = { rate: 200 * KiB }

describe('peers that send wrong bytes', () => {
  test('a lone one is banned at its first bad piece', () => {
    const peers = { liar: { ...fast, lies: 1 }, a: { ...fast, joinsAt: 2000 } }
    const swarm = createSimulatedSwarm({ size: 2 * MiB, peers })
    playAll(swarm)
    expect(swarm.drops).toEqual(['liar:banned'])
    expect(swarm.badPieces).toBe(1)
  })

  test.each([1, 0.3, 0.05])('is found among honest peers, share of wrong blocks %p', (lies) => {
    for (let seed = 1; seed <= 5; seed++) {
      const peers = { a: fast, b: fast, c: slow, liar: { ...fast, lies } }
      const swarm = createSimulatedSwarm({ size: 8 * MiB, peers, seed })
      playAll(swarm)
      expect(swarm.drops.filter((drop) => !drop.startsWith('liar:'))).toEqual([])
      expect(swarm.drops).toEqual(swarm.badPieces > 0 ? ['liar:banned'] : [])
    }
  })

  test('two of them among honest peers are both found', () => {
    const peers = { a: fast, x: { ...fast, lies: 1 }, b: fast, y: { ...fast, lies: 1 } }
    const swarm = createSimulatedSwarm({ size: 8 * MiB, peers })
    playAll(swarm)
    expect([...swarm.drops].sort()).toEqual(['x:banned', 'y:banned'])
  })

  test('a piece on parole with a slow peer still comes', () => {
    const peers = { a: fast, liar: { ...fast, lies: 1 }, s: { rate: 100 * KiB } }
    const swarm = createSimulatedSwarm({ size: 4 * MiB, peers })
    playAll(swarm)
    expect(swarm.drops).toEqual(['liar:banned'])
  })
})
