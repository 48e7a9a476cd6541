import { afterAll, beforeAll, expect, test } from '@jest/globals'
import AddonClient from 'stremio-addon-client'
import { createAddon } from '../../addon/addon.ts'
import { createCatalogTitles } from '../../addon/catalog-titles.ts'
import { emptyBlocklist } from '../../common/blocklist.ts'
import { createAddonRoutes } from '../../server/addon-routes.ts'
import type { CatalogueTitle } from '../../sources/free-films.ts'
import { visitWithStremioCore } from '../support/clients/stremio-core.ts'
import { nearParser } from '../support/names.ts'
import { type LoopbackServer, serveRouters } from '../support/server/addon-server.ts'
import { fullSourceList, holding, silent } from './fixtures.ts'

const FILMS = 130
const SERIES = 'tt9900000500'
const title = (imdbId: string, facts: Partial<CatalogueTitle> = {}): CatalogueTitle => ({
  type: 'movie',
  imdbId,
  name: `Film ${imdbId}`,
  year: 2001,
  licence: 'CC0-1.0',
  description: 'About a film.',
  episodes: [],
  ...facts,
})
const films = Array.from({ length: FILMS }, (_, i) => title(`tt99${String(i).padStart(8, '0')}`))
const series = title(SERIES, {
  type: 'series',
  name: 'Rising',
  episodes: [[1, 1] as const, [1, 2] as const],
})
const local = new Map([...films, series].map((one) => [`${one.type} ${one.imdbId}`, one]))

const titles = createCatalogTitles({
  naming: 'free',
  local: () => local,
  elsewhere: undefined,
  parser: nearParser,
  log: silent,
  stored: async () => [
    { title: { type: 'series', imdbId: SERIES, season: 1, episode: 1 }, fileName: 'a.mkv' },
    { title: { type: 'movie', imdbId: 'tt9900000007' }, fileName: 'b.mkv' },
  ],
  blocklist: emptyBlocklist,
})
const addon = createAddon({
  sourceLists: { list: async () => fullSourceList, recall: async () => fullSourceList },
  player: holding({}),
  config: { stremioAddonsConfig: undefined, catalogs: 'free' },
  titles,
  log: silent,
})

let server: LoopbackServer
beforeAll(async () => {
  server = await serveRouters((baseUrl) => [
    createAddonRoutes({ addon, baseUrl, equalForAll: true, prefetch: { listRequested() {} } }),
  ])
})
afterAll(() => server.close())

const opened = {
  catalogs: [
    { type: 'movie', id: 'playlink-free', pages: 2 },
    { type: 'movie', id: 'playlink-free', pages: 1, search: 'tt9900000042' },
    { type: 'movie', id: 'playlink-ready', pages: 1 },
    { type: 'series', id: 'playlink-ready', pages: 1 },
  ],
  metas: [
    { type: 'movie', id: 'tt9900000042' },
    { type: 'series', id: SERIES },
  ],
}

test.each(['', '/v1~r.1080'])(
  'the core of the apps opens the catalogs of %s/manifest.json, the next page, and what a title is',
  async (config) => {
    const videos = [{ type: 'movie', id: 'tt9900000042' }]
    const url = `${server.base}${config}/manifest.json`
    const visit = await visitWithStremioCore(url, videos, opened)
    const [all, found, ready, readySeries] = visit.catalogs.map((list) => list.map(({ id }) => id))
    expect(all).toEqual(films.map(({ imdbId }) => imdbId))
    expect(found).toEqual(['tt9900000042'])
    expect(ready).toEqual(['tt9900000007'])
    expect(readySeries).toEqual([SERIES])
    expect(visit.catalogs[0]?.[0]).toMatchObject({ poster: `${server.base}/assets/poster.png` })
    expect(visit.metas.map(({ name }) => name)).toEqual(['Film tt9900000042', 'Rising'])
    expect(visit.metas[1]?.videos?.map(({ id }) => id)).toEqual([`${SERIES}:1:1`, `${SERIES}:1:2`])
    expect(visit.streams[0]?.length).toBeGreaterThan(0)
  },
)

test('other addons are asked for the metadata of other titles', async () => {
  const { addon: installed } = await AddonClient.detectFromURL(`${server.base}/manifest.json`)
  expect(installed.isSupported('meta', 'movie', 'tt9900000042')).toBe(true)
  expect(installed.isSupported('meta', 'movie', 'tt0000000')).toBe(true)
  expect(installed.isSupported('meta', 'movie', 'tt1254207')).toBe(false)
  expect(installed.isSupported('catalog', 'movie', 'playlink-free')).toBe(true)
})
