import { describe, expect, test } from '@jest/globals'
import { createAddon } from '../../addon/addon.ts'
import { EVERYTHING, type Preferences } from '../../addon/preferences.ts'
import type { Availability } from '../../common/availability.ts'
import { Fault } from '../../common/errors.ts'
import type { Title } from '../../common/title.ts'
import type { SourceList } from '../../sources/lists/source-lists.ts'
import { episode, fullSourceList, holding, movie, silent, source } from './fixtures.ts'

const BASE = 'https://films.example'
const { signal } = new AbortController()

function addonOf(
  list: (title: Title, signal: AbortSignal) => Promise<SourceList>,
  states: Readonly<Record<number, Availability>> = {},
) {
  const config = { stremioAddonsConfig: undefined }
  const sourceLists = { list, recall: async () => undefined }
  return createAddon({ sourceLists, player: holding(states), config, log: silent })
}

/** Without "Auto", which has none. */
const numbers = (list: { readonly streams: readonly { readonly url: string }[] }) =>
  list.streams.flatMap(({ url }) => /\/(\d+)\?s=/.exec(url)?.[1] ?? []).map(Number)

describe('what the source lists are asked', () => {
  test.each([
    ['movie', 'tt1254207', movie],
    ['series', 'tt0903747:1:2', episode],
  ])('%s %s, with the signal of the client', async (type, id, title) => {
    const asked: unknown[] = []
    const addon = addonOf(async (...question) => {
      asked.push(question)
      return fullSourceList
    })
    await addon.streams(type, id, BASE, signal)
    expect(asked).toEqual([[title, signal, false]])
  })

  test('an addon gets no sources of other addons; we ourselves get none at all', async () => {
    const asked: unknown[] = []
    const addon = addonOf(async (...question) => {
      asked.push(question)
      return fullSourceList
    })
    await addon.streams('movie', 'tt1254207', BASE, signal, { loopCheck: 'addon' })
    expect(asked).toEqual([[movie, signal, true]])
    const ours = await addon.streams('movie', 'tt1254207', BASE, signal, { loopCheck: 'self' })
    expect(ours.streams).toEqual([])
    expect(asked).toHaveLength(1)
  })

  test.each([
    ['movie', 'kitsu:1'],
    ['movie', 'tt1254207:1:2'],
    ['movie', 'tt12'],
    ['series', 'tt0903747'],
    ['series', 'tt0903747:1'],
    ['series', 'tt0903747:1:2:3'],
    ['series', 'tt0903747:1:2x'],
    ['channel', 'tt1254207'],
    ['', ''],
    ['movie', 'x'.repeat(10_000)],
  ])('nothing for %s %s: an empty list', async (type, id) => {
    const addon = addonOf(() => Promise.reject(new Error('was asked')))
    expect(await addon.streams(type, id, BASE, signal)).toMatchObject({ streams: [] })
  })
})

describe('what is listed', () => {
  test('not what is retired, nor what no provider reports', async () => {
    const sources = [source(0, { retired: true }), source(1, { listed: false }), source(2)]
    const addon = addonOf(async () => ({ sources, failed: [] }))
    expect(numbers(await addon.streams('movie', 'tt1254207', BASE, signal))).toEqual([2])
  })

  test('first what is on this server, then what is being downloaded', async () => {
    const sources = [source(0), source(1), source(2), source(3)]
    const addon = addonOf(async () => ({ sources, failed: [] }), {
      1: { kind: 'downloading', percent: 3 },
      3: { kind: 'ready' },
    })
    const order = numbers(await addon.streams('movie', 'tt1254207', BASE, signal))
    expect(order.slice(0, 2)).toEqual([3, 1])
    expect(order.toSorted()).toEqual([0, 1, 2, 3])
  })

  test('the rest by rank; every source keeps its number', async () => {
    const sources = [source(0, { quality: '480p' }), source(1, { quality: '1080p' })]
    const addon = addonOf(async () => ({ sources, failed: [] }))
    const { streams } = await addon.streams('movie', 'tt1254207', BASE, signal)
    expect(numbers({ streams })).toEqual([1, 0])
    const names = ['Playlink\nAuto', 'Playlink\n1080p', 'Playlink\n480p']
    expect(streams.map(({ name }) => name)).toEqual(names)
  })
})

