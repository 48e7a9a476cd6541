import { once } from 'node:events'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Addon } from '../../addon/addon.ts'
import { manifestAt, readManifest } from '../../addon/manifest.ts'
import { EVERYTHING, type Preferences } from '../../addon/preferences.ts'
import type { StreamList } from '../../addon/streams-handler.ts'
import { titleOfStremioId } from '../../addon/stremio-id.ts'
import { LOOP_HEADER } from '../../common/network/loop-header.ts'
import { titleId } from '../../common/title.ts'
import { createAddonRoutes } from '../../server/addon-routes.ts'
import { type LoopbackServer, serveRouters } from '../support/server/addon-server.ts'

type Asked = {
  type: string
  id: string
  baseUrl: string
  signal: AbortSignal
  preferences: Preferences | undefined
}

let server: LoopbackServer
let asked: Asked[]
let told: [address: string, id: string][]
let answer: (asked: Asked) => Promise<StreamList>

const full: StreamList = { streams: [], cacheMaxAge: 600, staleRevalidate: 3600, staleError: 9 }

const addon: Addon = {
  manifest: (baseUrl, preferences) =>
    manifestAt(readManifest({ stremioAddonsConfig: undefined }), baseUrl, preferences),
  titleOf: async (type, id) =>
    id === 'kitsu:7:2'
      ? { type: 'series', imdbId: 'tt0000007', season: 3, episode: 14 }
      : titleOfStremioId(type, id),
  streams: (type, id, baseUrl, signal, viewer) => {
    const question = { type, id, baseUrl, signal, preferences: viewer?.preferences }
    asked.push(question)
    return answer(question)
  },
  subtitles: async (type, id, extra, { baseUrl }) => {
    const track = { id: 'x', lang: 'eng', url: JSON.stringify([type, id, extra, baseUrl]) }
    return { subtitles: [track], cacheMaxAge: 600 }
  },
  catalog: async (type, id, extra, { baseUrl }) => {
    const name = JSON.stringify([type, id, extra])
    const poster = `${baseUrl}/poster.png`
    const meta = { id: 'tt9912345678', type: 'movie', name, poster, posterShape: 'poster' } as const
    return { metas: [meta], cacheMaxAge: 60, staleError: 9 }
  },
  meta: async () => ({ meta: null, cacheMaxAge: 60 }),
}

beforeEach(async () => {
  asked = []
  told = []
  answer = async () => full
  server = await serveRouters((baseUrl) => [
    createAddonRoutes({
      addon,
      baseUrl,
      equalForAll: true,
      prefetch: { listRequested: (address, title) => void told.push([address, titleId(title)]) },
    }),
  ])
})
afterEach(() => server.close())

const get = (path: string, init?: RequestInit) => fetch(`${server.base}${path}`, init)

/** Node's fetch adds `no-cache` to a conditional request that says nothing of caching. */
const validator = (etag: string) => ({ 'If-None-Match': etag, 'Cache-Control': 'max-age=0' })

