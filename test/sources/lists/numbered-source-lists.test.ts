import { describe, expect, test } from '@jest/globals'
import { createSourceLists } from '../../../sources/lists/numbered-source-lists.ts'
import type { SourceList } from '../../../sources/lists/source-lists.ts'
import type { SourceProvider } from '../../../sources/source.ts'
import { nearParser } from '../../support/names.ts'
import {
  fakeIndex,
  fakeProvider,
  film,
  handClock,
  localFile,
  magnet,
  never,
  silent,
} from '../fakes.ts'

const DAY = 86_400_000

function shop(...providers: SourceProvider[]) {
  const index = fakeIndex()
  const clock = handClock()
  const node = (...asked: SourceProvider[]) =>
    createSourceLists({
      parser: nearParser,
      providers: asked,
      index,
      clock,
      log: silent,
      lookupTimeoutMs: 60,
      freshMs: 60_000,
      staleMs: 0,
      listCacheMs: 0,
    })
  const open = () => node(...providers)
  return { index, clock, node, open, sourceLists: open() }
}
const labels = (sourceList: SourceList | undefined) => sourceList?.sources.map(({ label }) => label)
const hasCode = (code: string, available?: number) =>
  expect.objectContaining({
    code,
    ...(available !== undefined && { details: { available } }),
  })

describe('numbers', () => {
  test('start in the providers’ order and never move', async () => {
    const owned = fakeProvider('owned', [magnet(1)])
    const net = fakeProvider('network', [magnet(2), magnet(3)])
    const { sourceLists, clock, index } = shop(owned, net)
    expect(labels(await sourceLists.list(film, never))).toEqual([
      'release 1',
      'release 2',
      'release 3',
    ])
    net.sources = [magnet(4), magnet(3)]
    owned.sources = [magnet(5), magnet(1)]
    clock.now += 61_000
    const later = await sourceLists.list(film, never)
    expect(labels(later)).toEqual([1, 2, 3, 5, 4].map((n) => `release ${n}`))
    expect(later.sources.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4])
    expect(later.sources.map(({ listed }) => listed)).toEqual([true, false, true, true, true])
    expect(index.writes.at(-1)).toEqual({ name: 'book:tt1254207', ttlMs: 30 * DAY })
  })

  test('end at 500', async () => {
    const many = (from: number) => Array.from({ length: 300 }, (_, i) => magnet(from + i))
    const { sourceLists } = shop(
      fakeProvider('network', many(1), 'a'),
      fakeProvider('network', many(1001), 'b'),
    )
    const { sources } = await sourceLists.list(film, never)
    expect(sources).toHaveLength(500)
    expect(sources[499]?.label).toBe('release 1200')
  })

  test('are the same on another node and after a restart', async () => {
    const net = fakeProvider('network', [magnet(1), magnet(2)])
    const { sourceLists, open } = shop(net)
    await sourceLists.list(film, never)
    net.sources = [magnet(2)]
    expect(labels(await open().list(film, never))).toEqual(['release 1', 'release 2'])
  })

  test('one source reported twice has one number and all its trackers', async () => {
    const a = fakeProvider('network', [magnet(1, ['udp://a.example:1'])], 'a')
    const b = fakeProvider('network', [{ ...magnet(1, ['udp://b.example:1']), seeders: 7 }], 'b')
    const { sources } = await shop(a, b).sourceLists.list(film, never)
    expect(sources).toHaveLength(1)
    expect(sources[0]).toMatchObject({
      provider: 'a',
      seeders: 7,
      locator: { trackers: ['udp://a.example:1', 'udp://b.example:1'] },
    })
  })
})

describe('what is gone', () => {
  test('from an owner is retired, and comes back under its number', async () => {
    const owned = fakeProvider('owned', [magnet(1), magnet(2)])
    const { sourceLists } = shop(owned)
    await sourceLists.list(film, never)
    owned.sources = [magnet(2)]
    const { sources } = await sourceLists.list(film, never)
    expect(sources[0]).toMatchObject({ number: 0, listed: false, retired: true })
    await expect(sourceLists.resolve(film, 0, undefined, never)).rejects.toEqual(
      hasCode('SOURCE_GONE'),
    )
    owned.sources = [magnet(2), magnet(1)]
    expect(await sourceLists.resolve(film, 0, undefined, never)).toMatchObject({
      label: 'release 1',
    })
  })

  test('from the network still plays', async () => {
    const net = fakeProvider('network', [magnet(1)])
    const { sourceLists, clock } = shop(net)
    await sourceLists.list(film, never)
    net.sources = []
    clock.now += 61_000
    expect((await sourceLists.list(film, never)).sources[0]).toMatchObject({
      listed: false,
      retired: false,
    })
    expect(await sourceLists.resolve(film, 0, undefined, never)).toMatchObject({
      label: 'release 1',
    })
  })

  test('nothing counts as gone when its provider failed', async () => {
    const owned = fakeProvider('owned', [magnet(1)])
    const net = fakeProvider('network', [magnet(2)])
    const { sourceLists, clock } = shop(owned, net)
    await sourceLists.list(film, never)
    owned.answer = 'fail'
    net.answer = 'never'
    clock.now += 61_000
    const { sources, failed } = await sourceLists.list(film, never)
    expect(failed).toEqual(['catalogue', 'net'])
    expect(sources.map(({ listed, retired }) => [listed, retired])).toEqual([
      [true, false],
      [true, false],
    ])
  })
})

