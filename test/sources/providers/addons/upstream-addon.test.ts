import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { Title } from '../../../../common/title.ts'
import {
  offersStreams,
  readAddonManifest,
} from '../../../../sources/providers/addons/addon-format.ts'
import { createUpstreamAddon } from '../../../../sources/providers/addons/upstream-addon.ts'
import type { Source } from '../../../../sources/source.ts'
import { endAll, outbound, serve } from '../../../common/network/outbound-stage.ts'
import {
  NIGHT,
  nightsName,
  type ProviderParts,
  SECRET,
  sourceProviderContract,
} from '../../../contracts/source-provider.ts'
import { nearParser } from '../../../support/names.ts'
import { handClock, never } from '../../fakes.ts'

const HASH = 'dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c'
const EPISODE: Title = { type: 'series', imdbId: 'tt0903747', season: 1, episode: 2 }
const MANIFEST = {
  id: 'org.example',
  version: '1.0.0',
  name: 'Example',
  types: ['movie', 'series'],
  idPrefixes: ['tt'],
  resources: ['catalog', 'stream'],
  catalogs: [],
}
type Answer = { streams: unknown; manifest?: unknown; headers?: Record<string, string> }

/** An addon whose path holds a configuration. */
function addon({ streams, manifest = MANIFEST, headers = {} }: Answer): RequestListener {
  return (req, res) => {
    const path = (req.url ?? '').replace(`/${SECRET}`, '')
    res.setHeader('content-type', 'application/json')
    if (path === '/manifest.json') res.end(JSON.stringify(manifest))
    else if (path === '/stream/movie/tt0063350.json') {
      res.writeHead(200, headers).end(JSON.stringify({ streams }))
    } else if (path === '/stream/series/tt0903747%3A1%3A2.json') {
      res.end(JSON.stringify({ streams }))
    } else res.writeHead(404).end()
  }
}
const open = ({ base, outbound: out, clock, names }: ProviderParts, publicUrl?: string) =>
  createUpstreamAddon({
    names,
    parser: nearParser,
    name: 'upstream',
    outbound: out,
    clock,
    publicUrl,
    loopHeaders: { 'x-playlink-hop': 'me' },
    manifestUrl: `${base}/${SECRET}/manifest.json`,
  })
const magnetStream = { name: 'Example', title: 'Night\n👤 5 💾 1.4 GB', infoHash: HASH }

sourceProviderContract('an upstream addon', {
  find: (parts, signal) => open(parts).find(NIGHT, signal),
  answer: addon({ streams: [magnetStream, { url: 'https://v.example/night.mp4' }] }),
})

