import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { pino } from 'pino'
import type { Addon } from '../../../addon/addon.ts'
import { readManifest } from '../../../addon/manifest.ts'
import { createAddonRoutes } from '../../../server/addon-routes.ts'
import { Limits } from '../../../server/limits/limits.ts'
import { createPages } from '../../../server/pages/pages.ts'
import { type LoopbackServer, serveRouters } from '../../support/server/addon-server.ts'
import { kept, noExamples, posterTitles } from '../../support/server/kept-facts.ts'
import { ask } from '../../support/server/request.ts'

const [GREEDY, HONEST] = ['127.0.0.2', '127.0.0.3'] as const
const MOST = 3

let server: LoopbackServer
let limits: Limits
let asked: string[]
const addon = {
  titleOf: async () => undefined,
  streams: async () => {
    asked.push('streams')
    return { streams: [], cacheMaxAge: 1 }
  },
  catalog: async () => {
    asked.push('catalog')
    return { metas: [], cacheMaxAge: 1 }
  },
  subtitles: async () => {
    asked.push('subtitles')
    return { subtitles: [], cacheMaxAge: 1 }
  },
  meta: async () => {
    asked.push('meta')
    return { meta: null, cacheMaxAge: 1 }
  },
} as unknown as Addon

beforeEach(async () => {
  asked = []
  limits = new Limits({
    figures: {
      lists: MOST,
      searches: MOST,
      states: 9,
      coldStarts: 9,
      streams: 9,
      live: 9,
      connections: 9,
    },
    clientAddress: ({ socket }) => socket.remoteAddress ?? '',
    isProxy: () => false,
    limited: () => {},
    clock: { steady: () => 0 },
    log: pino({ level: 'silent' }),
    logIp: 'short',
  })
  server = await serveRouters((baseUrl) => [
    createAddonRoutes({
      addon,
      baseUrl,
      equalForAll: true,
      limits,
      prefetch: { listRequested: () => {} },
    }),
    createPages({
      manifest: readManifest({ stremioAddonsConfig: undefined }),
      kept,
      posterTitles,
      ...noExamples,
      examples: {
        ...noExamples.examples,
        offered: async () => {
          asked.push('examples')
          return []
        },
        search: async () => {
          asked.push('search')
          return []
        },
      },
      providers: [],
      baseUrl,
      limits,
    }),
  ])
})
afterEach(async () => {
  limits.close()
  await server.close()
})

const statuses = async (from: string, paths: readonly string[]): Promise<number[]> => {
  const all: number[] = []
  for (const path of paths) all.push((await ask(server.base + path, { from })).status)
  return all
}
const stream = (n: number): string => `/stream/movie/tt000000${n}.json`

describe('what is asked of others for one address', () => {
  test.each([
    ['different lists', [1, 2, 3, 4, 5].map(stream)],
    ['the lists of the status page', Array(5).fill('/api/examples')],
    ['searches of the status page', [1, 2, 3, 4, 5].map((n) => `/api/examples?search=film${n}`)],
    ['one list again and again', [1, 1, 1, 1, 1].map(stream)],
    ['lists of episodes', [1, 2, 3, 4, 5].map((n) => `/stream/series/tt0000001:1:${n}.json`)],
    ['different searches', [1, 2, 3, 4, 5].map((n) => `/catalog/movie/all/search=${n}.json`)],
    ['pages of a catalog', [1, 2, 3, 4, 5].map((n) => `/catalog/movie/all/skip=${n}00.json`)],
    ['lists of subtitles', [1, 2, 3, 4, 5].map((n) => `/subtitles/movie/tt000000${n}.json`)],
    [
      'subtitles of a file',
      [1, 2, 3, 4, 5].map((n) => `/subtitles/movie/tt0000001/filename=${n}.json`),
    ],
    ['titles', [1, 2, 3, 4, 5].map((n) => `/meta/movie/tt000000${n}.json`)],
  ])('%s', async (_, paths) => {
    expect(await statuses(GREEDY, paths)).toEqual([200, 200, 200, 429, 429])
    expect(asked).toHaveLength(MOST)
    expect(await statuses(HONEST, paths.slice(0, MOST))).toEqual([200, 200, 200])
  })

  test('a search and a title count together, a list counts for itself', async () => {
    const both = ['/catalog/movie/all.json', '/meta/movie/tt0000001.json']
    expect(await statuses(GREEDY, [...both, ...both])).toEqual([200, 200, 200, 429])
    expect(await statuses(GREEDY, [stream(1)])).toEqual([200])
  })
})