describe('resolve', () => {
  test('gives no number to a source that no list has written yet', async () => {
    const owned = fakeProvider('owned', [magnet(1)])
    const { sourceLists, index } = shop(owned)
    await sourceLists.list(film, never)
    owned.sources = [magnet(1), magnet(2)]
    expect(labels(await sourceLists.recall(film))).toEqual(['release 1'])
    expect(await sourceLists.resolve(film, 1, undefined, never)).toMatchObject({
      label: 'release 2',
    })
    expect(index.writes).toHaveLength(2)
  })

  test('prefers the key to the number', async () => {
    const { sourceLists } = shop(fakeProvider('network', [magnet(1), magnet(2)]))
    const [first] = (await sourceLists.list(film, never)).sources
    expect(await sourceLists.resolve(film, 1, first?.key, never)).toMatchObject({ number: 0 })
    expect(await sourceLists.resolve(film, 99, first?.key, never)).toMatchObject({ number: 0 })
    expect(await sourceLists.resolve(film, 1, undefined, never)).toMatchObject({
      label: 'release 2',
    })
  })

  test('asks no network provider for what is remembered', async () => {
    const net = fakeProvider('network', [magnet(1)])
    const { sourceLists, open, clock } = shop(net)
    await sourceLists.list(film, never)
    clock.now += DAY / 2
    await open().resolve(film, 0, undefined, never)
    expect(net.asked).toBe(1)
  })

  test('asks once more, then says what is missing', async () => {
    const net = fakeProvider('network', [magnet(1)])
    const { sourceLists } = shop(net)
    expect(await sourceLists.recall(film)).toBeUndefined()
    expect(await sourceLists.resolve(film, 0, undefined, never)).toMatchObject({
      label: 'release 1',
    })
    await expect(sourceLists.resolve(film, 7, undefined, never)).rejects.toEqual(
      hasCode('UNKNOWN_SOURCE', 1),
    )
    await expect(sourceLists.resolve(film, 0, 'aaaaaaaaaa', never)).rejects.toEqual(
      hasCode('SOURCE_GONE', 1),
    )
    expect(net.asked).toBe(1)
    const empty = shop(fakeProvider('network')).sourceLists
    await expect(empty.resolve(film, 0, undefined, never)).rejects.toEqual(
      hasCode('UNKNOWN_TITLE', 0),
    )
  })

  test('says 503 when nobody answers', async () => {
    const net = fakeProvider('network', [magnet(1)])
    const { sourceLists, clock } = shop(net)
    net.answer = 'fail'
    await expect(sourceLists.list(film, never)).rejects.toEqual(hasCode('PROVIDERS_FAILED'))
    await expect(sourceLists.resolve(film, 0, undefined, never)).rejects.toEqual(
      hasCode('PROVIDERS_FAILED'),
    )
    net.answer = 'now'
    await sourceLists.list(film, never)
    net.answer = 'fail'
    clock.now += 61_000
    await expect(sourceLists.resolve(film, 5, undefined, never)).rejects.toEqual(
      hasCode('PROVIDERS_FAILED'),
    )
    expect(await sourceLists.resolve(film, 0, undefined, never)).toMatchObject({
      label: 'release 1',
    })
  })
})

