import { writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCode } from '../../support/facts.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { streamManifest } from '../../support/stream-manifest.ts'
import { sha256 } from '../../support/swarm/payload.ts'
import { playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'
import { startWeb, type Web } from '../../support/web.ts'

const ID = 'tt9001001'
const OTHER = 'tt9001002'
const KEY = 'geheim0123456789abcdef'
const NAME = 'Provided Film'
const DIRECT = 'https://media.example.org/provided.mp4'

interface Stream {
  readonly url: string
  readonly description: string
  readonly behaviorHints: Readonly<Record<string, unknown>>
}

describe('a server with seven providers, of which one hangs and one sends garbage', () => {
  let stage: Stage<'indexed' | 'fed' | 'named'>
  let web: Web
  let base = ''
  const hops: string[] = []
  /** Questions that the provider which hangs has not answered and nobody has given up. */
  let hanging = 0
  const get = (path: string, headers = {}) => ask(stage.server.base + path, { headers })
  const streams = async (id = ID): Promise<readonly Stream[]> =>
    ((await get(streamsOf(id))).json() as { streams: Stream[] }).streams
  const from = async (provider: string): Promise<Stream | undefined> =>
    (await streams()).find((one) => one.description.includes(`From: ${provider}`))

  const answer: RequestListener = (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '', base)
    const json = (value: unknown): void => void res.end(JSON.stringify(value))
    if (pathname === '/hang/manifest.json') return json(streamManifest)
    if (pathname.startsWith('/hang/')) {
      hanging++
      res.once('close', () => hanging--)
      return
    }
    if (pathname.startsWith('/garbage/')) return void res.end('<!doctype html><p>no')
    if (pathname.startsWith('/circle/')) {
      hops.push(`${req.headers['x-playlink-hop'] !== undefined} ${pathname}`)
      const headers = { 'x-playlink-hop': String(req.headers['x-playlink-hop']) }
      void get(pathname.replace('/circle', ''), headers).then(({ body }) => res.end(body))
      return
    }
    if (pathname.startsWith('/cinemeta/'))
      return json({ meta: { name: NAME, releaseInfo: '2001' } })
    if (pathname === '/archive/advancedsearch.php') {
      const licenseurl = 'https://creativecommons.org/licenses/by/3.0/'
      return json({
        response: { docs: [{ identifier: 'provided', title: NAME, year: 2001, licenseurl }] },
      })
    }
    if (pathname === '/archive/metadata/provided') {
      const licenseurl = 'https://creativecommons.org/licenses/by/3.0/'
      const files = [{ name: 'provided film.mp4', size: '1000', length: '60' }]
      return json({ metadata: { title: NAME, year: '2001', licenseurl }, files })
    }
    if (pathname === `/addon/${KEY}/manifest.json`) return json(streamManifest)
    if (pathname === `/addon/${KEY}/stream/movie/${ID}.json`) {
      const proxyHeaders = { request: { Referer: 'https://media.example.org/' } }
      return json({
        streams: [
          { url: DIRECT, title: 'Needs headers', behaviorHints: { proxyHeaders } },
          {
            url: stage.torrents.named.magnet({ trackers: [stage.trackerUrl] }),
            title: 'Named 720p',
          },
        ],
      })
    }
    if (pathname === '/torznab/api' && searchParams.get('t') === 'caps')
      return void res.end('<caps/>')
    if (pathname === '/torznab/api') {
      const link = `${base}/dl?passkey=${KEY}`
      return void res.end(
        `<rss><channel><item><title>Provided.Film.2001.1080p</title><guid>1</guid><link>${link}</link></item></channel></rss>`,
      )
    }
    if (pathname === '/dl') {
      const location = stage.torrents.indexed.magnet({ trackers: [stage.trackerUrl] })
      return void res.writeHead(302, { location }).end()
    }
    if (pathname === '/rss') {
      const enclosure = `<enclosure url="${base}/fed.torrent?passkey=${KEY}" length="9" type="application/x-bittorrent"/>`
      return void res.end(
        `<rss><channel><item><title>Provided Film (2001) 480p</title>${enclosure}</item></channel></rss>`,
      )
    }
    if (pathname === '/fed.torrent') {
      return void res.end(stage.torrents.fed.torrent({ announce: stage.trackerUrl }))
    }
    res.writeHead(404).end()
  }

  beforeAll(async () => {
    web = await startWeb(answer)
    base = web.base
    stage = await openStage({
      torrents: {
        indexed: { name: 'Provided.Film.2001.1080p.mp4', size: 300_000 },
        fed: { name: 'Provided.Film.2001.480p.mp4', size: 200_000 },
        named: { name: 'Provided.Film.2001.720p.mp4', size: 250_000 },
      },
      env: {
        ARCHIVE_ORG: 'on',
        ARCHIVE_ORG_URL: `${base}/archive`,
        CINEMETA_URL: `${base}/cinemeta`,
        UPSTREAM_ADDONS: [
          `${base}/hang/manifest.json#hanging`,
          `${base}/garbage/manifest.json#broken`,
          `${base}/addon/${KEY}/manifest.json#upstream`,
          `${base}/circle/manifest.json#circle`,
        ].join(' '),
        TORZNAB: `${base}/torznab/api?apikey=${KEY}#indexer`,
        FEEDS: `${base}/rss?passkey=${KEY}#fed`,
        LOG_LEVEL: 'trace',
      },
    })
    stage.own(() => web.close())
  })
  afterAll(() => stage.end())

  test('lists what the others say by its deadline, and again without waiting', async () => {
    const first = await get(streamsOf(ID))
    expect(first.status).toBe(200)
    expect(first.headers['cache-control']).toBe('private, max-age=60')
    // It did not wait until the one that hangs is given up.
    expect(hanging).toBe(1)
    // Nor is it waited for again, as it is for a title that was not asked for yet.
    const order: string[] = []
    const fresh = get(streamsOf(OTHER)).then(() => order.push('fresh'))
    await eventually('it is asked for the other title', () => hanging === 2)
    const next = await get(streamsOf(ID))
    order.push('next')
    await fresh
    expect(order).toEqual(['next', 'fresh'])
    for (const provider of ['archive.org', 'upstream', 'indexer', 'fed']) {
      expect(first.body.toString()).toContain(`From: ${provider}`)
      expect(next.body.toString()).toContain(`From: ${provider}`)
    }
  })

  test('a direct link without the headers it needs, the licence of the archive', async () => {
    const all = await streams()
    expect(
      all.find(({ description }) => description.includes('Needs headers'))?.behaviorHints,
    ).not.toHaveProperty('proxyHeaders')
    expect((await from('archive.org'))?.description).toContain('Licence: CC-BY-3.0')
  })

  test.each([
    ['indexer', 'indexed'],
    ['fed', 'fed'],
  ] as const)('%s: its link is resolved when it is played', async (provider, torrent) => {
    const stream = await from(provider)
    const played = await ask(stream?.url ?? '')
    expect(played.status).toBe(200)
    expect(sha256(played.body)).toBe(sha256(stage.torrents[torrent].content))
  })

  test('what asks itself in a circle answers itself with nothing', async () => {
    await streams()
    expect(hops).toContain(`true /circle/stream/movie/${ID}.json`)
    expect(await from('circle')).toBeUndefined()
  })

  test('no key is shown: not in lists, pages, metrics, answers or the log', async () => {
    const paths = [
      ...[streamsOf(ID), '/', '/test-source-selection', '/metrics', '/api/cache-stats'],
      ...['/manifest.json', playMovie(ID, 99), playMovie(ID, 0)],
    ]
    for (const path of paths) {
      const shown = await get(path)
      expect(
        `${path} ${shown.body.toString('latin1')} ${JSON.stringify(shown.headers)}`,
      ).not.toContain(KEY)
    }
    expect(stage.server.log()).toContain('provider failed')
    expect(stage.server.log()).not.toContain(KEY)
  })

  test('/metrics tells of each provider', async () => {
    const text = (await get('/metrics')).body.toString()
    expect(text).toMatch(
      /playlink_provider_requests_total\{provider="indexer",outcome="answered"\} [1-9]/,
    )
    expect(text).toMatch(
      /playlink_provider_requests_total\{provider="broken",outcome="failed"\} [1-9]/,
    )
    expect(text).toContain('playlink_provider_seconds_count{provider="archive.org"}')
  })

  test('a blocklist takes effect while the server runs, also on what is known by number', async () => {
    const path = join(stage.folder, 'blocked.txt')
    await writeFile(path, '# nothing yet\n')
    const server = await stage.another({ BLOCKLIST: path })
    const list = async (): Promise<readonly Stream[]> =>
      ((await ask(server.base + streamsOf(ID))).json() as { streams: Stream[] }).streams
    const before = await list()
    const urlOf = (text: string): string =>
      before.find(({ description }) => description.includes(text))?.url ?? ''
    const [byHash, byHost, later] = [urlOf('Named'), urlOf('Needs headers'), urlOf('From: indexer')]
    const { named, indexed } = stage.torrents
    await writeFile(path, [named.infoHash, indexed.infoHash, 'example.org', OTHER].join('\n'))
    await eventually('the list', async () => !(await list()).some(({ url }) => url === byHash))
    for (const url of [byHash, byHost, later]) {
      const refused = await ask(url)
      expect([refused.status, errorCode(refused.body)]).toEqual([404, 'SOURCE_GONE'])
    }
    expect((await ask(byHost, { method: 'HEAD' })).status).toBe(404)
    await writeFile(path, '')
    await eventually('it back', async () => (await ask(byHost)).status === 302)
  })
})
