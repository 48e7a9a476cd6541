import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { collectStartGarbage } from '../../../common/host/start-garbage.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('is collected once, and not while something plays', () => {
  let plays = 1
  const collect = jest.fn()
  collectStartGarbage(() => plays === 0, collect)
  jest.advanceTimersByTime(60_000)
  expect(collect).not.toHaveBeenCalled()
  plays = 0
  jest.advanceTimersByTime(600_000)
  expect(collect).toHaveBeenCalledTimes(1)
  expect(jest.getTimerCount()).toBe(0)
})

test('a server that stops before has no timer left', () => {
  const collect = jest.fn()
  collectStartGarbage(() => true, collect)()
  expect(jest.getTimerCount()).toBe(0)
  jest.advanceTimersByTime(60_000)
  expect(collect).not.toHaveBeenCalled()
})

test('garbage goes', () => {
  const dead = ((): WeakRef<object> => {
    return new WeakRef({ kept: Buffer.alloc(10) })
  })()
  // A WeakRef lives until the end of the job that made it.
  return new Promise<void>((resolve) => {
    jest.useRealTimers()
    setImmediate(() => {
      jest.useFakeTimers()
      collectStartGarbage(() => true)
      jest.advanceTimersByTime(10_000)
      expect(dead.deref()).toBeUndefined()
      expect(globalThis.gc).toBeUndefined()
      resolve()
    })
  })
})
