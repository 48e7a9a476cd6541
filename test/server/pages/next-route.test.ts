import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Title, titleId } from '../../../common/title.ts'
import { createNextRoute } from '../../../server/pages/next-route.ts'
import { nameSources } from '../../../sources/matching/name-sources.ts'
import { film, magnetOf, sourceOf } from '../../player/fakes.ts'
import { nearParser } from '../../support/names.ts'
import { type LoopbackServer, serveRouters } from '../../support/server/addon-server.ts'

/** What the predictor was told, in order. */
const told: string[] = []
let server: LoopbackServer

/** Two episodes. */
const listOf = async (title: Title) => {
  const isThere = title.type === 'series' && title.season === 1 && title.episode < 3
  const sources = isThere ? [sourceOf(magnetOf(film('show')))] : []
  return { sources: await nameSources(nearParser, title, sources), failed: [] }
}

beforeAll(async () => {
  const parts = {
    titleFacts: async () => undefined,
    availability: { of: () => ({ kind: 'remote' }) as const, recall: async () => undefined },
    sourceLists: { recall: listOf, list: listOf },
    prefetch: {
      playStarted: (_address: string, { title }: { title: Title }) =>
        void told.push(`plays ${titleId(title)}`),
      listRequested: (_address: string, title: Title) => void told.push(`wants ${titleId(title)}`),
    },
  }
  server = await serveRouters(() => [createNextRoute(parts)])
})
beforeEach(() => void told.splice(0))
afterAll(() => server.close())

const get = (path: string, init?: RequestInit) =>
  fetch(`${server.base}/api/next/series/tt0903747/0/${path}`, init)

test('the ends of the next episode may be fetched ahead, as for who plays it elsewhere', async () => {
  const answer = await get('1/1')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await answer.json()).toEqual({
    next: {
      season: 1,
      episode: 2,
      url: '../../../../../../watch/series/tt0903747/0/1/2?s=key0aaaaaa',
    },
  })
  expect(told).toEqual(['plays tt0903747:1:1', 'wants tt0903747:1:2'])
})

test('HEAD, and an episode that none follows, tell nobody', async () => {
  await get('1/1', { method: 'HEAD' })
  expect(await (await get('1/2')).json()).toEqual({ next: null })
  expect(told).toEqual([])
})
