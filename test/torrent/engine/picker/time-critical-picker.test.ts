import { describe, expect, test } from '@jest/globals'
import type { PeerPlan } from '../simulated-peer.ts'
import { createSimulatedSwarm, type SimulatedSwarm } from '../simulated-swarm.ts'

const KiB = 1024
const MiB = 1024 * KiB
const SIZE = 64 * MiB

/** Real connections: a round trip to shake hands, slow start, send buffers that know no cancel. */
const far = (delayMs: number, rate = 2 * MiB): PeerPlan => ({
  ...{ rate, delayMs, joinsAt: 2 * delayMs, slowStart: true, sendsCancelled: true },
})
const six = { a: far(50), b: far(60), c: far(70), d: far(80), e: far(90), f: far(100) }
const hindered = { ...six, slow: far(100, 60 * KiB), mute: { ...far(40), stallAfter: 0 } }

function swarmOf(peers: Readonly<Record<string, PeerPlan>>, pieceLength = 512 * KiB) {
  return createSimulatedSwarm({ size: SIZE, pieceLength, peers, limit: 48 })
}

function firstByte(swarm: SimulatedSwarm, at = 0, end = SIZE - 1): number {
  const from = swarm.time.now
  const reader = swarm.reader(at, end)
  expect(swarm.time.runUntil(() => reader.firstByteAt !== undefined, 10_000)).toBe(true)
  return swarm.time.now - from
}

/** How often each block of a piece was asked for, by whomever. */
function asksOf(swarm: SimulatedSwarm, ids: readonly string[], piece: number): number[] {
  const asks = new Map<number, number>()
  for (const id of ids) {
    for (const { block } of swarm.peer(id).asked) {
      if (block.piece === piece) asks.set(block.offset, (asks.get(block.offset) ?? 0) + 1)
    }
  }
  return [...asks.values()]
}

describe('a start', () => {
  test('with a slow and a silent peer takes hardly longer than without them', () => {
    expect(firstByte(swarmOf(hindered)) / firstByte(swarmOf(six))).toBeLessThan(1.8)
  })

  test('duplicate requests are bounded: no block is requested more than three times', () => {
    const swarm = swarmOf(hindered)
    firstByte(swarm)
    const asks = asksOf(swarm, Object.keys(hindered), 0)
    expect(asks.length).toBe(32)
    expect(Math.max(...asks)).toBeLessThanOrEqual(3)
    expect(asks.reduce((sum, n) => sum + n, 0)).toBeLessThan(2 * 32)
  })

  test('no block is requested twice once the film plays', () => {
    const swarm = swarmOf(six)
    firstByte(swarm)
    swarm.time.run(2000)
    for (let piece = 4; piece < 12; piece++) {
      const asks = asksOf(swarm, Object.keys(six), piece)
      expect({ piece, most: Math.max(...asks) }).toEqual({ piece, most: 1 })
    }
  })
})

describe('the first megabytes', () => {
  test('do not wait for a peer that has not answered yet and turns out to be slow', () => {
    const until2MiB = (peers: Readonly<Record<string, PeerPlan>>): number => {
      const swarm = swarmOf(peers)
      const reader = swarm.reader(0, SIZE - 1)
      expect(swarm.time.runUntil(() => reader.at >= 2 * MiB, 10_000)).toBe(true)
      return swarm.time.now
    }
    const slow = far(60, 40 * KiB)
    expect(until2MiB({ ...six, slow, slower: { ...slow } }) / until2MiB(six)).toBeLessThan(1.25)
  })
})

describe('a jump', () => {
  test('requests nothing from a peer that stopped answering, even if none of its blocks is wanted', () => {
    const swarm = swarmOf({ ...six, stalls: { ...far(50), stallAfter: 2 * MiB } }, MiB)
    swarm.reader(0, SIZE - 1)
    swarm.time.run(200)
    const stalls = swarm.peer('stalls')
    expect(swarm.time.runUntil(() => stalls.delivered >= 2 * MiB, 9000)).toBe(true)
    swarm.time.run(600)
    expect(swarm.drops).toEqual([])
    const before = stalls.asked.length
    firstByte(swarm, 48 * MiB, 48 * MiB + 64 * KiB)
    expect(stalls.asked.slice(before).filter(({ block }) => block.piece === 48)).toEqual([])
  })

  test('all peers work on its piece, none on more than half of it', () => {
    const swarm = swarmOf(six, MiB)
    swarm.reader(0, SIZE - 1)
    swarm.time.run(3000)
    const before = new Map(Object.keys(six).map((id) => [id, swarm.peer(id).asked.length]))
    firstByte(swarm, 48 * MiB, 48 * MiB + 64 * KiB)
    for (const [id, from] of before) {
      const asked = swarm.peer(id).asked.slice(from)
      const share = asked.filter(({ block }) => block.piece === 48).length
      expect(share).toBeGreaterThan(0)
      expect(share).toBeLessThanOrEqual(64 / 2)
    }
  })

  test('beside a film that goes on takes hardly longer than alone', () => {
    const beside = (read: number): number => {
      const swarm = swarmOf(six, MiB)
      swarm.reader(0, read)
      swarm.time.run(3000)
      return firstByte(swarm, 48 * MiB, 48 * MiB + 64 * KiB)
    }
    expect(beside(SIZE - 1) / beside(MiB)).toBeLessThan(2.2)
  })
})

test('peers that choke us are asked for nothing, and one that unchokes is enough', () => {
  const choked = { ...far(50), chokes: [[0, 60_000]] as const }
  const peers = { a: choked, b: choked, c: { ...far(60), chokes: [[0, 4000]] as const } }
  const swarm = swarmOf(peers)
  const reader = swarm.reader(0, SIZE - 1)
  swarm.time.run(3900)
  const asked = (id: string): number => swarm.peer(id).asked.length
  expect([asked('a'), asked('b'), asked('c')]).toEqual([0, 0, 0])
  expect(swarm.time.runUntil(() => reader.at >= 4 * MiB, 10_000)).toBe(true)
  expect([asked('a'), asked('b')]).toEqual([0, 0])
  expect(swarm.drops).toEqual([])
})
