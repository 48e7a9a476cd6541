import { describe, expect, test } from '@jest/globals'
import { BLOCK } from '../../../../torrent/engine/blocks/block.ts'
import { playAll } from '../play-all.ts'
import { createSimulatedSwarm, type SimulatedSwarm } from '../simulated-swarm.ts'

const KiB = 1024
const MiB = 1024 * KiB
const PIECE = 64 * KiB
const fast = { rate: 4 * MiB }
const slow = { rate: 200 * KiB }

const asked = (swarm: SimulatedSwarm, id: string): number => swarm.peer(id).asked.length
const blocksIn = (bytes: number): number => Math.ceil(bytes / BLOCK)

describe('with well-behaved peers', () => {
  test('a file comes in order from one peer, every block requested once', () => {
    const swarm = createSimulatedSwarm({ size: 3 * MiB, peers: { a: fast } })
    playAll(swarm)
    expect(swarm.verified).toEqual([...swarm.verified].sort((x, y) => x - y))
    expect(asked(swarm, 'a')).toBe(blocksIn(3 * MiB))
    expect(swarm.wasted).toBe(0)
    expect(swarm.drops).toEqual([])
  })

  test('several peers share it: each delivers, and past the first piece no block is requested twice', () => {
    const peers = { a: fast, b: { rate: 3 * MiB, delayMs: 40 }, c: { rate: 2 * MiB, delayMs: 5 } }
    const swarm = createSimulatedSwarm({ size: 8 * MiB, peers })
    playAll(swarm)
    for (const id of ['a', 'b', 'c']) expect(asked(swarm, id)).toBeGreaterThan(20)
    const all = Object.keys(peers).flatMap((id) => swarm.peer(id).asked)
    const later = all.filter(({ block }) => block.piece > 0)
    expect(later.length).toBe(blocksIn(8 * MiB - PIECE))
  })

  test('the last piece and its last block are short', () => {
    const size = 3 * PIECE + BLOCK + 777
    const swarm = createSimulatedSwarm({ size, peers: { a: fast } })
    playAll(swarm)
    const last = swarm.peer('a').asked.filter(({ block }) => block.piece === 3)
    expect(last.map(({ block }) => block.length).sort()).toEqual([BLOCK, 777])
  })

  test('a file of one byte', () => {
    playAll(createSimulatedSwarm({ size: 1, peers: { a: fast } }))
  })

  test('nothing is requested while nobody reads, nor after the last reader has left', () => {
    const swarm = createSimulatedSwarm({ size: 8 * MiB, peers: { a: fast } })
    swarm.time.run(5000)
    expect(asked(swarm, 'a')).toBe(0)
    const reader = swarm.reader(0, swarm.layout.size - 1)
    swarm.time.run(300)
    reader.close()
    const before = asked(swarm, 'a')
    swarm.time.run(5000)
    expect(asked(swarm, 'a')).toBe(before)
    expect(swarm.peer('a').open).toBe(0)
  })

  test('`window` requests the window and the tail, and nothing else', () => {
    const size = 40 * MiB
    const swarm = createSimulatedSwarm({ size, peers: { a: fast }, fill: 'window', limit: 1000 })
    swarm.reader(0, size - 1, 0)
    swarm.time.run(60_000)
    const pieces = new Set(swarm.peer('a').asked.map(({ block }) => block.piece))
    const tail = size / PIECE - 1
    expect([...pieces].filter((p) => p >= (16 * MiB) / PIECE && p < tail)).toEqual([])
    expect(pieces.size).toBe((16 * MiB) / PIECE + 1)
    expect(pieces.has(tail)).toBe(true)
  })

  test('20 readers at 20 places all get their first byte soon and play on', () => {
    const size = 20 * MiB
    const peers = { a: fast, b: fast, c: { rate: 2 * MiB } }
    const swarm = createSimulatedSwarm({ size, peers })
    const readers = Array.from({ length: 20 }, (_, i) => swarm.reader(i * MiB, size - 1, 200 * KiB))
    swarm.time.run(3000)
    for (const reader of readers) expect(reader.firstByteAt).toBeLessThan(2000)
    for (const reader of readers) reader.longestWait = 0
    swarm.time.run(3000)
    for (const reader of readers) expect(reader.longestWait).toBeLessThan(500)
  })
})

