import { expect, test } from '@jest/globals'
import { DownloadRate } from '../../../player/downloads/download-rate.ts'

function rateOf(...pieces: readonly (readonly [bytes: number, at: number])[]): number | undefined {
  const rate = new DownloadRate()
  for (const [bytes, at] of pieces) rate.add(bytes, at)
  return rate.bytesPerSecond
}

test('is what came after the first piece, over the time that took', () => {
  expect(rateOf([4e6, 10_000], [8e6, 11_000], [12e6, 12_000])).toBe(4e6)
})

test('what was on disk before does not count', () => {
  expect(rateOf([500e6, 1000], [502e6, 2000])).toBe(2e6)
})

test.each([
  ['nothing', []],
  ['one piece', [[4e6, 1000]]],
  [
    'little',
    [
      [4e6, 1000],
      [4.9e6, 9000],
    ],
  ],
  [
    'all at once',
    [
      [4e6, 1000],
      [90e6, 1050],
    ],
  ],
  [
    'less than before',
    [
      [4e6, 1000],
      [1e6, 9000],
    ],
  ],
] as const)('%s tells nothing', (_what, pieces) => {
  expect(rateOf(...pieces)).toBeUndefined()
})
