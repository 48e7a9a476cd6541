import { describe, expect, test } from '@jest/globals'
import { createExamples } from '../../addon/examples.ts'
import type { Availability } from '../../common/availability.ts'
import { Fault } from '../../common/errors.ts'
import type { Title } from '../../common/title.ts'
import type { NumberedSource } from '../../sources/source.ts'
import { silent, source } from './fixtures.ts'

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
    const examples = await createExamples({ sourceLists: { list }, player, log: silent })(signal)
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
        measured: '0.9 s to start, 4 MB/s here yesterday',
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
      sourceLists: { list },
      titles: () => own,
      player,
      log: silent,
    })
    const everybody = await examples(signal)
    expect(everybody.map(({ label }) => label)).not.toContain(own[0]?.name)
    const all = await examples(signal, true)
    expect(all[0]).toMatchObject({ label: own[0]?.name, type: 'series' })
    expect(all[0]?.url).toMatch(/^\/play\/series\/tt9000001\/0\/1\/2\?s=/)
    expect(all.slice(1)).toEqual(everybody)
  })

  test('are an empty list when no film has sources', async () => {
    const list = () => Promise.reject(new Error('down'))
    expect(await createExamples({ sourceLists: { list }, player, log: silent })(signal)).toEqual([])
  })
})
