import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { settleInTime } from '../../../../cache/backends/redis/settle-in-time.ts'
import { keepBusy } from '../../../support/keep-busy.ts'

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] })
})
afterEach(() => {
  jest.useRealTimers()
})

const tick = () => new Promise((resolve) => setImmediate(resolve))
async function pass(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms)
  await tick()
}

function started() {
  const outer = Promise.withResolvers<string>()
  const slow: number[] = []
  const onSlow = () => void slow.push(slow.length)
  const timed = settleInTime(outer.promise, { slowMs: 100, timeoutMs: 240, onSlow })
  timed.catch(() => {})
  return { ...outer, timed, slow }
}

test('an answer in time is passed on, and no timer is left', async () => {
  const { resolve, timed, slow } = started()
  resolve('yes')
  await expect(timed).resolves.toBe('yes')
  expect(slow).toEqual([])
  expect(jest.getTimerCount()).toBe(0)
})

test('an error in time is passed on', async () => {
  const { reject, timed } = started()
  reject(new Error('no'))
  await expect(timed).rejects.toThrow('no')
  expect(jest.getTimerCount()).toBe(0)
})

test('a slow answer is reported once and passed on', async () => {
  const { resolve, timed, slow } = started()
  await pass(150)
  expect(slow).toHaveLength(1)
  resolve('late')
  await expect(timed).resolves.toBe('late')
  expect(jest.getTimerCount()).toBe(0)
})

test('a timeout rejects, and a later answer is ignored', async () => {
  const { reject, timed } = started()
  await pass(101)
  await pass(141)
  await expect(timed).rejects.toThrow('no answer within 240 ms')
  reject(new Error('later'))
  await tick()
})

test('an answer that waited in the socket while this process was busy is in time', async () => {
  jest.useRealTimers()
  await tick() // from here the loop comes to timers before it comes to immediates
  const slow = jest.fn()
  const answer = new Promise<string>((resolve) => setImmediate(() => resolve('read')))
  const timed = settleInTime(answer, { slowMs: 10, timeoutMs: 20, onSlow: slow })
  keepBusy(60)
  await expect(timed).resolves.toBe('read')
  expect(slow).not.toHaveBeenCalled()
})
