import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, expect, jest, test } from '@jest/globals'
import { inParallel } from '../../../cache/store/in-parallel.ts'
import { createEventLoopYield } from '../../../common/permits/event-loop-yield.ts'
import { pass, stopTime } from '../../support/virtual-time.ts'

afterEach(() => void jest.useRealTimers())

test('runs every task, never more at once than allowed', async () => {
  let running = 0
  let most = 0
  const done: number[] = []
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (n) => {
    most = Math.max(most, ++running)
    await nextTurn()
    running--
    done.push(n)
  })
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(most).toBe(3)
  await inParallel([], 3, async () => expect(false).toBe(true))
})

test('after the first failure no task begins, and none is left running', async () => {
  let running = 0
  const begun: number[] = []
  const work = inParallel([1, 2, 3, 4, 5, 6], 2, async (n) => {
    begun.push(n)
    running++
    await nextTurn()
    running--
    if (n === 2) throw new Error('two')
  })
  await expect(work).rejects.toThrow('two')
  expect(running).toBe(0)
  expect(begun.length).toBeLessThan(6)
})

test('yields to the event loop only when some time has passed', async () => {
  stopTime()
  const yieldToEventLoop = createEventLoopYield()
  expect(yieldToEventLoop()).toBeUndefined()
  await pass(3)
  expect(yieldToEventLoop()).toBeUndefined()
  await pass(1)
  let others = false
  setImmediate(() => {
    others = true
  })
  await yieldToEventLoop()
  expect(others).toBe(true)
  expect(yieldToEventLoop()).toBeUndefined()
})
