import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Router } from 'express'
import { createAddon } from '../../addon/addon.ts'
import type { StreamObject } from '../../addon/stream-object.ts'
import type { Availability } from '../../common/availability.ts'
import type { Title } from '../../common/title.ts'
import { createAddonRoutes } from '../../server/addon-routes.ts'
import type { SourceList } from '../../sources/lists/source-lists.ts'
import { visitWithStremioCore } from '../support/clients/stremio-core.ts'
import { type LoopbackServer, serveRouters } from '../support/server/addon-server.ts'
import { holding, silent, source } from './fixtures.ts'

const SHOW = 'tt0903747'
const first = { type: 'series', id: `${SHOW}:1:1` }
const hash = (digits: string) => digits.repeat(20)
const magnet = (digits: string) =>
  ({ kind: 'magnet', infoHash: hash(digits), trackers: [], webSeeds: [] }) as const

/** A pack, two releases of each episode by itself, one direct link; the second episode in another order. */
function sourceListOf(title: Title): SourceList {
  const e = title.type === 'series' ? title.episode : 0
  const group = (name: string) => `Show.S01E0${e}.${name}.mkv`
  const sources = [
    source(0, { locator: magnet('aa'), selector: { fileIdx: e }, label: 'Show S01 1080p' }),
    source(1, { locator: magnet(`b${e}`), filename: group('1080p.WEB-DL.x264-ONE'), seeders: 5 }),
    source(2, { locator: magnet(`c${e}`), filename: group('720p.HDTV.x264-TWO'), seeders: e * 9 }),
    source(3, { locator: { kind: 'url', url: `https://a.example/Show.S01E0${e}.480p.mp4` } }),
  ]
  return { sources: e === 1 ? sources : sources.toReversed(), failed: [] }
}

let states: Record<number, Availability> = {}
const addon = createAddon({
  sourceLists: {
    list: async (title) => sourceListOf(title),
    recall: async (title) => sourceListOf(title),
  },
  player: {
    ...holding({}),
    state: (title, source) => holding(states).state(title, source),
  },
  config: { stremioAddonsConfig: undefined },
  log: silent,
})

/** Who describes the series: the apps know the next episode from it. */
function describer(): Router {
  const videos = [1, 2, 3].map((episode) => ({
    id: `${SHOW}:1:${episode}`,
    title: `Episode ${episode}`,
    season: 1,
    episode,
    released: '2020-01-01T00:00:00.000Z',
  }))
  const manifest = {
    id: 'test.describer',
    version: '1.0.0',
    name: 'Describer',
    description: 'Of one series',
    types: ['series'],
    idPrefixes: ['tt'],
    resources: ['meta'],
    catalogs: [],
  }
  return Router()
    .get('/described/manifest.json', (_req, res) => void res.json(manifest))
    .get('/described/meta/series/:id.json', (_req, res) => {
      res.json({ meta: { id: SHOW, type: 'series', name: 'Show', videos } })
    })
}

let server: LoopbackServer
beforeAll(async () => {
  server = await serveRouters((baseUrl) => [
    describer(),
    createAddonRoutes({ addon, baseUrl, equalForAll: true, prefetch: { listRequested() {} } }),
  ])
})
afterAll(() => server.close())

async function listed(): Promise<StreamObject[]> {
  const answered = await fetch(`${server.base}/stream/series/${encodeURIComponent(first.id)}.json`)
  return ((await answered.json()) as { streams: StreamObject[] }).streams
}

describe('a viewer of a series, in the core of the Stremio apps', () => {
  test.each([
    ['Auto', /\/auto\//, /\/auto\/1\/2\?s=auto$/],
    ['a pack', /\/0\/1\/1\?/, /\/0\/1\/2\?/],
    ['a release', /\/1\/1\/1\?/, /\/1\/1\/2\?/],
    ['another release', /\/2\/1\/1\?/, /\/2\/1\/2\?/],
    ['a direct link', /\/3\/1\/1\?/, /\/3\/1\/2\?/],
  ])('%s goes on in the next episode, and is found again', async (_what, played, next) => {
    states = {}
    const url = (await listed()).find((stream) => played.test(stream.url))?.url ?? ''
    // What is here changes while it is watched, and with it the order and the words of the list.
    states = { 2: { kind: 'downloading', percent: 20 }, 1: { kind: 'ready' } }
    const metaUrl = `${server.base}/described/manifest.json`
    const visit = await visitWithStremioCore(`${server.base}/manifest.json`, [first], {
      watch: { metaUrl, url },
    })
    expect(visit.watched?.next.id).toBe(`${SHOW}:1:2`)
    expect(visit.watched?.next.streams.map((stream) => stream.url)).toEqual([
      expect.stringMatching(next),
    ])
    const again = visit.watched?.again.filter(({ lastUsed }) => lastUsed)
    expect(again?.map((stream) => stream.url)).toEqual([url])
  })
})
