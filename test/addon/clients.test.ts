import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Router } from 'express'
import AddonClient from 'stremio-addon-client'
import { createAddon } from '../../addon/addon.ts'
import { readManifest } from '../../addon/manifest.ts'
import type { StreamObject } from '../../addon/stream-object.ts'
import { createAddonRoutes } from '../../server/addon-routes.ts'
import { createPages } from '../../server/pages/pages.ts'
import { visitWithStremioCore } from '../support/clients/stremio-core.ts'
import { type LoopbackServer, serveRouters } from '../support/server/addon-server.ts'
import { kept, noExamples, posterTitles } from '../support/server/kept-facts.ts'
import { fullSourceList, holding, manySources, silent } from './fixtures.ts'

/** "Auto" and every source. */
const LINES = manySources.length + 1

const config = { stremioAddonsConfig: undefined }
const addon = createAddon({
  sourceLists: {
    list: async (title) =>
      title.imdbId === 'tt0000001' ? { sources: [], failed: [] } : fullSourceList,
    recall: async () => fullSourceList,
  },
  player: holding(
    {
      0: { kind: 'ready', videoHash: '0123456789abcdef' },
      2: { kind: 'downloading', percent: 43 },
    },
    { 0: [{ id: '3', lang: 'ger' }] },
  ),
  config,
  log: silent,
})

const listed = async (base: string, type: string, id: string) => {
  const answered = await fetch(`${base}/stream/${type}/${encodeURIComponent(id)}.json`)
  return ((await answered.json()) as { streams: StreamObject[] }).streams
}

let server: LoopbackServer
beforeAll(async () => {
  server = await serveRouters((baseUrl) => [
    createAddonRoutes({ addon, baseUrl, equalForAll: true, prefetch: { listRequested() {} } }),
    createPages({
      manifest: readManifest(config),
      kept,
      posterTitles,
      ...noExamples,
      providers: [],
      baseUrl,
    }),
  ])
})
afterAll(() => server.close())

describe('stremio-addon-client', () => {
  test.each([
    ['the manifest', '/manifest.json'],
    ['the bare host, by its header', '/'],
  ])('installs by %s and gets the streams', async (_how, path) => {
    const { addon: installed } = await AddonClient.detectFromURL(`${server.base}${path}`)
    expect(installed.manifest).toMatchObject({ id: 'app.playlink.streams' })
    expect(installed.isSupported('stream', 'series', 'tt0903747:1:2')).toBe(true)
    expect(installed.isSupported('stream', 'movie', 'kitsu:1')).toBe(false)
    expect(installed.isSupported('subtitles', 'movie', 'tt1254207')).toBe(true)
    const { streams } = await installed.get('stream', 'series', 'tt0903747:1:2')
    expect(streams).toHaveLength(LINES)
  })
})

describe('the core of the Stremio apps', () => {
  const videos = [
    { type: 'movie', id: 'tt1254207' },
    { type: 'series', id: 'tt0903747:1:2' },
    { type: 'movie', id: 'tt0000001' },
  ]

  test('keeps every stream, word for word and in our order', async () => {
    const { descriptor, streams, refused } = await visitWithStremioCore(
      `${server.base}/manifest.json`,
      videos,
    )
    expect(descriptor.manifest).toMatchObject({
      id: 'app.playlink.streams',
      logo: `${server.base}/assets/logo.png`,
      behaviorHints: { p2p: false, adult: false, configurable: true },
    })
    for (const [i, { type, id }] of videos.entries()) {
      const sent = await listed(server.base, type, id)
      expect(streams[i]).toHaveLength(id === 'tt0000001' ? 0 : LINES)
      expect(streams[i]).toEqual(
        sent.map(({ behaviorHints, ...words }) =>
          expect.objectContaining({
            ...words,
            behaviorHints: expect.objectContaining(behaviorHints),
          }),
        ),
      )
    }
    // The built-in addons were asked for, and got nowhere.
    expect(refused.some((url) => url.includes('strem.io'))).toBe(true)
  })

  test('drops a malformed stream: so the test above can fail', async () => {
    const [good] = await listed(server.base, 'movie', 'tt1254207')
    const url = (n: number) => `http://127.0.0.1:7/bad/${n}`
    const bad = [
      { ...good, url: url(1), title: 'also a title' },
      { ...good, url: '/relative' },
      { ...good, url: url(2), behaviorHints: { videoSize: 12.5 } },
      { ...good, url: url(3), behaviorHints: { notWebReady: 'true' } },
      good,
    ]
    const other = await serveRouters((baseUrl) => [
      Router().get('/stream/movie/:id', (_req, res) => {
        res.json({ streams: bad })
      }),
      createAddonRoutes({ addon, baseUrl, equalForAll: true, prefetch: { listRequested() {} } }),
    ])
    const visit = await visitWithStremioCore(`${other.base}/manifest.json`, [
      { type: 'movie', id: 'tt1254207' },
    ])
    await other.close()
    expect(visit.streams).toHaveLength(1)
    expect(visit.streams[0]?.map((stream) => stream.url)).toEqual([good?.url])
  })
})
