import { describe, expect, test } from '@jest/globals'
import { boundedSources } from '../../../sources/lists/bounded-source.ts'
import { MAX_LIST_BYTES, storableSourceList } from '../../../sources/lists/fit-source-list.ts'
import { createSourceLists } from '../../../sources/lists/numbered-source-lists.ts'
import type { SourceListEntry } from '../../../sources/lists/source-list-entry.ts'
import { readStoredSourceList } from '../../../sources/lists/stored-source-list.ts'
import type { Source } from '../../../sources/source.ts'
import { sourceKey } from '../../../sources/source-key.ts'
import { nearParser } from '../../support/names.ts'
import { fakeIndex, fakeProvider, film, handClock, magnet, never, silent } from '../fakes.ts'

const NAME = 'book:tt1254207'
const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n))
const trackersOf = (n: number, count: number): string[] =>
  many(count, (i) => `udp://${'t'.repeat(200)}-${n}-${i}.example:80/announce`)
const honest = (n: number): Source => ({
  ...magnet(n + 1, ['udp://tracker.one.example:80', 'udp://tracker.two.example:80']),
  label: `A.Film.Of.Some.Length.2001.1080p.WEB-DL.DDP5.1.x265-GROUP${n} with some more words`,
  filename: `A.Film.Of.Some.Length.2001.1080p.WEB-DL.DDP5.1.x265-GROUP${n}.mkv`,
  size: 12_345_678_901,
  seeders: n,
})
const entriesOf = (sources: readonly Source[]): SourceListEntry[] =>
  sources.map((source) => ({ key: sourceKey(source), listed: true, retired: false, source }))
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
/** Through JSON, as an index keeps it. */
const kept = (sources: readonly Source[]) => {
  const value = storableSourceList({ usedAt: 1, entries: entriesOf(sources) })
  return { value, entries: readStoredSourceList(JSON.parse(JSON.stringify(value)))?.entries ?? [] }
}

const LARGE: readonly [string, readonly Source[]][] = [
  ['60 sources with 15 long trackers each', many(60, (n) => magnet(n + 1, trackersOf(n, 15)))],
  ['500 sources', many(500, (n) => honest(n))],
  ['500 sources with trackers of their own', many(500, (n) => magnet(n + 1, trackersOf(n, 10)))],
  [
    'long names',
    many(60, (n) => ({ ...honest(n), label: 'x'.repeat(1000), filename: 'y'.repeat(1000) })),
  ],
  [
    'names that grow when encoded',
    many(60, (n) => ({ ...honest(n), label: '🎬'.repeat(150), filename: '日'.repeat(300) })),
  ],
  [
    'names that JSON escapes',
    many(60, (n) => ({ ...honest(n), label: '\u0001'.repeat(300), filename: '"\\'.repeat(150) })),
  ],
  ['halves of characters', many(200, (n) => ({ ...honest(n), label: '\ud83c'.repeat(300) }))],
  [
    'long paths inside the torrent',
    many(60, (n) => ({ ...honest(n), selector: { file: `${n}/${'p'.repeat(900)}` } })),
  ],
  [
    'long addresses',
    many(60, (n) => ({
      ...honest(n),
      locator: { kind: 'url' as const, url: `https://x.example/${'u'.repeat(1900)}${n}` },
    })),
  ],
  [
    'headers',
    many(60, (n) => ({
      ...honest(n),
      locator: { kind: 'url' as const, url: `https://x.example/${n}` },
      proxyHeaders: { request: Object.fromEntries(many(20, (i) => [`x-${i}`, 'h'.repeat(1000)])) },
    })),
  ],
  [
    'web seeds',
    many(60, (n) => ({
      ...honest(n),
      locator: {
        kind: 'magnet' as const,
        infoHash: n.toString(16).padStart(40, '0'),
        trackers: [],
        webSeeds: many(20, (i) => `https://w.example/${'w'.repeat(500)}/${n}/${i}`),
      },
    })),
  ],
  [
    'many languages',
    many(60, (n) => ({
      ...honest(n),
      languages: many(50, (i) => `language ${i} ${'l'.repeat(300)}`),
    })),
  ],
]

describe('a stored list is within 16 KiB, and every number is in it', () => {
  test.each(LARGE)('%s', (_, sources) => {
    const { value, entries } = kept(sources)
    expect(bytesOf(value)).toBeLessThanOrEqual(MAX_LIST_BYTES)
    expect(entries.map(({ key }) => key)).toEqual(sources.map(sourceKey))
    expect(entries.every(({ listed, retired }) => listed && !retired)).toBe(true)
  })

  test('60 sources of a popular film stay playable; equal trackers stand in it once', () => {
    const { value, entries } = kept(many(60, honest))
    expect(entries.map(({ source }) => source.locator)).toEqual(many(60, (n) => honest(n).locator))
    expect(value.trackers).toHaveLength(2)
    const few = many(20, honest)
    expect(kept(few).entries).toEqual(entriesOf(few))
  })

  test('large ones lose their place before the others do', () => {
    const hostile = many(30, (n) => magnet(1000 + n, trackersOf(n, 10)))
    const { entries } = kept([...hostile, ...many(40, honest)])
    expect(entries.slice(30).map(({ source }) => source.locator)).toEqual(
      many(40, (n) => honest(n).locator),
    )
  })
})

