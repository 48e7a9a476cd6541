import { describe, expect, test } from '@jest/globals'
import type { ExampleParts } from '../../../addon/examples/examples.ts'
import { createExamples } from '../../../addon/examples/examples.ts'
import type { Availability } from '../../../common/availability.ts'
import { Fault } from '../../../common/errors.ts'
import type { Title } from '../../../common/title.ts'
import type { SourceList } from '../../../sources/lists/source-lists.ts'
import type { NumberedSource } from '../../../sources/source.ts'
import { silent, source } from '../fixtures.ts'

const { signal } = new AbortController()
const player = {
  availability: {
    recall: async () => undefined,
    of: (_title: Title, { number }: NumberedSource): Availability =>
      number === 1
        ? {
            kind: 'remote',
            file: { played: { firstByteMs: 910, bytesPerSecond: 4e6, daysAgo: 1 } },
          }
        : { kind: 'remote' },
  },
}

const parts = {
  player,
  config: { catalogs: 'free' },
  blocklist: { hasTitle: () => false },
  catalogue: { named: () => new Map() },
  catalogTitles: {
    search: async () => ({ titles: [], whole: true }),
    unknown: async () => ({ titles: [], whole: true }),
    find: async () => undefined,
  },
  log: silent,
} satisfies Omit<ExampleParts, 'sourceLists'>
const stranger = { signal, isOperator: false }
const operator = { signal, isOperator: true }

describe('examples of the status page', () => {
  test('are the free films of the catalogue, each source with its address', async () => {
    const asked: string[] = []
    const list = async (title: Title) => {
      asked.push(title.imdbId)
      if (title.imdbId === 'tt1254207') {
        const url = { kind: 'url', url: 'https://a.example/a.mp4' } as const
        const sources = [
          source(0, { quality: '1080p' }),
          source(1, { locator: url }),
          source(2, { listed: false }),
          source(3, { retired: true }),
        ]
        return { sources, failed: [] }
      }
      if (title.imdbId === 'tt0000000') {
        const path = { kind: 'path', path: '/films/a.mp4' } as const
        return { sources: [source(0, { locator: path })], failed: [] }
      }
      throw new Fault('PROVIDERS_FAILED')
    }
    const examples = await createExamples({ ...parts, sourceLists: { list } }).offered(stranger)
    expect(examples).toEqual([
      {
        label: 'Playlink test film',
        type: 'movie',
        kind: 'file on this server',
        url: '/play/movie/tt0000000/0?s=abcdefghx0',
      },
      {
        label: 'Big Buck Bunny, 1080p',
        type: 'movie',
        kind: 'torrent',
        url: '/play/movie/tt1254207/0?s=abcdefghx0',
      },
      {
        label: 'Big Buck Bunny',
        type: 'movie',
        kind: 'direct link',
        url: '/play/movie/tt1254207/1?s=abcdefghx1',
        measured: { firstByteMs: 910, bytesPerSecond: 4e6, daysAgo: 1 },
      },
    ])
    expect(new Set(asked).size).toBe(8)
  })

  test("are first the operator's own titles, when these are asked for", async () => {
    const list = async () => ({ sources: [source(0)], failed: [] })
    const free = { title: { type: 'movie', imdbId: 'tt1727587' }, name: 'Sintel again' } as const
    const episode = { type: 'series', imdbId: 'tt9000001', season: 1, episode: 2 } as const
    const own = [{ title: episode, name: 'Ours, season 1 episode 2' }, free]
    const examples = createExamples({
      ...parts,
      sourceLists: { list },
      titles: () => own,
    })
    const everybody = await examples.offered(stranger)
    expect(everybody.map(({ label }) => label)).not.toContain(own[0]?.name)
    const all = await examples.offered(operator)
    expect(all[0]).toMatchObject({ label: own[0]?.name, type: 'series' })
    expect(all[0]?.url).toMatch(/^\/play\/series\/tt9000001\/0\/1\/2\?s=/)
    expect(all.slice(1)).toEqual(everybody)
  })

  test('are an empty list when no film has sources', async () => {
    const list = () => Promise.reject(new Error('down'))
    const examples = createExamples({ ...parts, sourceLists: { list } })
    expect(await examples.offered(stranger)).toEqual([])
  })
})

describe('a search', () => {
  const named = ['tt9000001', 'tt9000002', 'tt9000003'].map((imdbId) => ({
    ...{ type: 'movie' as const, imdbId, name: `Film ${imdbId}`, year: 2001 },
    ...{ licence: 'CC0', description: '', episodes: [] },
  }))
  const catalogTitles = {
    ...parts.catalogTitles,
    search: async (type: string) => ({ titles: type === 'movie' ? named : [], whole: true }),
  }
  /** The first has many sources, the second one, the third none. */
  const list = async (title: Title): Promise<SourceList> => {
    const count = title.imdbId === 'tt9000001' ? 50 : title.imdbId === 'tt9000002' ? 1 : 0
    const sources = Array.from({ length: count }, (_, number) => ({
      ...source(number),
      key: `key${number}`.padEnd(10, 'a'),
      filename: `Release.${number}.mkv`,
    }))
    return { sources, failed: [] }
  }
  const examples = createExamples({ ...parts, catalogTitles, sourceLists: { list } })

  test('has room for every title that it finds, and names the releases', async () => {
    const found = await examples.search('film', stranger)
    expect(found).toHaveLength(16)
    expect(found[0]).toMatchObject({ label: 'Film tt9000001', release: 'Release.0.mkv' })
    expect(found[15]).toMatchObject({ label: 'Film tt9000002', release: 'Release.0.mkv' })
  })

  test('counts each list that it asks for, before the first of them', async () => {
    let left = 2
    let asked = 0
    const counting = createExamples({
      ...parts,
      catalogTitles,
      sourceLists: {
        list: (title) => {
          asked++
          return list(title)
        },
      },
    })
    const asker = {
      address: '192.0.2.1',
      async askProviders() {
        if (left-- === 0) throw new Fault('TOO_MANY_REQUESTS')
      },
    }
    const search = () => counting.search('film', { ...stranger, asker })
    await expect(search()).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    expect(asked).toBe(0)
    left = 3
    await search()
    expect(asked).toBe(3)
  })
})
