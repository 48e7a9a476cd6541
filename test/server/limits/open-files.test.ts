import { expect, test } from '@jest/globals'
import { connectionsWithin, openFilesLimit } from '../../../server/limits/open-files.ts'

test.each([
  [1024, 720],
  [256, 144],
  [100, 27],
  [10, 16],
])('of %i descriptors connections have %i at most', (descriptors, most) => {
  expect(connectionsWithin(descriptors)).toBe(most)
})

test('the limit of this process is known', () => {
  expect(openFilesLimit()).toBeGreaterThan(0)
})
