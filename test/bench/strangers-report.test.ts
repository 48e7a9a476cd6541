import { describe, expect, test } from '@jest/globals'
import type { Row } from '../../bench/strangers/measure-row.ts'
import { between, missesOf, strangersTable } from '../../bench/strangers/report.ts'

const longestOne = { cpuMs: 9, what: '/stream' }
const inside = {
  ...{ longestHoldMs: 30, longestCpuMs: 15, longestOne },
  ...{ resources: [], outlived: 0, heapUsed: 1, external: 1 },
}
const good: Row = {
  name: 'an attack',
  quiet: {
    lists: { succeeded: 3, of: 3 },
    plays: { succeeded: 3, of: 3 },
    firstBytes: [40, 50, 60],
  },
  attacked: {
    lists: { succeeded: 4, of: 4 },
    plays: { succeeded: 2, of: 2 },
    firstBytes: [90, 110],
  },
  playedBytes: 5_000_000,
  gaps: { quietMs: 1, attackedMs: 2 },
  inside: { quiet: inside, attacked: inside },
  peaks: { main: 200, all: 300 },
  evicted: 0,
  outcomes: { 429: 7, cut: 1 },
}

describe('the report of the bench of strangers', () => {
  test('shows a row that has what must be', () => {
    const line = strangersTable([good]).split('\n').at(-1)
    expect(line).toContain('| an attack | 4 of 4 | 2 of 2 | 50, 100 | 2.0 | 5.0 |')
    expect(line).toContain('| 429: 7, cut: 1 | none |')
    expect(missesOf(good)).toEqual([])
  })

  test.each<[string, Partial<Row>]>([
    ['lists', { attacked: { ...good.attacked, lists: { succeeded: 3, of: 4 } } }],
    ['cold plays', { attacked: { ...good.attacked, plays: { succeeded: 1, of: 2 } } }],
    ['first byte', { attacked: { ...good.attacked, firstBytes: [101] } }],
    ['first byte', { attacked: { ...good.attacked, firstBytes: [] } }],
    ['playing stream', { playedBytes: Number.NaN }],
    [
      'hold',
      {
        inside: {
          quiet: inside,
          attacked: { ...inside, longestOne: { ...longestOne, cpuMs: 21 } },
        },
      },
    ],
    ['RSS', { peaks: { main: 513, all: 600 } }],
    ['films gone', { evicted: 11 }],
  ])('names what is missed: %s', (name, change) => {
    expect(missesOf({ ...good, ...change })).toEqual([name])
  })

  test('goes between its markers, which must be there', () => {
    const page = 'a\n<!-- x -->\nold\n<!-- end of x -->\nb'
    expect(between(page, 'x', 'new')).toBe('a\n<!-- x -->\n\nnew\n\n<!-- end of x -->\nb')
    expect(() => between(page, 'y', 'new')).toThrow('<!-- y -->')
  })
})
