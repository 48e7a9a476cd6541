import { describe, expect, test } from '@jest/globals'
import { EvictionAllowances } from '../../../player/downloads/eviction-allowances.ts'
import { fakeClock } from '../../cache/fixture.ts'

const MB = 1_000_000
const MINUTE = 60_000
/** What a client may have left unread, and more than its system and ours can hold. */
const [IDLE, BUFFERS] = [5.2 * MB, 8 << 20] as const
const watchedBy = (...addresses: string[]) => ({ viewers: addresses.length, addresses })

describe('what an address may evict', () => {
  test('one film’s worth, then what it read: five films that it does not read are one', () => {
    const allowances = new EvictionAllowances(fakeClock())
    const budgets = [30, 20, 90, 30, 30].map((mb) => allowances.budgetOf(watchedBy('a'), mb * MB))
    budgets[0]?.spend(30 * MB, 0)
    expect(budgets.map((budget) => budget.left())).toEqual([0, 0, 0, 0, 0])
    allowances.read('a', {}, BUFFERS + 7 * MB)
    expect(budgets.map((budget) => budget.left())).toEqual(Array(5).fill(7 * MB))
    expect(allowances.budgetOf(watchedBy('b'), 5 * MB).left()).toBe(5 * MB)
  })

  test('a household that reads what it fetches never runs out', () => {
    const clock = fakeClock()
    const allowances = new EvictionAllowances(clock)
    const connection = {}
    for (let episode = 0; episode < 20; episode++) {
      const budget = allowances.budgetOf(watchedBy('home'), 400 * MB)
      for (let step = 0; step < 10; step++) {
        expect(budget.left()).toBeGreaterThan(0)
        budget.spend(40 * MB, 0)
        budget.took(40 * MB)
        allowances.read('home', connection, 40 * MB)
        clock.pass(2 * MINUTE)
      }
    }
  })

  test('without allowance one window at a time is served, for four films within an hour', () => {
    const clock = fakeClock()
    const allowances = new EvictionAllowances(clock)
    const [first, second] = [30, 20].map((mb) => allowances.budgetOf(watchedBy('a'), mb * MB))
    first?.spend(30 * MB, 0)
    expect([first?.takeWindow(), first?.takeWindow(), second?.takeWindow()]).toEqual([
      ...[true, true, false],
    ])
    first?.giveWindow()
    for (let film = 0; film < 4; film++) {
      expect(second?.takeWindow()).toBe(true)
      second?.spend(MB, 0)
      second?.giveWindow()
    }
    expect([first?.takeWindow(), second?.takeWindow()]).toEqual([false, false])
    expect(allowances.budgetOf(watchedBy('a', 'b'), MB).takeWindow()).toBe(true)
    clock.pass(61 * MINUTE)
    expect(second?.takeWindow()).toBe(true)
  })

  test('what is an hour ago is forgotten, the free film too', () => {
    const clock = fakeClock()
    const allowances = new EvictionAllowances(clock)
    const budget = allowances.budgetOf(watchedBy('a'), 10 * MB)
    budget.spend(25 * MB, 0)
    budget.took(20 * MB)
    clock.pass(59 * MINUTE)
    expect(budget.left()).toBe(-15 * MB)
    clock.pass(2 * MINUTE)
    expect(budget.left()).toBe(10 * MB)
  })

  test('of several viewers the one with most pays; nobody watches: nothing', () => {
    const allowances = new EvictionAllowances(fakeClock())
    allowances.read('rich', {}, BUFFERS + 50 * MB)
    const both = allowances.budgetOf(watchedBy('poor', 'rich'), 10 * MB)
    both.spend(55 * MB, 0)
    expect(allowances.budgetOf(watchedBy('rich'), 10 * MB).left()).toBe(5 * MB)
    expect(both.left()).toBe(10 * MB)
    const left = { viewers: 0, addresses: [] }
    expect(allowances.budgetOf(left, 10 * MB).left()).toBe(0)
    const uncounted = { viewers: 1, addresses: [] }
    expect(allowances.budgetOf(uncounted, 10 * MB).left()).toBe(Number.POSITIVE_INFINITY)
  })

  test('free room counts like what was evicted, and what is given back does not', () => {
    const allowances = new EvictionAllowances(fakeClock())
    const [first, second] = [30, 20].map((mb) => allowances.budgetOf(watchedBy('a'), mb * MB))
    first?.took(30 * MB)
    expect([second?.left(), second?.isSpent()]).toEqual([0, true])
    first?.took(-10 * MB)
    expect([second?.left(), second?.isSpent()]).toEqual([10 * MB, false])
    // What was evicted became the room that was taken: it counts once.
    second?.spend(25 * MB, 0)
    expect(second?.left()).toBe(5 * MB)
    expect(allowances.budgetOf(watchedBy('b'), 5 * MB).isSpent()).toBe(false)
  })

  test('of a film that is larger than 64 MiB the rest is had for reading', () => {
    const allowances = new EvictionAllowances(fakeClock())
    const budget = allowances.budgetOf(watchedBy('a'), 80_000 * MB)
    budget.spend(64 << 20, 0)
    expect(budget.left()).toBe(0)
    allowances.read('a', {}, BUFFERS + MB)
    expect(budget.left()).toBe(65 * MB)
  })

  test('ten thousand addresses are remembered, the last ones', () => {
    const allowances = new EvictionAllowances(fakeClock())
    allowances.read('first', {}, BUFFERS + MB)
    for (let i = 0; i < 10_000; i++) allowances.read(`other ${i}`, {}, BUFFERS + MB)
    expect(allowances.budgetOf(watchedBy('first'), 0).left()).toBe(0)
    expect(allowances.budgetOf(watchedBy('other 1'), 0).left()).toBe(MB)
  })
})

