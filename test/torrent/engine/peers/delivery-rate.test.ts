import { describe, expect, test } from '@jest/globals'
import { BLOCK } from '../../../../torrent/engine/blocks/block.ts'
import { DeliveryRate } from '../../../../torrent/engine/peers/delivery-rate.ts'

/** Blocks an even span apart; gives the time after the last. */
function blocks(rate: DeliveryRate, n: number, everyMs: number, from = 0, busy = true): number {
  let now = from
  for (let i = 0; i < n; i++) {
    now += everyMs
    rate.add(BLOCK, now, 50, busy)
  }
  return now
}

describe('DeliveryRate', () => {
  test('three blocks after the first say something', () => {
    const rate = new DeliveryRate()
    const now = blocks(rate, 3, 10)
    expect(rate.current).toBe(0)
    blocks(rate, 1, 10, now)
    expect(rate.current).toBeCloseTo(100 * BLOCK, -2)
  })

  test('a burst is not taken for the rate', () => {
    const rate = new DeliveryRate()
    // Four blocks at once each 60 ms, as a window of TCP brings them.
    for (let rtt = 1; rtt < 50; rtt++) {
      for (let i = 0; i < 4; i++) rate.add(BLOCK, rtt * 60 + i / 10, 50, true)
    }
    expect(rate.current / ((4 * BLOCK) / 0.06)).toBeGreaterThan(0.7)
    expect(rate.current / ((4 * BLOCK) / 0.06)).toBeLessThan(1.8)
  })

  test('follows a line that becomes slower at once, and forgets slowly what it could do', () => {
    const rate = new DeliveryRate()
    let now = blocks(rate, 400, 5)
    now = blocks(rate, 12, 50, now)
    expect(rate.current).toBeLessThan(90 * BLOCK)
    expect(rate.recentMax).toBeGreaterThan(110 * BLOCK)
    blocks(rate, 200, 50, now)
    expect(rate.recentMax).toBeLessThan(25 * BLOCK)
  })

  test('a line with too little to do is not slow', () => {
    const rate = new DeliveryRate()
    const now = blocks(rate, 400, 5)
    blocks(rate, 100, 50, now, false)
    expect(rate.current).toBeGreaterThan(190 * BLOCK)
  })

  test('a pause is not counted', () => {
    const rate = new DeliveryRate()
    const now = blocks(rate, 100, 10)
    rate.restart()
    blocks(rate, 30, 10, now + 60_000)
    expect(rate.current / (100 * BLOCK)).toBeCloseTo(1, 1)
  })
})