describe('/manifest.json', () => {
  test('is JSON of this base URL, for every origin', async () => {
    const answered = await get('/manifest.json')
    expect(answered.status).toBe(200)
    expect(answered.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(answered.headers.get('access-control-allow-origin')).toBe('*')
    expect(answered.headers.get('cache-control')).toContain('max-age=600')
    expect(await answered.json()).toMatchObject({ logo: `${server.base}/assets/logo.png` })
  })

  test('answers a validator with 304', async () => {
    const etag = (await get('/manifest.json')).headers.get('etag') ?? ''
    const again = await get('/manifest.json', { headers: validator(etag) })
    expect(again.status).toBe(304)
  })

  test('answers a preflight with 204', async () => {
    const answered = await get('/manifest.json', { method: 'OPTIONS' })
    expect(answered.status).toBe(204)
    expect(answered.headers.get('access-control-allow-origin')).toBe('*')
  })
})

describe('/stream', () => {
  test('tells who asked for which list; not of a HEAD, an addon or a foreign id', async () => {
    const path = '/stream/series/tt0903747%3A1%3A2.json'
    await get(path, { method: 'HEAD' })
    await get(path, { headers: { [LOOP_HEADER]: '1' } })
    await get('/stream/channel/yt_id:x.json')
    expect(told).toEqual([])
    await get(path)
    expect(told).toEqual([[expect.stringContaining('127.0.0.1'), 'tt0903747:1:2']])
    await get('/stream/series/kitsu%3A7%3A2.json')
    expect(told.map(([, id]) => id)).toEqual(['tt0903747:1:2', 'tt0000007:3:14'])
  })

  test.each([
    ['/stream/movie/tt1254207.json', 'movie', 'tt1254207'],
    ['/stream/series/tt0903747%3A1%3A2.json', 'series', 'tt0903747:1:2'],
    ['/stream/series/tt0903747:1:2.json', 'series', 'tt0903747:1:2'],
    ['/stream/movie/tt1254207/videoSize=12&filename=a.mp4.json', 'movie', 'tt1254207'],
    ['/stream/channel/yt_id:x.json', 'channel', 'yt_id:x'],
  ])('%s asks for %s %s', async (path, type, id) => {
    const answered = await get(path)
    expect(answered.status).toBe(200)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ type, id, baseUrl: server.base })
  })

  test('says the ages in Cache-Control and nothing of them in the body', async () => {
    const answered = await get('/stream/movie/tt1254207.json')
    expect(answered.headers.get('cache-control')).toBe(
      'public, max-age=600, stale-while-revalidate=3600, stale-if-error=9',
    )
    expect(answered.headers.get('access-control-allow-origin')).toBe('*')
    expect(await answered.json()).toEqual({ streams: [] })
    answer = async () => ({ streams: [], cacheMaxAge: 15 })
    const short = await get('/stream/movie/tt1254207.json')
    expect(short.headers.get('cache-control')).toBe('public, max-age=15')
  })

  test('a HEAD has the same headers and no body', async () => {
    const answered = await get('/stream/movie/tt1254207.json', { method: 'HEAD' })
    expect(answered.status).toBe(200)
    expect(answered.headers.get('cache-control')).toContain('max-age=600')
    expect(await answered.text()).toBe('')
  })

  test('a failing addon is the error of the table, for every origin', async () => {
    answer = async () => {
      throw new Error('secret of the inside')
    }
    const answered = await get('/stream/movie/tt1254207.json')
    expect(answered.status).toBe(500)
    expect(answered.headers.get('access-control-allow-origin')).toBe('*')
    expect(answered.headers.get('cache-control')).toBe('no-store')
    const body = await answered.text()
    expect(body).not.toContain('secret')
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'INTERNAL' } })
  })

  test('the signal fires when the client leaves', async () => {
    const left = new Promise<void>((resolve) => {
      answer = ({ signal }) =>
        new Promise((settle) => {
          signal.addEventListener('abort', () => {
            resolve()
            settle(full)
          })
          client.destroy()
        })
    })
    const client = request(`${server.base}/stream/movie/tt1254207.json`).end()
    client.on('error', () => undefined)
    await left
    if (!client.closed) await once(client, 'close')
    expect(asked[0]?.signal.aborted).toBe(true)
  })
})

