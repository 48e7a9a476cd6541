import { expect, test } from '@jest/globals'
import { jsonLength } from '../../../cache/index/value-size.ts'

test.each([
  [
    'a list of sources',
    { sources: Array(60).fill({ key: 'abc', label: 'x'.repeat(200), at: null }) },
  ],
  ['lists in lists', Array(50).fill(['udp://tracker.example:80/announce', [1, true]])],
  ['many members', Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`name${i}`, i]))],
])('%s is about as long as its JSON', (_, value) => {
  const ratio = jsonLength(value) / JSON.stringify(value).length
  expect(ratio).toBeGreaterThan(0.7)
  expect(ratio).toBeLessThan(1.5)
})

test('what has no JSON costs little', () => {
  expect([undefined, null, 1, false, ''].map(jsonLength)).toEqual([6, 6, 6, 6, 3])
})
