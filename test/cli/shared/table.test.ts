import { expect, test } from '@jest/globals'
import { ago, columns } from '../../../cli/shared/table.ts'

test('columns are as wide as their widest cell, and no line ends in spaces', () => {
  const rows = [
    ['SIZE', 'STATE', 'NAME'],
    ['1 B', 'partial', 'a film'],
    ['10 MB', 'ok', ''],
  ]
  expect(columns(rows, 1)).toBe(' SIZE  STATE    NAME\n  1 B  partial  a film\n10 MB  ok\n')
})

test('past times in words', () => {
  expect([-5000, 0, 59_999, 60_000, 7_199_999, 86_400_000 * 2].map(ago)).toEqual([
    ...['just now', 'just now', 'just now', '1 minute ago', '1 hour ago', '2 days ago'],
  ])
})
