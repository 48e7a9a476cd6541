import { describe, expect, test } from '@jest/globals'
import { createSourceLists } from '../../../sources/lists/numbered-source-lists.ts'
import { nearParser } from '../../support/names.ts'
import { fakeIndex, fakeProvider, film, handClock, magnet, never, silent } from '../fakes.ts'

const NAME = 'book:tt1254207'

/** Two nodes with their own providers on one index. */
function nodes() {
  const index = fakeIndex()
  const clock = handClock()
  const node = () => {
    const net = fakeProvider('network')
    const deps = {
      providers: [net],
      index,
      clock,
      log: silent,
      freshMs: 0,
      staleMs: 0,
      listCacheMs: 0,
    }
    const sourceLists = createSourceLists({ ...deps, parser: nearParser })
    return {
      net,
      sourceLists,
      list: async () => (await sourceLists.list(film, never)).sources.map(({ label }) => label),
    }
  }
  return { index, clock, a: node(), b: node() }
}
const releases = (...numbers: number[]) => numbers.map((n) => `release ${n}`)

test('what a source says of its file and its subtitles stays, subtitles as far as there is room', async () => {
  const { a, b } = nodes()
  const subtitle = (n: number) => ({
    ...{
      id: `${n}`.padStart(12, 'a'),
      url: `https://s.example/${'x'.repeat(200)}${n}`,
      lang: 'eng',
    },
    request: { Authorization: 'Basic bWU6cGFzcw==' },
  })
  const selector = { file: 'a.mkv', fileIdx: 2, isHint: true as const }
  const source = { ...magnet(1), selector, subtitles: [subtitle(1), subtitle(2)] }
  a.net.sources = [source]
  await a.list()
  const [found] = (await b.sourceLists.recall(film))?.sources ?? []
  expect(found).toMatchObject({ selector, subtitles: source.subtitles })
  // Numbers and names go first.
  const many = Array.from({ length: 60 }, (_, n) => ({
    ...magnet(n + 1),
    subtitles: [subtitle(n), subtitle(n + 100)],
  }))
  a.net.sources = many
  await a.list()
  const all = (await b.sourceLists.recall(film))?.sources ?? []
  expect(all.map(({ locator }) => locator.kind === 'magnet' && locator.infoHash)).not.toContain('')
  expect(all.length).toBe(61)
  expect(all.some(({ subtitles }) => subtitles !== undefined)).toBe(false)
})

describe('two nodes', () => {
  test('that write at the same time come to one order', async () => {
    const { index, a, b } = nodes()
    a.net.sources = [magnet(1), magnet(2)]
    b.net.sources = [magnet(3), magnet(1)]
    await Promise.all([a.list(), b.list()])
    const after = await a.list()
    expect(await b.list()).toEqual(after)
    expect(after.toSorted()).toEqual(releases(1, 2, 3))
    expect(index.values.get(NAME)).toBeDefined()
  })

  test('the slower one renumbers behind the faster one', async () => {
    const { index, a, b } = nodes()
    a.net.sources = [magnet(1)]
    b.net.sources = [magnet(2)]
    await b.list()
    const theirs = index.values.get(NAME)
    index.values.clear()
    index.beforeWrite = () => theirs && index.values.set(NAME, theirs)
    expect(await a.list()).toEqual(releases(2, 1))
  })

  test('give the merged list when every write loses, and add theirs later', async () => {
    const { index, a, b } = nodes()
    b.net.sources = [magnet(2)]
    await b.list()
    a.net.sources = [magnet(1)]
    const write = index.writeValue
    index.writeValue = async () => false
    expect(await a.list()).toEqual(releases(2, 1))
    index.writeValue = write
    a.net.sources = []
    await a.list()
    expect(await b.list()).toEqual(releases(2, 1))
  })
})

describe('an index that is down', () => {
  test('never fails a list or a play; the numbers stay', async () => {
    const { index, a } = nodes()
    a.net.sources = [magnet(1), magnet(2)]
    await a.list()
    index.down = true
    a.net.sources = [magnet(3), magnet(2)]
    expect(await a.list()).toEqual(releases(1, 2, 3))
    expect(await a.sourceLists.resolve(film, 2, undefined, never)).toMatchObject({
      label: 'release 3',
    })
  })

  test('comes first when it is back; what was numbered here is appended', async () => {
    const { index, a, b } = nodes()
    index.down = true
    a.net.sources = [magnet(1)]
    const listed = (await a.sourceLists.list(film, never)).sources[0]
    index.down = false
    b.net.sources = [magnet(2)]
    expect(await b.list()).toEqual(releases(2))
    a.net.sources = []
    expect(await a.list()).toEqual(releases(2, 1))
    expect(await b.list()).toEqual(releases(2, 1))
    // The address handed out in the outage still means its source.
    expect(await a.sourceLists.resolve(film, 0, listed?.key, never)).toMatchObject({
      label: 'release 1',
    })
  })

  test('that lost the source list gets the same one again', async () => {
    const { index, a } = nodes()
    a.net.sources = [magnet(1), magnet(2)]
    await a.list()
    index.values.clear()
    a.net.sources = [magnet(2)]
    expect(await a.list()).toEqual(releases(1, 2))
    expect(index.values.has(NAME)).toBe(true)
  })
})

test('a stored value that is not a source list counts as none, and is replaced', async () => {
  for (const value of [null, 'x', {}, { version: 2 }, { version: 1, usedAt: 1, entries: [{}] }]) {
    const { index, a } = nodes()
    index.values.set(NAME, { value, revision: 3 })
    a.net.sources = [magnet(1)]
    expect(await a.list()).toEqual(releases(1))
    expect(index.values.get(NAME)?.revision).toBe(4)
  }
})

test('a source that cannot be stored keeps its number, and the others stay', async () => {
  const { a, b } = nodes()
  a.net.sources = [{ ...magnet(1), label: 'x'.repeat(2000) }, magnet(2)]
  await a.list()
  b.net.sources = [magnet(3)]
  expect((await b.list()).slice(1)).toEqual(releases(2, 3))
})