describe('a foreign answer', () => {
  test('has at most 40 trackers a source, and equal ones are one array', () => {
    const trackers = many(90, (i) => `udp://t${i % 45}.example:80`)
    const { sources } = boundedSources([magnet(1, trackers), magnet(2, [...trackers])])
    const [a, b] = sources.map(({ locator }) => locator.kind === 'magnet' && locator.trackers)
    expect(a).toEqual(many(40, (i) => `udp://t${i}.example:80`))
    expect(a).toBe(b)
  })

  test('has no more than 2 KiB of trackers a source', () => {
    const [source] = boundedSources([
      magnet(
        1,
        trackersOf(1, 40).map((one) => `${one}/${'x'.repeat(200)}`),
      ),
    ]).sources
    const trackers = source?.locator.kind === 'magnet' ? source.locator.trackers : []
    expect(trackers.length).toBeGreaterThan(2)
    expect(trackers.join('').length).toBeLessThanOrEqual(2048)
  })

  test('has no source of more than 12 KiB, and is there as a text too', () => {
    const large: Source = { ...magnet(2), identity: 'x'.repeat(13_000) }
    const { sources, json } = boundedSources([magnet(1), large, magnet(3)])
    expect(sources).toEqual([magnet(1), magnet(3)])
    expect(JSON.parse(json)).toEqual(sources)
  })

  test('has at most 256 KiB in all', () => {
    const { sources, json } = boundedSources(many(500, (n) => magnet(n, trackersOf(n, 10))))
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(256 * 1024 + sources.length + 1)
    expect(sources.length).toBeGreaterThan(90)
  })
})

describe('a list of which the index keeps numbers only', () => {
  function shop() {
    const index = fakeIndex()
    const clock = handClock()
    const net = fakeProvider('network')
    const said: string[] = []
    const log = Object.assign(Object.create(silent), {
      warn: (_: unknown, text: string) => said.push(text),
    })
    const options = { providers: [net], index, clock, log, staleMs: 0, listCacheMs: 0 }
    const open = () => createSourceLists({ parser: nearParser, ...options, freshMs: 60_000 })
    return { index, clock, net, said, open }
  }

  test('plays all of it on another node, which asks again for what it does not know', async () => {
    const { net, open, index, said } = shop()
    net.sources = many(300, honest)
    const first = await open().list(film, never)
    expect(bytesOf(index.values.get(NAME)?.value)).toBeLessThanOrEqual(MAX_LIST_BYTES)
    expect(said).toHaveLength(1)
    const other = open()
    const [, known] = first.sources
    expect(await other.resolve(film, 1, known?.key, never)).toMatchObject({
      locator: honest(1).locator,
    })
    expect(net.asked).toBe(1)
    expect(await other.resolve(film, 299, first.sources[299]?.key, never)).toMatchObject({
      number: 299,
      locator: honest(299).locator,
    })
    expect(net.asked).toBe(2)
  })

  test('never moves a number, whatever its providers make of it', async () => {
    const { net, open, clock, index } = shop()
    net.sources = many(60, honest)
    const numbers = (await open().list(film, never)).sources.map(({ key }) => key)
    for (const [, sources] of LARGE) {
      net.sources = [...sources.slice(0, 40), ...many(60, honest)]
      clock.now += 61_000
      const { sources: listed } = await open().list(film, never)
      expect(listed.slice(0, 60).map(({ key }) => key)).toEqual(numbers)
      expect(bytesOf(index.values.get(NAME)?.value)).toBeLessThanOrEqual(MAX_LIST_BYTES)
    }
  })

  test('lists nothing that could not be played when its provider is away', async () => {
    const { net, open, clock, index } = shop()
    net.sources = many(300, honest)
    await open().list(film, never)
    net.answer = 'fail'
    clock.now += 61_000
    const { sources } = await open().list(film, never)
    expect(sources).toHaveLength(300)
    const listed = sources.filter((one) => one.listed)
    expect(listed.length).toBeGreaterThan(20)
    expect(listed.every(({ locator }) => locator.kind === 'magnet' && locator.infoHash)).toBe(true)
    expect(index.writes).toHaveLength(1)
    await expect(open().resolve(film, 299, undefined, never)).rejects.toMatchObject({
      code: 'PROVIDERS_FAILED',
    })
  })
})

test('a list of an earlier version is read, and written in the new form when it changes', async () => {
  const index = fakeIndex()
  const source = { ...magnet(7, ['udp://t.example:80']), label: 'old' }
  const entries = entriesOf([source])
  index.values.set(NAME, { value: { version: 1, usedAt: 1, entries }, revision: 4 })
  const net = fakeProvider('network', [magnet(8)])
  const sourceLists = createSourceLists({
    parser: nearParser,
    providers: [net],
    index,
    clock: handClock(),
    log: silent,
  })
  const { sources } = await sourceLists.list(film, never)
  expect(sources.map(({ label }) => label)).toEqual(['old', 'release 8'])
  expect(index.values.get(NAME)).toMatchObject({ value: { version: 2 }, revision: 5 })
  expect(readStoredSourceList(index.values.get(NAME)?.value)?.entries[0]?.source).toEqual(source)
})
