import { expect, test } from '@jest/globals'
import { createSourceLists } from '../../../sources/lists/numbered-source-lists.ts'
import type { SourceProvider } from '../../../sources/source.ts'
import { nearParser } from '../../support/names.ts'
import { fakeIndex, fakeProvider, film, handClock, magnet, never, silent } from '../fakes.ts'

const PARTS = [
  { fileIdx: 1, name: 'Film CD2.avi', size: 700 },
  { fileIdx: 4, name: 'Film CD3.avi', size: 600 },
]

/** Servers, one after another, on one index. */
function shop(provider: SourceProvider, listCacheMs = 0) {
  const [index, clock] = [fakeIndex(), handClock()]
  const times = { lookupTimeoutMs: 60, freshMs: 60_000, staleMs: 0, listCacheMs }
  const providers = [provider]
  const open = () =>
    createSourceLists({ parser: nearParser, providers, index, clock, log: silent, ...times })
  return { open, clock }
}

test.each(['owned', 'network'] as const)('of a provider that is %s', async (authority) => {
  const provider = fakeProvider(authority, [magnet(1), magnet(2)])
  const { open, clock } = shop(provider)
  const lists = open()
  const [first] = (await lists.list(film, never)).sources
  if (!first) throw new Error('no source')
  lists.learnParts(first, PARTS)
  const learned = await lists.list(film, never)
  // New numbers behind those that were given, and nothing else has moved.
  expect(learned.sources).toMatchObject([
    { number: 0, label: 'release 1', selector: {} },
    { number: 1, label: 'release 2', selector: {} },
    { number: 2, selector: { fileIdx: 1 }, filename: 'Film CD2.avi', size: 700, listed: true },
    { number: 3, selector: { fileIdx: 4 }, filename: 'Film CD3.avi', size: 600, listed: true },
  ])
  expect(learned.sources[2]?.locator).toEqual(first.locator)

  // Another server has not seen the torrent, but the list says what they are parts of.
  clock.now += 61_000
  const later = await open().list(film, never)
  expect(later.sources.map(({ listed, retired }) => [listed, retired])).toEqual(
    Array(4).fill([true, false]),
  )
  expect(later.sources.map(({ key }) => key)).toEqual(learned.sources.map(({ key }) => key))

  // They go with their film.
  provider.sources = [magnet(2)]
  clock.now += 61_000
  const gone = await open().list(film, never)
  const isOwned = authority === 'owned'
  expect(gone.sources.map(({ listed, retired }) => [listed, retired])).toEqual([
    ...[
      [false, isOwned],
      [true, false],
      [false, isOwned],
      [false, isOwned],
    ],
  ])
})

test('a list that is remembered for its viewers has them at once', async () => {
  const provider = fakeProvider('network', [magnet(1)])
  const lists = shop(provider, 60_000).open()
  const [first] = (await lists.list(film, never)).sources
  if (!first) throw new Error('no source')
  lists.learnParts(first, PARTS)
  expect((await lists.list(film, never)).sources).toHaveLength(3)
})

test('a film without further parts is listed once', async () => {
  const lists = shop(fakeProvider('network', [magnet(1)])).open()
  const [first] = (await lists.list(film, never)).sources
  if (first) lists.learnParts(first, [])
  expect((await lists.list(film, never)).sources).toHaveLength(1)
})
