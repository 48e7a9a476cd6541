import { expect, test } from '@jest/globals'
import { byOneKey } from '../../sources/by-one-key.ts'

test('a key that two or more have is of neither; what has none is left out', () => {
  const values = ['b1', 'a1', 'c1', 'a2', 'd', 'a3', 'c2']
  const found = byOneKey(values, (value) => (value === 'd' ? undefined : value[0]))
  expect([...found]).toEqual([['b', 'b1']])
})
