import { describe, expect, test } from '@jest/globals'
import { type Measured, median, table } from '../../bench/streaming/report.ts'

const measured = (
  figures: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>,
): Measured =>
  new Map(
    Object.entries(figures).map(([figure, of]) => [
      figure,
      new Map(Object.entries(of).map(([name, values]) => [name, [...values]])),
    ]),
  )

const row = (text: string, figure: string): readonly string[] =>
  (text.split('\n').find((line) => line.startsWith(`| ${figure} |`)) ?? '')
    .split('|')
    .map((cell) => cell.trim())
    .slice(1, -1)

describe('the report of the bench', () => {
  test('takes the middle value, or the middle of the middle two', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([9, 1, 5, 7])).toBe(6)
    expect(median([Number.NaN, 3])).toBe(3)
    expect(median([])).toBeNaN()
  })

  test('says whether a figure holds against the better of its peers', () => {
    const figure = 'cold seek to 75 %, eight (ms)'
    const of = (playlink: number) =>
      row(
        table(
          measured({
            [figure]: { webtorrent: [400], 'torrent-stream': [300], playlink: [playlink] },
          }),
        ),
        figure,
      )
    const peers = 'webtorrent or torrent-stream or libtorrent'
    expect(of(200).slice(-3)).toEqual(['0.67', `at most 1 x ${peers}`, 'yes'])
    expect(of(320).slice(-1)).toEqual(['**no**'])
  })

  test('more is better where it is', () => {
    const of = (playlink: number) =>
      row(
        table(measured({ 'cold MB/s': { libtorrent: [100], playlink: [playlink] } })),
        'cold MB/s',
      )
    expect(of(100).at(-1)).toBe('yes')
    expect(of(99).at(-1)).toBe('**no**')
  })

  test('a figure that could not be measured does not hold', () => {
    const text = table(measured({ 'cold MB/s': { libtorrent: [100] } }))
    expect(row(text, 'cold MB/s').at(-1)).toBe('not measured')
  })
})
