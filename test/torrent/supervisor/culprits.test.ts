import { describe, expect, test } from '@jest/globals'
import { createCulprits } from '../../../torrent/supervisor/culprits.ts'

const TEN_MINUTES = 600_000

function bench() {
  let now = 1000
  const culprits = createCulprits({ wall: () => 0, steady: () => now })
  const refused = (): string[] => ['a', 'b', 'c'].filter((hash) => culprits.refused(hash))
  const pass = (ms: number): void => {
    now += ms
  }
  return { culprits, refused, pass }
}

describe('createCulprits', () => {
  test('the only torrent being opened is refused for ten minutes', () => {
    const { culprits, refused, pass } = bench()
    culprits.died(['a'], ['b'])
    expect(refused()).toEqual(['a'])
    pass(TEN_MINUTES - 1)
    expect(refused()).toEqual(['a'])
    pass(1)
    expect(refused()).toEqual([])
  })

  test('one torrent opened twice at once is still the only one', () => {
    const { culprits, refused } = bench()
    culprits.died(['a', 'a'], [])
    expect(refused()).toEqual(['a'])
  })

  test('of several being opened nobody is refused at the first death', () => {
    const { culprits, refused } = bench()
    culprits.died(['a', 'b'], ['c'])
    expect(refused()).toEqual([])
  })

  test('who was there at two deaths within ten minutes is refused', () => {
    const { culprits, refused, pass } = bench()
    culprits.died([], ['a', 'b'])
    pass(TEN_MINUTES - 1)
    culprits.died([], ['b', 'c'])
    expect(refused()).toEqual(['b'])
  })

  test('a death long ago does not count', () => {
    const { culprits, refused, pass } = bench()
    culprits.died([], ['a'])
    pass(TEN_MINUTES)
    culprits.died([], ['a'])
    expect(refused()).toEqual([])
  })
})