describe('what counts as read', () => {
  const readOf = (connections: readonly (readonly number[])[]): number => {
    const allowances = new EvictionAllowances(fakeClock())
    let sum = 0
    for (const chunks of connections) {
      const connection = {}
      for (const bytes of chunks) sum += allowances.read('a', connection, bytes)
    }
    // The allowance agrees: a film of nothing is worth nothing.
    expect(allowances.budgetOf(watchedBy('a'), 0).left()).toBe(sum)
    return sum
  }
  const times = <T>(count: number, one: T): readonly T[] => Array(count).fill(one)

  test.each<[string, readonly (readonly number[])[]]>([
    ['one that takes nothing', [[IDLE]]],
    ['a hundred that take nothing', times(100, [IDLE])],
    ['a hundred of a byte', times(100, [1])],
    ['a hundred that are left after a piece', times(100, [65_536, 65_536])],
    ['pipelined ranges of one, none of them read', [times(20, IDLE / 20)]],
  ])('nothing of connections that may wait in sockets: %s', (_, connections) => {
    expect(readOf(connections)).toBe(0)
  })

  test.each<[string, readonly (readonly number[])[], number]>([
    ['a film in one response', [times(100, MB)], 100 * MB],
    ['a film in ten thousand ranges of one connection', [times(10_000, 10_000)], 100 * MB],
    ['a film in ten jumps, a connection each', times(10, times(20, MB)), 200 * MB],
  ])('all but the first 8 MiB of each connection: %s', (_, connections, all) => {
    expect(readOf(connections)).toBe(all - connections.length * BUFFERS)
  })

  test('the connection of a proxy is that of each of its viewers', () => {
    const allowances = new EvictionAllowances(fakeClock())
    const proxy = {}
    expect(allowances.read('a', proxy, BUFFERS + MB)).toBe(MB)
    expect(allowances.read('b', proxy, IDLE)).toBe(0)
    expect(allowances.read('a', proxy, MB)).toBe(MB)
  })
})
