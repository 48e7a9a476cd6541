import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { AnnouncedNode, CacheIndex } from '../../cache/index/cache-index.ts'
import { Nodes } from '../../cluster/nodes.ts'
import { silent } from '../torrent/engines.ts'

const about = { url: 'http://a', version: '1', draining: false, freeBytes: 1 }
/** What the index names, in the place of Redis. */
let named: Map<string, unknown>
let now: number
let nodes: Nodes

const index: Pick<CacheIndex, 'announce' | 'withdraw'> = {
  async announce(node, says) {
    named.set(node, says)
    return [...named].map(([each, it]): AnnouncedNode => ({ node: each, about: it }))
  },
  async withdraw(node) {
    named.delete(node)
  },
}
const there = (): string[] => nodes.all.map(({ node }) => node).sort()
const beatAfter = (ms: number): Promise<void> => {
  now += ms
  return nodes.beat()
}

beforeEach(async () => {
  now = 1
  named = new Map([['b', { ...about, url: 'http://b' }]])
  const timing = { everyMs: 2500, goneAfterMs: 10_000 }
  const clock = { steady: () => now }
  nodes = new Nodes({ index, node: 'a', about: async () => about, clock, log: silent, timing })
  await nodes.beat()
})
afterEach(() => nodes.close())

describe('who is there', () => {
  test('is who the index names', () => expect(there()).toEqual(['a', 'b']))

  test('one that has gone is gone, and what is read from it ends', async () => {
    const gone = nodes.goneSignal('b')
    named.delete('b')
    for (let beats = 0; beats < 4; beats++) await beatAfter(2500)
    expect([there(), gone.aborted]).toEqual([['a'], true])
  })

  test('an index that was emptied ends nobody: they announce themselves again', async () => {
    const gone = nodes.goneSignal('b')
    named.clear()
    await beatAfter(2500)
    expect([there(), nodes.other('b')?.url]).toEqual([['a', 'b'], 'http://b'])
    named.set('b', { ...about, url: 'http://b' })
    for (let beats = 0; beats < 4; beats++) await beatAfter(2500)
    expect([there(), gone.aborted]).toEqual([['a', 'b'], false])
  })

  test('an index that was away for long, and comes back empty, ends nobody either', async () => {
    named.clear()
    await beatAfter(60_000)
    expect(there()).toEqual(['a', 'b'])
  })

  test('what a node says of itself that is none of ours is left out', async () => {
    named.set('c', { ...about, url: 'file:///etc/passwd' })
    named.set('d', 'http://d')
    await beatAfter(1)
    expect(there()).toEqual(['a', 'b'])
  })
})

describe('one that cannot be reached', () => {
  test('is left out for a while', () => {
    nodes.markUnreachable('b')
    expect(nodes.other('b')).toBeUndefined()
    now += 5000
    expect(nodes.other('b')?.node).toBe('b')
  })

  test('and answers again is there at once', () => {
    nodes.markUnreachable('b')
    nodes.markReached('b')
    expect(nodes.other('b')?.node).toBe('b')
  })

  test('is cut off when it is tried again and again, and is there all the while', () => {
    for (const ms of [0, 5000, 5000]) {
      now += ms
      nodes.markUnreachable('b')
      expect(nodes.isCutOff('b')).toBe(false)
    }
    now += 2500
    expect(nodes.isCutOff('b')).toBe(true)
    nodes.markReached('b')
    expect(nodes.isCutOff('b')).toBe(false)
  })

  test('is not cut off by failures of different times', () => {
    for (const ms of [0, 60_000, 60_000]) {
      now += ms
      nodes.markUnreachable('b')
      expect(nodes.isCutOff('b')).toBe(false)
    }
  })

  test('is not cut off by failures before the last tries: it is tried again first', () => {
    for (const ms of [0, 5000, 5000]) {
      now += ms
      nodes.markUnreachable('b')
    }
    now += 5000
    expect([nodes.isCutOff('b'), nodes.other('b')?.node]).toEqual([false, 'b'])
    // Who goes on alone does so.
    expect(nodes.wasCutOff('b')).toBe(true)
    nodes.markUnreachable('b')
    expect(nodes.isCutOff('b')).toBe(true)
  })

  test('may answer soon, unless nothing listens there, it drains, or it is cut off', async () => {
    expect(nodes.mayAnswerSoon('b')).toBe(false)
    nodes.markUnreachable('b')
    expect([nodes.mayAnswerSoon('b'), nodes.mayAnswerSoon('z')]).toEqual([true, false])
    nodes.markUnreachable('b', { refused: true })
    expect(nodes.mayAnswerSoon('b')).toBe(false)
    for (const ms of [5000, 5000, 2500]) {
      now += ms
      nodes.markUnreachable('b')
    }
    expect([nodes.mayAnswerSoon('b'), nodes.isCutOff('b')]).toEqual([false, true])
    named.set('b', { ...about, url: 'http://b', draining: true })
    now += 60_000
    await beatAfter(1)
    nodes.markUnreachable('b')
    expect(nodes.mayAnswerSoon('b')).toBe(false)
  })

  test('is not cut off when it has died, though it is still believed to be there', async () => {
    nodes.markUnreachable('b')
    for (const ms of [2500, 2500, 2500]) await beatAfter(ms)
    nodes.markUnreachable('b')
    expect([nodes.isCutOff('b'), nodes.mayAnswerSoon('b')]).toEqual([false, true])
    named.delete('b')
    for (const ms of [2500, 2500]) {
      await beatAfter(ms)
      nodes.markUnreachable('b')
    }
    expect([there(), nodes.isCutOff('b'), nodes.mayAnswerSoon('b')]).toEqual([
      ['a', 'b'],
      false,
      false,
    ])
  })

  test('is not cut off when it is gone: its lease ends by itself', async () => {
    for (const ms of [0, 6000, 6000]) {
      now += ms
      nodes.markUnreachable('b')
    }
    named.delete('b')
    for (let beats = 0; beats < 4; beats++) await beatAfter(2500)
    expect([there(), nodes.isCutOff('b')]).toEqual([['a'], false])
  })
})
