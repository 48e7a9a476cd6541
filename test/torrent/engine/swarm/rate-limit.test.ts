import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { RateLimit } from '../../../../torrent/engine/swarm/rate-limit.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

/** Takes these amounts one after the other; tells when each was let go, in milliseconds. */
function taker(limit: RateLimit, ...amounts: number[]): { gone: number[] } {
  const start = performance.now()
  const all = { gone: [] as number[] }
  for (const amount of amounts) {
    void limit.take(amount).then(() => all.gone.push(Math.round(performance.now() - start)))
  }
  return all
}

describe('RateLimit', () => {
  test('a second’s worth goes at once, then so much a second, in order', async () => {
    const all = taker(new RateLimit(1000), 600, 400, 500, 250, 250)
    await jest.advanceTimersByTimeAsync(0)
    expect(all.gone).toEqual([0, 0])
    await jest.advanceTimersByTimeAsync(2000)
    expect(all.gone).toEqual([0, 0, 500, 750, 1000])
  })

  test('unused bytes are saved up for one second, not more', async () => {
    const limit = new RateLimit(1000)
    await jest.advanceTimersByTimeAsync(60_000)
    const all = taker(limit, 1000, 1000)
    await jest.advanceTimersByTimeAsync(999)
    expect(all.gone).toEqual([0])
    await jest.advanceTimersByTimeAsync(1)
    expect(all.gone).toEqual([0, 1000])
  })

  test('a block larger than a second’s worth goes at once, and the next waits for it', async () => {
    const all = taker(new RateLimit(1000), 5000, 1)
    await jest.advanceTimersByTimeAsync(3900)
    expect(all.gone).toEqual([0])
    await jest.advanceTimersByTimeAsync(200)
    expect(all.gone).toHaveLength(2)
  })

  test('0: no uploads', async () => {
    const limit = new RateLimit(0)
    expect(limit.off).toBe(true)
    await expect(limit.take(1)).rejects.toThrow('nothing is given')
  })

  test('below 0: no limit', async () => {
    const limit = new RateLimit(-1)
    expect(limit.off).toBe(false)
    await limit.take(1e12)
    expect(jest.getTimerCount()).toBe(0)
  })

  test('close() rejects what waits, leaves no timer, and later calls are rejected', async () => {
    const limit = new RateLimit(10)
    await limit.take(10)
    const waiting = [limit.take(10), limit.take(10)].map((taken) => taken.catch(String))
    expect(jest.getTimerCount()).toBe(1)
    limit.close()
    expect(jest.getTimerCount()).toBe(0)
    expect((await Promise.all(waiting)).join()).toMatch(/given any more.*given any more/)
    await expect(limit.take(1)).rejects.toThrow('nothing is given')
  })
})
