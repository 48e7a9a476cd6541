import { expect, test } from '@jest/globals'
import { ConcurrencyLimiter } from '../../../server/limits/concurrency-limiter.ts'

test('an address has its share, whatever others have', () => {
  const counts = new ConcurrencyLimiter(2)
  const [first, second] = [counts.open('a'), counts.open('a')]
  expect(counts.open('a')).toBeUndefined()
  expect(counts.open('b')).toBeDefined()
  first?.()
  // Ended twice it counts once.
  first?.()
  expect(counts.open('a')).toBeDefined()
  expect(counts.open('a')).toBeUndefined()
  second?.()
  expect(counts.open('a')).toBeDefined()
})
