import { expect, test } from '@jest/globals'
import { withoutDuplicates } from '../../../sources/lists/without-duplicates.ts'
import type { NumberedSource } from '../../../sources/source.ts'

const infoHash = 'ab'.repeat(20)
const source = (number: number, key: string, facts: Partial<NumberedSource>): NumberedSource => ({
  number,
  key,
  listed: true,
  retired: false,
  selector: {},
  provider: 'one',
  locator: { kind: 'magnet', infoHash, trackers: [], webSeeds: [] },
  ...facts,
})
const torrent = { kind: 'torrent', from: 'https://a.example/x.torrent', infoHash } as const

test('the same file from two providers is one source with the facts of both', () => {
  const list = withoutDuplicates([
    source(0, 'aaaaaaaaaa', { seeders: 3, languages: ['en'], label: 'First' }),
    source(1, 'bbbbbbbbbb', { provider: 'two' }),
    source(2, 'aaaaaaaaaa', {
      provider: 'two',
      locator: torrent,
      seeders: 9,
      size: 700,
      label: 'Second',
      languages: ['en', 'de'],
    }),
  ])
  expect(list.map(({ number }) => number)).toEqual([0, 1])
  expect(list[0]).toMatchObject({
    number: 0,
    key: 'aaaaaaaaaa',
    provider: 'one',
    label: 'First',
    seeders: 9,
    size: 700,
    languages: ['en', 'de'],
    locator: { kind: 'magnet' },
  })
})

test('what one provider lists twice stays twice', () => {
  const twice = [source(0, 'aaaaaaaaaa', {}), source(1, 'aaaaaaaaaa', { locator: torrent })]
  expect(withoutDuplicates(twice)).toEqual(twice)
})
