import { expect, test } from '@jest/globals'
import { exactTime } from '../../../media/worker/cut.ts'

const AC3 = 1536 / 44_100

test('a time that was rounded to a millisecond becomes the packet’s own', () => {
  for (const n of [0, 1, 29, 206_000]) {
    const exact = 0.005 + n * AC3
    expect(exactTime(Math.round(exact * 1000) / 1000, 0.005, AC3)).toBeCloseTo(exact, 9)
  }
})

test('behind a gap that is no multiple of a packet, times stay as they are', () => {
  expect(exactTime(10.017, 0, AC3)).toBe(10.017)
  expect(exactTime(10.017, 0, undefined)).toBe(10.017)
})
