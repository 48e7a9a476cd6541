import { expect, test } from '@jest/globals'
import { measuredWords } from '../../../addon/facts/measured-words.ts'

test.each([
  [undefined, ''],
  [{ daysAgo: 3 }, ''],
  [
    { firstByteMs: 910, bytesPerSecond: 4_040_000, daysAgo: 1 },
    '0.9 s to start, 4 MB/s here yesterday',
  ],
  [{ firstByteMs: 3, bytesPerSecond: 123_456, daysAgo: 0 }, '0.1 s to start, 120 kB/s here today'],
  [{ firstByteMs: 12_345, daysAgo: 5 }, '12 s to start here 5 days ago'],
  [{ bytesPerSecond: 12_345_678, daysAgo: 0 }, '12 MB/s here today'],
  [{ bytesPerSecond: 4_340_000, daysAgo: 0 }, '4.3 MB/s here today'],
])('%j is told as %s', (played, words) => {
  expect(measuredWords(played)).toBe(words)
})