describe('a file of this machine', () => {
  test('is never taken from the index, always from its owner', async () => {
    const owned = fakeProvider('owned', [localFile('a.mp4')])
    const { sourceLists, open, index } = shop(owned)
    await sourceLists.list(film, never)
    expect(JSON.stringify([...index.values.values()])).not.toContain('/srv')
    expect(await open().resolve(film, 0, undefined, never)).toMatchObject({
      locator: { kind: 'path', path: '/srv/films/a.mp4' },
    })
    owned.answer = 'fail'
    const asked = open().resolve(film, 0, undefined, never)
    await expect(asked).rejects.toEqual(hasCode('PROVIDERS_FAILED'))
    // The server that saw it itself still knows.
    expect(await sourceLists.resolve(film, 0, undefined, never)).toMatchObject({ retired: false })
  })

  test('is listed where it is, and nobody writes against a node that does not have it', async () => {
    const [has, without] = [fakeProvider('owned', [localFile('a.mp4')]), fakeProvider('owned')]
    const net = fakeProvider('network', [magnet(1)])
    const { sourceLists, index, node } = shop(has, net)
    const { key } = (await sourceLists.list(film, never)).sources[0] ?? {}
    const other = node(without, net)
    const stranger = node(net)
    const writes = index.writes.length
    for (let round = 0; round < 3; round++) {
      const here = (await sourceLists.list(film, never)).sources
      expect(here.map(({ listed }) => listed)).toEqual([true, true])
      for (const elsewhere of [other, stranger]) {
        const { sources } = await elsewhere.list(film, never)
        expect(sources.map(({ key, listed }) => [key, listed])).toEqual([
          [key, false],
          [here[1]?.key, true],
        ])
        await expect(elsewhere.resolve(film, 0, key, never)).rejects.toEqual(hasCode('SOURCE_GONE'))
      }
      expect(await sourceLists.resolve(film, 0, key, never)).toMatchObject({ retired: false })
    }
    expect(index.writes).toHaveLength(writes)
    // A node where the same file comes gives it the same number.
    without.sources = [localFile('a.mp4')]
    expect(await other.resolve(film, 0, key, never)).toMatchObject({ number: 0, retired: false })
  })

  test('a stored list with a path in it counts as none', async () => {
    const { sourceLists, index } = shop(fakeProvider('network', [magnet(9)]))
    const source = { locator: { kind: 'path', path: '/etc/passwd' }, selector: {}, provider: 'x' }
    const entries = [{ key: 'aaaaaaaaaa', listed: true, retired: false, source }]
    index.values.set('book:tt1254207', { value: { version: 1, usedAt: 1, entries }, revision: 4 })
    expect(await sourceLists.recall(film)).toBeUndefined()
    expect(labels(await sourceLists.list(film, never))).toEqual(['release 9'])
    expect(index.values.get('book:tt1254207')?.revision).toBe(5)
  })

  test('has the trackers of the catalogue at once', async () => {
    const owned = fakeProvider('owned', [magnet(1)])
    const { sourceLists } = shop(owned)
    await sourceLists.list(film, never)
    owned.sources = [magnet(1, ['udp://new.example:1'])]
    expect(await sourceLists.resolve(film, 0, undefined, never)).toMatchObject({
      locator: { trackers: ['udp://new.example:1'] },
    })
  })
})

test('for many callers each provider is asked once; a caller who leaves does not stop the others', async () => {
  const net = fakeProvider('network', [magnet(1)])
  const { sourceLists } = shop(net)
  const leaving = new AbortController()
  const gone = sourceLists.list(film, leaving.signal)
  const asks = Array.from({ length: 20 }, () => sourceLists.list(film, never))
  leaving.abort(new Error('left'))
  await expect(gone).rejects.toThrow('left')
  expect((await Promise.all(asks)).every(({ sources }) => sources.length === 1)).toBe(true)
  expect(net.asked).toBe(1)
  await sourceLists.list(film, never)
  expect(net.asked).toBe(1)
})

test('a source list that is used stays in the index, with at most one write a day', async () => {
  const { sourceLists, index, clock } = shop(fakeProvider('owned', [magnet(1)]))
  await sourceLists.list(film, never)
  await sourceLists.resolve(film, 0, undefined, never)
  await sourceLists.list(film, never)
  expect(index.writes).toHaveLength(1)
  clock.now += DAY + 1
  await sourceLists.resolve(film, 0, undefined, never)
  await sourceLists.resolve(film, 0, undefined, never)
  expect(index.writes).toHaveLength(2)
})

test('closing ends a look-up that runs', async () => {
  const net = fakeProvider('network')
  net.answer = 'never'
  const index = fakeIndex()
  const deps = { providers: [net], index, clock: handClock(), log: silent }
  const sourceLists = createSourceLists({ parser: nearParser, ...deps, lookupTimeoutMs: 60_000 })
  const list = sourceLists.list(film, never)
  sourceLists.close()
  await expect(list).rejects.toEqual(hasCode('PROVIDERS_FAILED'))
})
