import { afterEach, describe, expect, test } from '@jest/globals'
import type { Ahead } from '../../../cluster/node-path.ts'
import { parseMetainfo } from '../../../common/bittorrent/metainfo.ts'
import { emptyBlocklist } from '../../../common/blocklist.ts'
import type { Title } from '../../../common/title.ts'
import { FetchAhead } from '../../../player/prefetch/fetch-ahead.ts'
import type { Locator, NumberedSource } from '../../../sources/source.ts'
import { film, magnetOf, silent, sourceOf } from '../fakes.ts'

const torrent = film('two')
const first: Title = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 1 }
const next: Title = { ...first, episode: 2 }
const play = { title: first, number: 0, sourceKey: undefined }
const source = sourceOf(magnetOf(torrent))
const never = new AbortController().signal

/** A node of several, what was asked of others through the balancer, and what was fetched here. */
function node(balancer: boolean | undefined, facts: { holds?: boolean; stored?: boolean } = {}) {
  const asked: [Title, NumberedSource, Ahead][] = []
  const fetched: string[] = []
  let sources = [source]
  const listed = async () => ({ sources, failed: [] })
  const key = `${torrent.infoHash}/0` as const
  const fetchAhead = new FetchAhead({
    ...{ blocklist: emptyBlocklist, log: silent, delayMs: 1, groupOf: () => 'one' },
    sourceLists: { list: listed, recall: listed },
    availabilityOf: () => ({ kind: 'remote' }),
    store: { stored: (() => facts.stored || undefined) as never },
    knownFiles: {
      peek: () => undefined,
      recall: async () => ({ infoHash: torrent.infoHash, key }),
      learn: () => {},
      remember: async () => {},
    },
    metadata: {
      async fetchAhead() {
        fetched.push('metadata')
        return parseMetainfo(torrent.torrent(), { maxLength: 10 ** 9 })
      },
    },
    downloads: {
      async fetchAhead() {
        fetched.push('ends')
        return true
      },
    },
    wantedFile: async () => 0,
    cluster: {
      torrents: { holds: (infoHash) => infoHash === torrent.infoHash && facts.holds === true },
      balancer: {
        async fetchAhead(title, { number }, what) {
          const source = sources.find((one) => one.number === number)
          if (source) asked.push([title, source, what])
          return balancer
        },
      },
    },
  })
  open.push(fetchAhead)
  const offer = (locator: Locator): void => {
    sources = [sourceOf(locator)]
  }
  return { fetchAhead, asked, fetched, offer }
}
const open: FetchAhead[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close(new Error('over'))
})

describe('where several nodes stand behind a balancer, a next episode', () => {
  test.each([true, false])('is asked for through it, and not fetched here: %j', async (became) => {
    const { fetchAhead, asked, fetched } = node(became)
    expect(await fetchAhead.nextEpisode(next, play)).toBe(became)
    expect([asked, fetched]).toEqual([[[next, source, 'ends']], []])
  })

  test('is fetched here when nobody could be asked', async () => {
    const { fetchAhead, asked, fetched } = node(undefined)
    expect(await fetchAhead.nextEpisode(next, play)).toBe(true)
    expect([asked.length, fetched]).toEqual([1, ['metadata', 'ends']])
  })

  test('is fetched here where this node has its torrent open: no other one may', async () => {
    const { fetchAhead, asked, fetched } = node(true, { holds: true })
    expect(await fetchAhead.nextEpisode(next, play)).toBe(true)
    expect([asked, fetched]).toEqual([[], ['metadata', 'ends']])
  })

  test('is asked of nobody when it is here, or is no torrent', async () => {
    const here = node(true, { stored: true })
    await here.fetchAhead.nextEpisode(next, play)
    expect([here.asked, here.fetched]).toEqual([[], []])
    const link = node(true)
    link.offer({ kind: 'url', url: 'https://good.example/a.mp4' })
    await link.fetchAhead.nextEpisode(next, play)
    expect([link.asked, link.fetched]).toEqual([[], []])
  })

  test('as the first source of a list (PREWARM), of which only the metadata is wanted', async () => {
    const told = node(true)
    await told.fetchAhead.firstSource(first)
    expect([told.asked, told.fetched]).toEqual([[[first, source, 'metadata']], []])
    const alone = node(undefined)
    await alone.fetchAhead.firstSource(first)
    expect(alone.fetched).toEqual(['metadata'])
  })
})

describe('what another node asks for', () => {
  const ofNext = { title: next, number: 0, sourceKey: source.key }

  test('is fetched here, and asked of nobody in turn', async () => {
    const { fetchAhead, asked, fetched } = node(true)
    expect(await fetchAhead.asked(ofNext, 'ends', never)).toBe(true)
    expect(await fetchAhead.asked(ofNext, 'metadata', never)).toBe(true)
    expect([asked, fetched]).toEqual([[], ['metadata', 'ends', 'metadata']])
  })

  test('is not there when nobody here knows the source', async () => {
    const { fetchAhead, fetched } = node(true)
    expect(await fetchAhead.asked({ ...ofNext, sourceKey: 'other' }, 'ends', never)).toBe(false)
    expect(fetched).toEqual([])
  })

  test('is dropped when two more are fetched for others already', async () => {
    const { fetchAhead } = node(true)
    const all = [1, 2, 3].map(() => fetchAhead.asked(ofNext, 'ends', never))
    expect(await Promise.all(all)).toEqual([true, true, false])
  })
})
