import { describe, expect, test } from '@jest/globals'
import { BLOCK } from '../../../../torrent/engine/blocks/block.ts'
import { playAll } from '../play-all.ts'
import type { PeerPlan } from '../simulated-peer.ts'
import { createSimulatedSwarm, type SwarmPlan } from '../simulated-swarm.ts'

const MiB = 1 << 20
const SIZE = 64 * MiB
/** As with the longest pieces there are (16 MiB): only two fit in a torrent's memory. */
const LIMIT = 2
const fast: PeerPlan = { rate: 40 * MiB, delayMs: 5 }

const swarmOf = (peers: SwarmPlan['peers'], writeMs?: number) =>
  createSimulatedSwarm({
    ...{ size: SIZE, pieceLength: MiB, limit: LIMIT, peers },
    ...(writeMs !== undefined && { writeMs }),
  })

/** What a hostile player or swarm makes the engine hold, in pieces. */
describe('pieces in memory', () => {
  test('eight readers at eight places: never more than the limit, and everybody gets a byte', () => {
    const names = Array.from({ length: 12 }, (_, i) => [
      `peer ${i}`,
      { rate: 2 * MiB, delayMs: 60 },
    ])
    const swarm = swarmOf(Object.fromEntries(names))
    const readers = [60, 52, 44, 36, 28, 20, 12, 4].map((at) => swarm.reader(at * MiB, SIZE - 1))
    const served = () => readers.every(({ firstByteAt }) => firstByteAt !== undefined)
    expect(swarm.time.runUntil(served, 60_000)).toBe(true)
    expect(swarm.mostHeld).toBeLessThanOrEqual(LIMIT)
  })

  test('seeks all over while the disk, or the wait for room, holds every piece up', () => {
    const swarm = swarmOf({ a: fast, b: fast }, 3000)
    for (let seek = 0; seek < 30; seek++) {
      const reader = swarm.reader(((seek * 17) % 64) * MiB, SIZE - 1)
      swarm.time.run(200)
      reader.close()
    }
    expect(swarm.mostHeld).toBeLessThanOrEqual(LIMIT)
    const last = swarm.reader(33 * MiB, SIZE - 1)
    expect(swarm.time.runUntil(() => last.firstByteAt !== undefined, 30_000)).toBe(true)
  })

  test('what is fetched ahead while the disk is slower than the line comes once', () => {
    const peers = { a: { ...fast, maxQueue: 512 } }
    const plan = { size: SIZE, pieceLength: MiB, limit: 24, peers, writeMs: 600 }
    const swarm = createSimulatedSwarm(plan)
    playAll(swarm)
    expect(swarm.peer('a').asked).toHaveLength(SIZE / BLOCK)
    expect(swarm.mostHeld).toBeLessThanOrEqual(24)
  })

  test('pieces that one peer began and nobody else has are not in the way of others', () => {
    const early = (piece: number): boolean => piece >= 8
    const swarm = swarmOf({
      honest: { ...fast, has: early, joinsAt: 500 },
      liar: { ...fast, stallAfter: MiB, vanishesAt: 400 },
    })
    swarm.reader(0, SIZE - 1)
    swarm.reader(3 * MiB, SIZE - 1)
    swarm.time.run(1000)
    const viewer = swarm.reader(20 * MiB, SIZE - 1)
    expect(swarm.time.runUntil(() => viewer.firstByteAt !== undefined, 20_000)).toBe(true)
    expect(swarm.mostHeld).toBeLessThanOrEqual(LIMIT)
  })
})
