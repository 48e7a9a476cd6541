import { expect, test } from '@jest/globals'
import { rankSources, scoreOf } from '../../../sources/matching/ranking.ts'
import type { NumberedSource, Source } from '../../../sources/source.ts'
import { withNames } from '../../support/names.ts'
import { magnet } from '../fakes.ts'

const numbered = (number: number, facts: Partial<Source> = {}): NumberedSource =>
  withNames({
    ...magnet(number),
    number,
    key: 'aaaaaaaaaa',
    listed: true,
    retired: false,
    ...facts,
  })
const order = (sources: NumberedSource[], options = {}) =>
  rankSources(sources, options).map(({ number }) => number)

test('better pictures and more seeders come first, fakes and cameras last', () => {
  const sources = [
    numbered(0, { quality: '720p', seeders: 50 }),
    numbered(1, { quality: '1080p', seeders: 50 }),
    numbered(2, { quality: '1080p', seeders: 0 }),
    numbered(3, { quality: '1080p', seeders: 50, size: 5_000_000 }),
    numbered(4, { filename: 'Film.2024.HDCAM.1080p.mkv', seeders: 50 }),
    numbered(5, { quality: '2160p', seeders: 50, size: 60e9 }),
  ]
  expect(order(sources)).toEqual([1, 0, 5, 3, 4, 2])
})

test('what `first` says counts more than every score', () => {
  const sources = [numbered(0, { quality: '2160p' }), numbered(1, { quality: '360p' })]
  expect(order(sources, { first: ({ number }: NumberedSource) => number })).toEqual([1, 0])
})

test('equal ones keep the order of their numbers', () => {
  const sources = [
    numbered(0, { provider: 'b' }),
    numbered(1, { provider: 'a' }),
    numbered(2, { provider: 'b' }),
  ]
  expect(order(sources.toReversed())).toEqual([0, 1, 2])
})

test('a direct address is judged without seeders', () => {
  const url = { locator: { kind: 'url', url: 'https://h.example/a' } } as const
  expect(scoreOf(numbered(0, { ...url, seeders: 0 }))).toBe(scoreOf(numbered(1, url)))
  expect(scoreOf(numbered(0, { seeders: 100 }))).toBeGreaterThan(scoreOf(numbered(0)))
})