describe('auto', () => {
  const two = [source(0, { quality: '480p' }), source(1, { quality: '1080p' })]

  test('is the first stream, with an address that never changes', async () => {
    const addon = addonOf(async () => ({ sources: two, failed: [] }))
    const movies = (await addon.streams('movie', 'tt1254207', BASE, signal)).streams
    expect(movies[0]).toMatchObject({
      url: `${BASE}/play/movie/tt1254207/auto?s=auto`,
      description: expect.stringContaining('Begins with: 1080p'),
    })
    const episodes = (await addon.streams('series', 'tt0903747:1:2', BASE, signal)).streams
    expect(episodes[0]?.url).toBe(`${BASE}/play/series/tt0903747/auto/1/2?s=auto`)
    expect(episodes[0]?.behaviorHints.bingeGroup).toBe(movies[0]?.behaviorHints.bingeGroup)
  })

  test('is left out when there is only one source', async () => {
    const addon = addonOf(async () => ({ sources: two.slice(1), failed: [] }))
    const { streams } = await addon.streams('movie', 'tt1254207', BASE, signal)
    expect(streams.map(({ name }) => name)).toEqual(['Playlink\n1080p'])
  })
})

describe("a viewer's preferences", () => {
  const sources = [
    source(0, { quality: '2160p', size: 20e9 }),
    source(1, { quality: '1080p', size: 8e9 }),
    source(2, { quality: '720p', size: 2e9 }),
  ]
  const ask = async (wanted?: Partial<Preferences>) => {
    const addon = addonOf(async () => ({ sources, failed: [] }))
    const viewer = wanted && { preferences: { ...EVERYTHING, ...wanted } }
    return (await addon.streams('movie', 'tt1254207', BASE, signal, viewer)).streams
  }

  test('hide and order; the streams that are left are those that everybody gets', async () => {
    const all = await ask()
    const few = await ask({ maxMb: 10_000, sort: 'small', hide: ['auto'] })
    expect(few.map(({ name }) => name)).toEqual(['Playlink\n720p', 'Playlink\n1080p'])
    for (const one of few) expect(all).toContainEqual(one)
  })

  test('apply to Auto too, which has an address of its own, unless it is hidden', async () => {
    const first = async (wanted: Partial<Preferences>) => (await ask(wanted))[0]
    expect((await first({ sort: 'small' }))?.url).toBe(
      `${BASE}/play/movie/tt1254207/auto?s=auto&c=v1~s.small`,
    )
    expect((await first({ sort: 'small' }))?.description).toContain('Begins with: 720p')
    expect((await first({}))?.url).toBe(`${BASE}/play/movie/tt1254207/auto?s=auto`)
    expect((await first({ hide: ['auto'] }))?.name).toBe('Playlink\n2160p')
  })
})

describe('how long an answer stays good', () => {
  const ages = async (sourceList: SourceList, states?: Readonly<Record<number, Availability>>) => {
    const { streams: _, ...rest } = await addonOf(async () => sourceList, states).streams(
      'movie',
      'tt1254207',
      BASE,
      signal,
    )
    return rest
  }

  test('10 minutes and stale for longer when it is full', async () => {
    expect(await ages(fullSourceList)).toEqual({
      cacheMaxAge: 600,
      staleRevalidate: 3600,
      staleError: 86_400,
    })
  })

  test('15 seconds while something is being downloaded', async () => {
    expect(await ages(fullSourceList, { 1: { kind: 'downloading', percent: 1 } })).toEqual({
      cacheMaxAge: 15,
    })
  })

  test('at most a minute when it is partial or empty', async () => {
    expect(await ages({ ...fullSourceList, failed: ['slow'] })).toEqual({ cacheMaxAge: 60 })
    expect(await ages({ sources: [], failed: [] })).toEqual({ cacheMaxAge: 30 })
    expect(await ages({ sources: [source(0, { listed: false })], failed: [] })).toEqual({
      cacheMaxAge: 30,
    })
  })
})

describe('when it goes wrong', () => {
  test('no provider answered: an empty list for a short time', async () => {
    const addon = addonOf(() => Promise.reject(new Fault('PROVIDERS_FAILED')))
    expect(await addon.streams('movie', 'tt1254207', BASE, signal)).toEqual({
      streams: [],
      cacheMaxAge: 30,
    })
  })

  test('any other error is passed on', async () => {
    for (const error of [new Fault('INTERNAL'), new TypeError('a mistake')]) {
      const addon = addonOf(() => Promise.reject(error))
      await expect(addon.streams('movie', 'tt1254207', BASE, signal)).rejects.toBe(error)
    }
  })
})
