import { expect, test } from '@jest/globals'
import { RecentFirstBytes } from '../../../player/trace/recent-first-bytes.ts'

test('the last first bytes are kept, oldest first', () => {
  const recent = new RecentFirstBytes(2)
  for (const ms of [1, 2.04, 3]) recent.add(ms, 'disk')
  expect(recent.list).toEqual([
    { ms: 2, from: 'disk' },
    { ms: 3, from: 'disk' },
  ])
})