describe("with a viewer's preferences in front", () => {
  const config = '/v1~r.1080~h.direct'

  test('the streams are asked for with them, and kept by nobody but the viewer', async () => {
    for (const path of ['tt1254207.json', 'tt1254207/filename=a.mp4.json']) {
      const answered = await get(`${config}/stream/movie/${path}`)
      expect(answered.status).toBe(200)
      expect(answered.headers.get('access-control-allow-origin')).toBe('*')
      expect(answered.headers.get('cache-control')).toMatch(/^private, max-age=600/)
    }
    expect(asked).toHaveLength(2)
    for (const one of asked) {
      expect(one.preferences).toEqual({ ...EVERYTHING, resolutions: ['1080'], hide: ['direct'] })
    }
  })

  test('without, there are none', async () => {
    await get('/stream/movie/tt1254207.json')
    expect(asked[0]?.preferences).toBeUndefined()
  })

  test('the manifest is the same addon, still configurable', async () => {
    const answered = await get(`${config}/manifest.json`)
    expect(answered.headers.get('cache-control')).toMatch(/^private/)
    const bare = await (await get('/manifest.json')).json()
    expect(await answered.json()).toEqual(bare)
    expect(bare).toMatchObject({ behaviorHints: { configurable: true } })
  })

  test.each(['/v0~r.1080', '/v1~r.1', '/%7B%22quality%22%3A%221080p%22%7D', '/anything'])(
    '%s is not understood: the name says so, the list is empty, nothing is an error',
    async (front) => {
      const manifest = await get(`${front}/manifest.json`)
      expect(manifest.status).toBe(200)
      expect(await manifest.json()).toMatchObject({
        id: 'app.playlink.streams',
        name: 'Playlink (reconfigure)',
        description: expect.stringContaining(`${server.base}/configure`),
      })
      const list = await get(`${front}/stream/movie/tt1254207.json`)
      expect(list.status).toBe(200)
      expect(list.headers.get('cache-control')).toBe('private, max-age=60')
      expect(await list.json()).toEqual({ streams: [] })
      expect(asked).toEqual([])
    },
  )
})

describe('/catalog and /meta', () => {
  test.each([
    ['/catalog/movie/playlink-free.json', {}],
    ['/catalog/movie/playlink-free/skip=100.json', { skip: '100' }],
    [
      '/catalog/movie/playlink-free/search=tom%20%26%20jerry&skip=0.json',
      { search: 'tom & jerry', skip: '0' },
    ],
  ])('%s asks with %j', async (path, extra) => {
    const answered = await get(path)
    expect(answered.status).toBe(200)
    expect(answered.headers.get('access-control-allow-origin')).toBe('*')
    expect(answered.headers.get('cache-control')).toBe('public, max-age=60, stale-if-error=9')
    expect(await answered.json()).toMatchObject({
      metas: [{ name: JSON.stringify(['movie', 'playlink-free', extra]) }],
    })
  })

  test('with preferences in front it is the same, kept by the viewer only', async () => {
    const catalog = await get('/v1~h.direct/catalog/movie/playlink-ready.json')
    expect(catalog.headers.get('cache-control')).toBe('private, max-age=60, stale-if-error=9')
    const meta = await get('/v1~h.direct/meta/movie/tt9912345678.json')
    expect(meta.headers.get('cache-control')).toBe('private, max-age=60')
    expect(await meta.json()).toEqual({ meta: null })
  })
})

describe('what is not there', () => {
  test.each([
    '/stream/movie.json',
    '/stream/movie/tt1254207',
    '/stream/movie/tt1254207.json/',
    '/catalog/movie.json',
    '/catalog/movie/playlink-free/skip=1.json/more',
    '/Manifest.json',
  ])('%s is 404 in the shape of the table', async (path) => {
    const answered = await get(path)
    expect(answered.status).toBe(404)
    expect(answered.headers.get('access-control-allow-origin')).toBe('*')
    expect(await answered.json()).toMatchObject({ error: { code: 'NOT_FOUND' } })
    expect(asked).toEqual([])
  })

  test('other methods are 405', async () => {
    const answered = await get('/manifest.json', { method: 'POST' })
    expect(answered.status).toBe(405)
    expect(answered.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  })
})

describe('/subtitles/', () => {
  test.each([
    ['/subtitles/movie/tt1254207.json', {}],
    [
      '/subtitles/movie/tt1254207/videoHash=0a&filename=A%20%26%20B.mkv.json',
      { videoHash: '0a', filename: 'A & B.mkv' },
    ],
  ])('%s hands on what the client said of its file', async (path, extra) => {
    const answered = await get(path)
    expect(answered.headers.get('cache-control')).toBe('public, max-age=600')
    expect(answered.headers.get('access-control-allow-origin')).toBe('*')
    const { subtitles } = (await answered.json()) as { subtitles: { url: string }[] }
    expect(JSON.parse(subtitles[0]?.url ?? '')).toEqual(['movie', 'tt1254207', extra, server.base])
  })
})