describe('a viewer comes first', () => {
  test('a seek: the new place comes within half a second, old requests are cancelled', () => {
    const size = 40 * MiB
    const swarm = createSimulatedSwarm({ size, peers: { a: { rate: MiB }, b: { rate: MiB } } })
    const first = swarm.reader(0, size - 1, 500 * KiB)
    swarm.time.run(4000)
    first.close()
    const at = swarm.time.now
    const second = swarm.reader(30 * MiB, size - 1, 500 * KiB)
    swarm.time.run(1000)
    expect((second.firstByteAt ?? Infinity) - at).toBeLessThan(500)
    const later = [...swarm.peer('a').asked, ...swarm.peer('b').asked].filter((a) => a.at >= at)
    expect(later.every(({ block }) => block.piece * PIECE >= 30 * MiB)).toBe(true)
  })

  test('blocks in flight when a viewer seeks are not requested twice', () => {
    const size = 40 * MiB
    const swarm = createSimulatedSwarm({ size, peers: { a: { rate: MiB } } })
    const reader = swarm.reader(0, size - 1, 500 * KiB)
    swarm.time.run(2000)
    reader.at = 30 * MiB
    swarm.time.run(5000)
    expect(swarm.peer('a').askedTwice).toBe(0)
  })

  test('slow peers are kept away from urgent pieces while a fast one is there', () => {
    const size = 24 * MiB
    const swarm = createSimulatedSwarm({ size, peers: { a: fast, s: slow } })
    const reader = swarm.reader(0, size - 1, MiB)
    swarm.time.run(1500)
    const since = swarm.time.now
    const places = new Map<number, number>()
    const measured = asked(swarm, 's')
    for (let i = 0; i < 60; i++) {
      swarm.time.run(50)
      for (const { block } of swarm.peer('s').asked.slice(measured + places.size)) {
        places.set(places.size, block.piece * PIECE - reader.at)
      }
    }
    expect(swarm.time.now - since).toBe(3000)
    expect(places.size).toBeGreaterThan(0)
    for (const ahead of places.values()) expect(ahead).toBeGreaterThan(3 * MiB)
  })

  test('an urgent piece that only a slow peer has is requested from it', () => {
    const peers = { a: { ...fast, has: (p: number) => p !== 40 }, s: slow }
    playAll(createSimulatedSwarm({ size: 4 * MiB, peers }))
  })

  test('a snubbed peer costs two seconds at most, then the film goes on', () => {
    const size = 8 * MiB
    const peers = { a: { rate: MiB }, b: { rate: 2 * MiB, stallAfter: MiB } }
    const swarm = createSimulatedSwarm({ size, peers })
    const reader = swarm.reader(0, size - 1, 500 * KiB)
    expect(swarm.time.runUntil(() => reader.done, 60_000)).toBe(true)
    expect(reader.longestWait).toBeLessThanOrEqual(2000)
    expect(swarm.drops).toEqual(['b:snubbed'])
  })

  test('late blocks are requested from another peer before the first one is dropped', () => {
    const peers = { a: { rate: 2 * MiB }, b: { rate: 2 * MiB, stallAfter: MiB } }
    const swarm = createSimulatedSwarm({ size: 8 * MiB, peers })
    swarm.reader(0, swarm.layout.size - 1)
    expect(swarm.time.runUntil(() => swarm.peer('b').delivered >= MiB, 10_000)).toBe(true)
    const owed = new Set(swarm.peer('b').asked.slice(-swarm.peer('b').open).map(keyOf))
    swarm.time.run(1000)
    expect(swarm.drops).toEqual([])
    expect(swarm.peer('a').asked.some((one) => owed.has(keyOf(one)))).toBe(true)
  })

  test('a lone snubbed peer gets longer, then is dropped; when it is back the film goes on', () => {
    const peers = { a: { rate: MiB, stallAfter: MiB, returnsAfterMs: 500 } }
    const swarm = createSimulatedSwarm({ size: 3 * MiB, peers })
    playAll(swarm)
    expect(swarm.drops).toEqual(['a:snubbed', 'a:snubbed'])
  })
})

describe('choking and leaving', () => {
  test('a swarm that chokes us is asked for nothing, and goes on when it unchokes', () => {
    const peers = { a: { ...fast, chokes: [[200, 5000]] as const } }
    const swarm = createSimulatedSwarm({ size: 4 * MiB, peers })
    const reader = swarm.reader(0, swarm.layout.size - 1)
    swarm.time.run(1000)
    const before = asked(swarm, 'a')
    swarm.time.run(3900)
    expect(asked(swarm, 'a')).toBe(before)
    expect(swarm.time.runUntil(() => reader.done, 3000)).toBe(true)
    expect(swarm.drops).toEqual([])
  })

  test('blocks requested from a peer that left come from the others', () => {
    const peers = { a: { rate: MiB }, b: { rate: MiB, vanishesAt: 700 } }
    const swarm = createSimulatedSwarm({ size: 4 * MiB, peers })
    playAll(swarm)
    expect(swarm.peer('b').delivered).toBeGreaterThan(0)
  })

  test('partial peers complete it together', () => {
    const peers = {
      a: { ...fast, has: (p: number) => p % 2 === 0 },
      b: { ...fast, has: (p: number) => p % 2 === 1 },
    }
    const swarm = createSimulatedSwarm({ size: 4 * MiB, peers })
    playAll(swarm)
    expect(swarm.peer('a').asked.every(({ block }) => block.piece % 2 === 0)).toBe(true)
  })

  test('a peer that gets more pieces is asked for them', () => {
    const got = new Set<number>()
    const peers = { a: { ...fast, has: (p: number) => got.has(p) } }
    const swarm = createSimulatedSwarm({ size: MiB, peers })
    const reader = swarm.reader(0, MiB - 1)
    swarm.time.run(500)
    for (let p = 0; p < 16; p++) {
      got.add(p)
      swarm.picker.fill('a', swarm.time.now)
    }
    expect(asked(swarm, 'a')).toBeGreaterThan(0)
    expect(swarm.time.runUntil(() => reader.done, 5000)).toBe(true)
  })

  test('no peer holds more requests than it said it will', () => {
    for (const maxQueue of [1, 2, 3, 16, 250]) {
      const swarm = createSimulatedSwarm({ size: 4 * MiB, peers: { a: { ...fast, maxQueue } } })
      playAll(swarm)
      expect(swarm.peer('a').mostOpen).toBeLessThanOrEqual(maxQueue)
    }
  })
})

function keyOf({ block }: { block: { piece: number; offset: number } }): string {
  return `${block.piece}/${block.offset}`
}
