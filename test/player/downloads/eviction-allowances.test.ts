import { describe, expect, test } from '@jest/globals'
import { EvictionAllowances } from '../../../player/downloads/eviction-allowances.ts'
import { fakeClock } from '../../cache/fixture.ts'

const MB = 1_000_000
const MINUTE = 60_000
const watchedBy = (...addresses: string[]) => ({ viewers: addresses.length, addresses })

describe('what an address may evict', () => {
  test('one film’s worth, then what it read: five films that it does not read are one', () => {
    const allowances = new EvictionAllowances(fakeClock())
    const budgets = [30, 20, 90, 30, 30].map((mb) => allowances.budgetOf(watchedBy('a'), mb * MB))
    budgets[0]?.spend(30 * MB, 0)
    expect(budgets.map((budget) => budget.left())).toEqual([0, 0, 0, 0, 0])
    allowances.read('a', 7 * MB)
    expect(budgets.map((budget) => budget.left())).toEqual(Array(5).fill(7 * MB))
    expect(allowances.budgetOf(watchedBy('b'), 5 * MB).left()).toBe(5 * MB)
  })

  test('a household that reads what it fetches never runs out', () => {
    const clock = fakeClock()
    const allowances = new EvictionAllowances(clock)
    for (let episode = 0; episode < 20; episode++) {
      const budget = allowances.budgetOf(watchedBy('home'), 400 * MB)
      for (let step = 0; step < 10; step++) {
        expect(budget.left()).toBeGreaterThan(0)
        budget.spend(40 * MB, 0)
        allowances.read('home', 40 * MB)
        clock.pass(2 * MINUTE)
      }
    }
  })

  test('what is an hour ago is forgotten, the free film too', () => {
    const clock = fakeClock()
    const allowances = new EvictionAllowances(clock)
    const budget = allowances.budgetOf(watchedBy('a'), 10 * MB)
    budget.spend(25 * MB, 0)
    clock.pass(59 * MINUTE)
    expect(budget.left()).toBe(-15 * MB)
    clock.pass(2 * MINUTE)
    expect(budget.left()).toBe(10 * MB)
  })

  test('of several viewers the one with most pays; nobody watches: nothing', () => {
    const allowances = new EvictionAllowances(fakeClock())
    allowances.read('rich', 50 * MB)
    const both = allowances.budgetOf(watchedBy('poor', 'rich'), 10 * MB)
    both.spend(55 * MB, 0)
    expect(allowances.budgetOf(watchedBy('rich'), 10 * MB).left()).toBe(5 * MB)
    expect(both.left()).toBe(10 * MB)
    const left = { viewers: 0, addresses: [] }
    expect(allowances.budgetOf(left, 10 * MB).left()).toBe(0)
    const uncounted = { viewers: 1, addresses: [] }
    expect(allowances.budgetOf(uncounted, 10 * MB).left()).toBe(Number.POSITIVE_INFINITY)
  })

  test('ten thousand addresses are remembered, the last ones', () => {
    const allowances = new EvictionAllowances(fakeClock())
    allowances.read('first', MB)
    for (let i = 0; i < 10_000; i++) allowances.read(`other ${i}`, MB)
    expect(allowances.budgetOf(watchedBy('first'), 0).left()).toBe(0)
    expect(allowances.budgetOf(watchedBy('other 1'), 0).left()).toBe(MB)
  })
})
