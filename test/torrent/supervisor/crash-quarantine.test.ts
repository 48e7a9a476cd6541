import { describe, expect, test } from '@jest/globals'
import { CrashQuarantine } from '../../../torrent/supervisor/crash-quarantine.ts'

const TEN_MINUTES = 600_000

function bench() {
  let now = 1000
  const quarantine = new CrashQuarantine({ wall: () => 0, steady: () => now })
  const refused = (): string[] => ['a', 'b', 'c'].filter((hash) => quarantine.refused(hash))
  const pass = (ms: number): void => {
    now += ms
  }
  return { quarantine, refused, pass }
}

describe('CrashQuarantine', () => {
  test('the only torrent being opened is refused for ten minutes', () => {
    const { quarantine, refused, pass } = bench()
    quarantine.died(['a'], ['b'])
    expect(refused()).toEqual(['a'])
    pass(TEN_MINUTES - 1)
    expect(refused()).toEqual(['a'])
    pass(1)
    expect(refused()).toEqual([])
  })

  test('one torrent opened twice at once is still the only one', () => {
    const { quarantine, refused } = bench()
    quarantine.died(['a', 'a'], [])
    expect(refused()).toEqual(['a'])
  })

  test('of several torrents being opened none is refused at the first crash', () => {
    const { quarantine, refused } = bench()
    quarantine.died(['a', 'b'], ['c'])
    expect(refused()).toEqual([])
  })

  test('a torrent that was there at two crashes within ten minutes is refused', () => {
    const { quarantine, refused, pass } = bench()
    quarantine.died([], ['a', 'b'])
    pass(TEN_MINUTES - 1)
    quarantine.died([], ['b', 'c'])
    expect(refused()).toEqual(['b'])
  })

  test('a crash long ago does not count', () => {
    const { quarantine, refused, pass } = bench()
    quarantine.died([], ['a'])
    pass(TEN_MINUTES)
    quarantine.died([], ['a'])
    expect(refused()).toEqual([])
  })
})
