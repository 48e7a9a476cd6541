import { describe, expect, test } from '@jest/globals'
import { SwarmLimit } from '../../../../torrent/engine/picker/swarm-limit.ts'
import { type PeerPlan, SharedLine } from '../simulated-peer.ts'
import { createSimulatedSwarm, type SimulatedSwarm } from '../simulated-swarm.ts'

const KiB = 1024
const MiB = 1024 * KiB
const SIZE = 48 * MiB

/** How many may be requested at this moment. */
function room(limit: SwarmLimit, peers: number, now: number): number {
  let outstanding = 0
  while (outstanding < 2000 && limit.hasRoom(peers, outstanding, now)) outstanding++
  return outstanding
}

/** Lets blocks come for a while, at a rate that depends on how many may be requested. */
function run(limit: SwarmLimit, peers: number, ms: number, rate: (blocks: number) => number): void {
  let due = 0
  for (let now = 0; now < ms; now++) {
    for (due += rate(room(limit, peers, now)) / 1000; due >= 1; due--) limit.received(now)
  }
}

describe('how much is requested of many peers together', () => {
  test('few peers are not limited, nor are many before long', () => {
    expect(room(new SwarmLimit(), 8, 0)).toBe(2000)
    expect(room(new SwarmLimit(), 20, 0)).toBe(32)
    expect(room(new SwarmLimit(), 60, 0)).toBe(60)
  })

  test('grows while more comes by it', () => {
    const limit = new SwarmLimit()
    run(limit, 50, 6000, (blocks) => Math.min(blocks, 200) * 4)
    expect(room(limit, 50, 6000)).toBeGreaterThan(150)
  })

  test('stays where more requests bring no more, and is tried again and again', () => {
    const limit = new SwarmLimit()
    const most: number[] = []
    run(limit, 50, 20_000, (blocks) => {
      most.push(blocks)
      return 150
    })
    const high = most.filter((blocks) => blocks > 60).length
    expect(high / most.length).toBeLessThan(0.2)
    expect(high).toBeGreaterThan(0)
  })

  test('each has two requests where a block takes seconds', () => {
    const limit = new SwarmLimit()
    run(limit, 40, 10_000, () => 20)
    expect(room(limit, 40, 10_000)).toBeGreaterThanOrEqual(80)
  })
})

const many = (n: number, plan: PeerPlan): Record<string, PeerPlan> =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`p${i}`, plan]))
const swarmOf = (peers: Record<string, PeerPlan>, pieceLength: number): SimulatedSwarm =>
  createSimulatedSwarm({ size: SIZE, pieceLength, peers, limit: 96 })
const sumOf = (swarm: SimulatedSwarm, n: number, what: 'asked' | 'open' | 'delivered'): number =>
  Array.from({ length: n }, (_, i) => swarm.peer(`p${i}`))
    .map((peer) => (what === 'asked' ? peer.asked.length : peer[what]))
    .reduce((a, b) => a + b, 0)

describe('many peers on one line', () => {
  const behind = (rate: number): PeerPlan => ({
    ...{ rate: 4 * rate, line: new SharedLine(rate), delayMs: 80, sendsCancelled: true },
  })

  test.each([20, 50, 80])('%d are asked for one block each before anything has come', (n) => {
    const swarm = swarmOf(many(n, behind(1e6)), 64 * KiB)
    swarm.reader(0, SIZE - 1)
    swarm.time.run(80)
    expect(sumOf(swarm, n, 'asked')).toBeLessThanOrEqual(Math.max(n, 32))
  })

  test.each([
    [50, 2.5e6, 512],
    [50, 1e6, 256],
    [20, 4e6, 1024],
  ])('%d on one of %d bytes a second, pieces of %d KiB: the first comes soon', (n, rate, k) => {
    const swarm = swarmOf(many(n, behind(rate)), k * KiB)
    const reader = swarm.reader(0, SIZE - 1)
    swarm.time.runUntil(() => reader.firstByteAt !== undefined, 30_000)
    const floor = 80 + (k * KiB * 1000) / rate
    expect((reader.firstByteAt ?? Number.NaN) / floor).toBeLessThan(1.7)
  })

  test('have little more than a second of the line requested, however long it goes on', () => {
    const rate = 2.5e6
    const swarm = swarmOf(many(50, behind(rate)), 512 * KiB)
    const reader = swarm.reader(0, SIZE - 1)
    for (let i = 0; i < 12; i++) {
      swarm.time.run(1000)
      expect((sumOf(swarm, 50, 'open') << 14) / rate).toBeLessThan(1.4)
    }
    expect(reader.at / 12 / rate).toBeGreaterThan(0.9)
  })
})

describe('many peers on lines of their own send what they can', () => {
  test.each([
    [50, 100e3, 6000, 0.7],
    [40, 20e3, 15_000, 0.85],
    [30, 8e3, 20_000, 0.85],
  ])('%d of %d bytes a second', (n, rate, ms, least) => {
    const swarm = swarmOf(many(n, { rate, delayMs: 80, sendsCancelled: true }), 256 * KiB)
    swarm.reader(0, SIZE - 1)
    swarm.time.run(3000)
    const before = sumOf(swarm, n, 'delivered')
    swarm.time.run(ms)
    const came = sumOf(swarm, n, 'delivered') - before
    expect((came * 1000) / ms / (n * rate)).toBeGreaterThan(least)
  })
})
