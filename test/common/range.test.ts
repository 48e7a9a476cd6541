import { describe, expect, test } from '@jest/globals'
import { ifRangeMatches, parseRange } from '../../common/range.ts'
import { seededRandom } from './seeded-random.ts'

const part = (start: number, end: number) => ({ kind: 'part', range: { start, end } })
const whole = { kind: 'whole' }
const unsatisfiable = { kind: 'unsatisfiable' }

describe('parseRange of a file of 100 bytes', () => {
  test.each([
    ['bytes=0-0', part(0, 0)],
    ['bytes=0-', part(0, 99)],
    ['bytes=99-', part(99, 99)],
    ['bytes=10-19', part(10, 19)],
    ['bytes=90-1000', part(90, 99)],
    ['bytes=90-99999999999999999999999', part(90, 99)],
    ['bytes=-1', part(99, 99)],
    ['bytes=-100', part(0, 99)],
    ['bytes=-1000', part(0, 99)],
    ['Bytes=1-2', part(1, 2)],
    ['bytes= 1-2 ', part(1, 2)],
    ['bytes=,1-2,', part(1, 2)],
    ['bytes=007-008', part(7, 8)],
  ])('%j is one part', (header, answer) => {
    expect(parseRange(header, 100)).toEqual(answer)
  })

  test.each([
    'bytes=100-',
    'bytes=100-200',
    'bytes=99999999999999999999-',
    'bytes=-0',
    'bytes=-00',
  ])('%j lies outside', (header) => {
    expect(parseRange(header, 100)).toEqual(unsatisfiable)
  })

  test.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=,',
    'bytes=a-b',
    'bytes=1',
    'bytes=2-1',
    'bytes=200-150',
    'bytes=1-2-3',
    'bytes=--1',
    'bytes=1 -2',
    'bytes=0x1-2',
    'bytes=1.5-2',
    'bytes =1-2',
    'items=0-1',
    'bytes=0-1,3-4',
    'bytes=0-1, -1',
    'bytes=-0,1-2',
    'bytes=0-1\n',
    'bytes=٠-١',
  ])('%j is answered whole', (header) => {
    expect(parseRange(header, 100)).toEqual(whole)
  })
})

test('an empty file has no parts', () => {
  expect(parseRange('bytes=0-', 0)).toEqual(unsatisfiable)
  expect(parseRange('bytes=-1', 0)).toEqual(whole)
  expect(parseRange('bytes=-0', 0)).toEqual(unsatisfiable)
})

test('for any header, a part lies inside the file', () => {
  const random = seededRandom()
  for (let round = 0; round < 5000; round++) {
    const size = random.below(30)
    let header = 'bytes='
    for (let i = random.below(8); i > 0; i--) {
      header += random.pick(['0', '1', '2', '9', '-', '-', ',', ' ', '\t', 'x'])
    }
    const answer = parseRange(header, size)
    if (answer.kind !== 'part') continue
    const { start, end } = answer.range
    const good = 0 <= start && start <= end && end < size && Number.isInteger(end)
    expect([random.seed, header, size, good]).toEqual([random.seed, header, size, true])
  }
})

test('If-Range matches one strong tag exactly, never a date or a weak tag', () => {
  expect(ifRangeMatches(undefined, '"a"')).toBe(true)
  expect(ifRangeMatches('"a"', '"a"')).toBe(true)
  expect(ifRangeMatches(' "a" ', '"a"')).toBe(true)
  for (const header of [
    '',
    'a',
    '"b"',
    'W/"a"',
    '"a", "b"',
    '*',
    'Wed, 21 Oct 2015 07:28:00 GMT',
  ]) {
    expect([header, ifRangeMatches(header, '"a"')]).toEqual([header, false])
  }
  expect(ifRangeMatches('W/"a"', 'W/"a"')).toBe(false)
})