describe('an upstream addon', () => {
  afterEach(endAll)
  const clock = handClock()
  const urls: string[] = []

  async function at(answer: RequestListener, publicUrl?: string, names = nightsName) {
    urls.length = 0
    const port = await serve((req, res) => {
      urls.push(`${req.headers['x-playlink-hop']} ${req.url?.replace(`/${SECRET}`, '')}`)
      answer(req, res)
    })
    const base = `http://127.0.0.1:${port}`
    const parts = { base, outbound: outbound(), clock, names }
    return open(parts, publicUrl?.replace('BASE', base))
  }
  const sourcesOf = async (...streams: unknown[]): Promise<readonly Source[]> =>
    (await at(addon({ streams }))).find(NIGHT, never)

  test('others have their turn while many streams are read', async () => {
    const streams = Array(500).fill({ url: 'https://v.example/night.mp4' })
    const port = await serve(addon({ streams }))
    let turn = 0
    const readIn = new Map<number, number>()
    const mayRedirect = (): boolean => {
      readIn.set(turn, (readIn.get(turn) ?? 0) + 1)
      return true
    }
    let isOver = false
    const count = (): void => {
      turn++
      if (!isOver) setImmediate(count)
    }
    count()
    try {
      const base = `http://127.0.0.1:${port}`
      const parts = {
        base,
        outbound: Object.assign(outbound(), { mayRedirect }),
        clock,
        names: nightsName,
      }
      expect(await open(parts).find(NIGHT, never)).toHaveLength(500)
    } finally {
      isOver = true
    }
    expect(Math.max(...readIn.values())).toBeLessThanOrEqual(20)
  })

  test('is asked with the loop-detection header and encoded ids', async () => {
    const provider = await at(addon({ streams: [magnetStream] }))
    expect(await provider.find(EPISODE, never)).toHaveLength(1)
    expect(urls).toEqual(['me /manifest.json', 'me /stream/series/tt0903747%3A1%3A2.json'])
    expect(provider.relays).toBe(true)
  })

  test('info hash, file and trackers; facts out of the text', async () => {
    const more = {
      infoHash: HASH.toUpperCase(),
      fileIdx: 3,
      sources: ['tracker:udp://a.example:1', `dht:${HASH}`, 'tracker:file:///x'],
      announce: ['http://b.example/announce?passkey=1'],
      behaviorHints: { filename: 'Night.1968.mkv', bingeGroup: 'x' },
    }
    const text = 'Night of the Living Dead\n👤 12 💾 1.5 GB ⚙️ Some'
    const [source] = await sourcesOf({ name: 'Example\n4k', description: text, ...more })
    expect(source).toEqual({
      locator: {
        kind: 'magnet',
        infoHash: HASH,
        trackers: ['udp://a.example:1', 'http://b.example/announce?passkey=1'],
        webSeeds: [],
      },
      selector: { file: 'Night.1968.mkv', fileIdx: 3, isHint: true },
      provider: 'upstream',
      label: 'Night of the Living Dead',
      quality: '4k',
      filename: 'Night.1968.mkv',
      seeders: 12,
      size: 1_500_000_000,
    })
  })

  test('a magnet as an address, an exact size, a title in place of a description', async () => {
    const url = `magnet:?xt=urn:btih:${HASH}&tr=udp%3A%2F%2Ft.example%3A1&so=0-99999`
    const [source] = await sourcesOf({ url, title: 'A', behaviorHints: { videoSize: 7 } })
    expect(source).toMatchObject({ locator: { infoHash: HASH }, selector: {}, label: 'A', size: 7 })
  })

  test('headers that an address needs are kept; a stream whose headers cannot be handed on is left out', async () => {
    const url = 'https://v.example/a.mp4'
    const needing = (proxyHeaders: unknown) => ({ url, behaviorHints: { proxyHeaders } })
    const [first, ...others] = await sourcesOf(
      needing({ request: { 'User-Agent': 'Player', Referer: 'https://v.example/' } }),
      needing({ request: { 'User-Agent': 5 } }),
      needing({ request: { 'X-A': 'a\r\nX-B: b' } }),
      needing('x'),
    )
    expect(first?.proxyHeaders).toEqual({
      request: { 'User-Agent': 'Player', Referer: 'https://v.example/' },
    })
    expect(others).toEqual([])
    expect((await sourcesOf(needing({})))[0]?.proxyHeaders).toBeUndefined()
    const [locked] = await sourcesOf({ url: 'https://me:pw@films.example/film.mp4' })
    expect(locked).toMatchObject({
      locator: { url: 'https://films.example/film.mp4' },
      proxyHeaders: { request: { Authorization: 'Basic bWU6cHc=' } },
    })
    const long = `https://films.example/${'x'.repeat(8000)}.mp4`
    expect((await sourcesOf({ url: long }))[0]?.locator).toMatchObject({ url: long })
  })

  test('one bad stream among good ones', async () => {
    const bad = [
      null,
      5,
      'x',
      [],
      {},
      { ytId: 'x' },
      { externalUrl: 'https://x.example' },
      { nzbUrl: 'https://x.example/a.nzb' },
      { infoHash: 'zz' },
      { url: 'ftp://x.example/a' },
      { url: 'ftp://u:p@x.example/a' },
      { url: '/relative.mp4' },
      { url: `magnet:?xt=urn:btih:nonsense` },
      { infoHash: HASH, fileIdx: 1.5, name: 5, behaviorHints: 'x' },
    ]
    expect(await sourcesOf(...bad)).toMatchObject([{ locator: { infoHash: HASH }, selector: {} }])
  })

  test('our own addresses are not asked and not listed', async () => {
    const own = await at(addon({ streams: [] }), `BASE/${SECRET}`)
    expect(await own.find(NIGHT, never)).toEqual([])
    expect(urls).toEqual([])
    const streams = [{ url: 'https://us.example/play/movie/tt1/0' }, magnetStream]
    const other = await at(addon({ streams }), 'https://us.example')
    expect(await other.find(NIGHT, never)).toHaveLength(1)
  })

  test.each([
    ['max-age=60', 1],
    ['public, max-age=60, stale-while-revalidate=9', 1],
    ['no-store, max-age=60', 2],
    ['max-age=0', 2],
  ])('Cache-Control %s', async (control, asked) => {
    const headers = { 'cache-control': control }
    const provider = await at(addon({ streams: [magnetStream], headers }))
    await provider.find(NIGHT, never)
    clock.now += 59_000
    await provider.find(NIGHT, never)
    expect(urls.filter((url) => url.includes('/stream/'))).toHaveLength(asked)
    expect(urls.filter((url) => url.includes('/manifest'))).toHaveLength(1)
    clock.now += 2000
    await provider.find(NIGHT, never)
    expect(urls.filter((url) => url.includes('/stream/'))).toHaveLength(asked === 1 ? 2 : 3)
  })

  test.each([
    [404, 'no such title'],
    [410, 'gone'],
    [200, ''],
    [200, 'null'],
    [200, '{}'],
    [200, '[]'],
    [200, '{"streams":null}'],
  ])('what it does not have is to some addons %i %j', async (status, body) => {
    const absent: RequestListener = (req, res) => {
      if (req.url?.includes('manifest')) res.end(JSON.stringify(MANIFEST))
      else res.writeHead(status).end(body)
    }
    expect(await (await at(absent)).find(NIGHT, never)).toEqual([])
  })

  test.each([false, true])(
    'an answer in UTF-16 with its mark is read, the other way round: %s',
    async (isSwapped) => {
      const wide: RequestListener = (req, res) => {
        const value = req.url?.includes('manifest')
          ? MANIFEST
          : { streams: [{ infoHash: HASH, title: 'Ночь' }] }
        const body = Buffer.from(`\ufeff${JSON.stringify(value)}`, 'utf16le')
        res.end(isSwapped ? body.swap16() : body)
      }
      expect(await (await at(wide)).find(NIGHT, never)).toMatchObject([{ label: 'Ночь' }])
    },
  )

  test('an answer of another kind is a failure', async () => {
    const odd: RequestListener = (req, res) =>
      res.end(JSON.stringify(req.url?.includes('manifest') ? MANIFEST : { error: 'busy' }))
    await expect((await at(odd)).find(NIGHT, never)).rejects.toThrow()
  })

  test('numbers as texts, blanks around a hash, and odd elements of lists', async () => {
    const [source] = await sourcesOf({
      infoHash: ` urn:btih:${HASH.toUpperCase()} `,
      fileIdx: '3',
      sources: [null, 7, 'tracker:udp://a.example:1'],
      description: '',
      title: 'Night.of.the.Living.Dead.1968.1080p',
      behaviorHints: { videoSize: '1234' },
    })
    expect(source).toMatchObject({
      locator: { infoHash: HASH, trackers: ['udp://a.example:1'] },
      selector: { fileIdx: 3 },
      label: 'Night.of.the.Living.Dead.1968.1080p',
      size: 1234,
    })
  })

  test('the file name that it lists says which file of the torrent is meant', async () => {
    const named = (filename: string) => ({ infoHash: HASH, behaviorHints: { filename } })
    const sources = await sourcesOf(named('1 - The Fellowship.mkv'), named('Some Release 1080p'))
    expect(sources.map(({ selector }) => selector)).toEqual([
      { file: '1 - The Fellowship.mkv', isHint: true },
      {},
    ])
  })

  test.each([403, 429])('%i says for how long', async (status) => {
    const provider = await at((req, res) => {
      if (req.url?.includes('manifest')) res.end(JSON.stringify(MANIFEST))
      else res.writeHead(status, { 'retry-after': '120' }).end()
    })
    await expect(provider.find(NIGHT, never)).rejects.toMatchObject({
      details: { retryAfterSeconds: 120 },
    })
  })
})

describe('what a manifest offers', () => {
  const offers = (manifest: object, title: Title = NIGHT) => {
    const read = readAddonManifest({ ...MANIFEST, ...manifest })
    return read && offersStreams(read, title)
  }
  test.each<[boolean | undefined, object]>([
    [true, {}],
    [false, { resources: ['catalog', 'meta'] }],
    [false, { types: ['series'] }],
    [false, { idPrefixes: ['kitsu:'] }],
    [true, { idPrefixes: undefined }],
    [true, { idPrefixes: [] }],
    [true, { types: ['x'], resources: [{ name: 'stream', types: ['movie'], idPrefixes: ['tt'] }] }],
    [false, { resources: [{ name: 'stream', types: ['series'] }] }],
    [false, { resources: [{ name: 'stream', types: ['movie'], idPrefixes: ['yt'] }] }],
    [true, { resources: [null, 7, { name: 5 }, 'stream'] }],
    [undefined, { resources: 'stream' }],
  ])('%s for %j', (expected, manifest) => {
    expect(offers(manifest)).toBe(expected)
  })
})
