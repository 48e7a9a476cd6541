import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { variables } from '../../../config/variables.ts'
import { filesWith, secretsIn } from '../../support/secret-traces.ts'
import type { Env, Playlink } from '../../support/server/playlink.ts'
import { type Answer, ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { streamManifest } from '../../support/stream-manifest.ts'
import { payload, sha256 } from '../../support/swarm/payload.ts'
import { startSocksProxy } from '../../support/swarm/socks-proxy.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'
import { startWeb, type Web } from '../../support/web.ts'

const ID = 'tt9006001'
const OWN = 'tt9006002'
const NAME = 'Secret Film'

/** One for each place that can have one; each is another. */
const secrets = {
  admin: 'adm1n+T0ken/of=the~operator',
  redis: 'r3dis-P4ssword',
  sentinel: 's3ntinel-P4ssword',
  catalogue: 'c4taloguePassk3y',
  archive: 'arch1veMirrorK3y',
  cinemeta: 'c1nemetaMirrorK3y',
  addon: 'add0nPathK3y9f8e',
  addonSetting: 'd3bridK3yInSetting',
  addonJson: 'k3yInJson7a6b',
  torznab: 't0rznabApiK3y',
  feed: 'f33dPassk3y',
  // Not of a setting, but of what the configured ones answer: credentials all the same.
  foreign: 'f0reignLinkT0ken',
  header: 'h3aderS3cretValue',
  tracker: 'tr4ckerPassk3y',
  extraTracker: 'extr4Passk3y',
  download: 'd0wnloadPassk3y',
  ownLink: '0wnLinkT0ken',
  proxy: 'pr0xyP4ssword',
  cluster: 'cl0sterS3cret-0123456789abcdefghij',
} as const

/** What each setting of this test says: `nothing` has room for no secret. A new one has to be told. */
const settings: Readonly<
  Record<keyof typeof variables, 'nothing' | readonly (keyof typeof secrets)[]>
> = {
  ADMIN_TOKEN: ['admin'],
  REDIS_URL: ['redis', 'sentinel'],
  CATALOGUE: ['catalogue'],
  ARCHIVE_ORG_URL: ['archive'],
  CINEMETA_URL: ['cinemeta'],
  UPSTREAM_ADDONS: ['addon', 'addonSetting', 'addonJson'],
  TORZNAB: ['torznab'],
  FEEDS: ['feed'],
  TRACKERS: ['extraTracker'],
  DHT_BOOTSTRAP: 'nothing',
  NODE_URL: 'nothing',
  BALANCER_URL: 'nothing',
  CLUSTER_SECRET: ['cluster'],
  PORT: 'nothing',
  HOST: 'nothing',
  PROVIDER_REQUESTS: 'nothing',
  PUBLIC_URL: 'nothing',
  TRUST_PROXY: 'nothing',
  CACHE_BACKEND: 'nothing',
  CACHE_DIR: 'nothing',
  SQLITE_PATH: 'nothing',
  CACHE_TTL: 'nothing',
  CACHE_MAX_SIZE: 'nothing',
  CACHE_MAX_DISK_MB: 'nothing',
  CACHE_META_MB: 'nothing',
  CACHE_CLEANUP_INTERVAL: 'nothing',
  CACHE_PERSISTENT: 'nothing',
  CACHE_FILL: 'nothing',
  PLAY_TIMEOUT: 'nothing',
  SENDFILE: 'nothing',
  BROWSER: 'nothing',
  DIRECT: 'nothing',
  ERROR_CLIP: 'nothing',
  PREWARM: 'nothing',
  ARCHIVE_ORG: 'nothing',
  LIBRARY: 'nothing',
  BLOCKLIST: 'nothing',
  CATALOGS: 'nothing',
  OUTBOUND_ALLOW: 'nothing',
  ACCESS_TOKENS: 'nothing',
  ANIME_IDS: 'nothing',
  RATE_LIMIT: 'nothing',
  LIMIT_LISTS: 'nothing',
  LIMIT_SEARCHES: 'nothing',
  LIMIT_STATES: 'nothing',
  LIMIT_COLD_STARTS: 'nothing',
  LIMIT_STREAMS: 'nothing',
  LIMIT_LIVE: 'nothing',
  LIMIT_CONNECTIONS: 'nothing',
  MAX_DOWNLOADS: 'nothing',
  MAX_RELAYS: 'nothing',
  SPREAD_AFTER: 'nothing',
  TORRENT_PORT: 'nothing',
  TORRENT_BIND: 'nothing',
  PORT_MAP: 'nothing',
  TORRENT_PROXY: ['proxy'],
  DHT: 'nothing',
  PEX: 'nothing',
  LSD: 'nothing',
  UPLOAD_LIMIT_KB: 'nothing',
  SEED_RATIO: 'nothing',
  SEED_TIME: 'nothing',
  SHUTDOWN_GRACE: 'nothing',
  LOG_LEVEL: 'nothing',
  LOG_FORMAT: 'nothing',
  LOG_IP: 'nothing',
  OPERATOR: 'nothing',
  CONTACT: 'nothing',
  PRIVACY_URL: 'nothing',
  STREMIO_ADDONS_ISSUER: 'nothing',
  STREMIO_ADDONS_SIGNATURE: 'nothing',
}

/** Only with Redis is there a cluster. */
const CLUSTER: Env = { NODE_URL: 'http://127.0.0.1:9', CLUSTER_SECRET: secrets.cluster }

/** Files that have to hold one, by their names in the cache folder. */
const MAY_HOLD = /^(?:index\.sqlite(?:-wal|-shm)?|values\.journal|[0-9a-f]{40}\/metainfo\.torrent)$/

const FILM = payload('a film behind a key', 700_001)
const base64url = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url')

interface Stream {
  readonly url: string
  readonly name: string
  readonly description: string
  readonly behaviorHints: Readonly<Record<string, unknown>>
}

describe('no secret of the operator reaches anybody', () => {
  let stage: Stage<'named' | 'fed'>
  let web: Web
  let server: Playlink
  let env: Env
  const seen: { readonly what: string; readonly text: string }[] = []
  const setting = `sort=seeders|realdebrid=${secrets.addonSetting}`
  const json = base64url({ options: [{ debridKey: secrets.addonJson }], language: 'en' })

  const look = async (path: string, how: Parameters<typeof ask>[1] = {}): Promise<Answer> => {
    const url = path.startsWith('http') ? path : server.base + path
    const answer = await ask(url, how)
    const text = [JSON.stringify(answer.headers), answer.body.toString('latin1')].join('\n')
    seen.push({ what: `${how.method ?? 'GET'} ${path}: ${answer.status}`, text })
    return answer
  }
  const streams = async (id: string): Promise<readonly Stream[]> =>
    ((await look(streamsOf(id))).json() as { streams: Stream[] }).streams

  /** Links as addons write them, with the key in one form each. */
  function streamsOfAddon(key: string): readonly object[] {
    const { base } = web
    const file = (name: string, rest: string): object => ({
      name: `Addon of ${key}`,
      title: `${name} by ${key} 720p`,
      url: `${base}/film/${rest}`,
      externalUrl: `${base}/page/${key}`,
      subtitles: [{ id: '1', lang: 'en', url: `${base}/subs/${key}.srt` }],
      behaviorHints: { filename: `${name} ${key}.mp4`, bingeGroup: key },
    })
    return [
      file('plain path', `${key}/a.mp4`),
      file(
        'encoded path',
        `${[...key].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')}/b.mp4`,
      ),
      file('base64 query', `c.mp4?x=${Buffer.from(`ab${key}cd`).toString('base64url')}`),
      file('hex query', `d.mp4?x=${Buffer.from(key).toString('hex')}`),
      file('upper case', `${key.toUpperCase()}/e.mp4`),
      file('nested address', `f.mp4?to=${encodeURIComponent(`https://a.example/${key}`)}`),
      file('credential', `g.mp4?apikey=${secrets.foreign}`),
      file('playlist', `${key}/list.m3u8`),
      {
        ...file('headers', 'h.mp4'),
        behaviorHints: { proxyHeaders: { request: { Authorization: `Bearer ${secrets.header}` } } },
      },
    ]
  }

  const answer: RequestListener = (req, res) => {
    const url = new URL(req.url ?? '', web.base)
    const path = decodeURIComponent(url.pathname)
    const send = (value: unknown): void => void res.end(JSON.stringify(value))
    if (path.endsWith('/manifest.json')) return send(streamManifest)
    if (path.startsWith('/film/')) return sendFilm(req, res)
    const asked = /^\/(.+)\/stream\/movie\/tt9006001\.json$/.exec(path)?.[1]
    if (asked === secrets.addon) {
      const { named } = stage.torrents
      const trackers = [`${stage.trackerUrl}?passkey=${secrets.tracker}`]
      const magnet = { title: `Named ${secrets.addon}`, url: named.magnet({ trackers }) }
      return send({ streams: [...streamsOfAddon(secrets.addon), magnet] })
    }
    if (asked === setting) return send({ streams: streamsOfAddon(secrets.addonSetting) })
    if (asked === json) return send({ streams: streamsOfAddon(secrets.addonJson) })
    if (asked !== undefined) return send({ streams: [] })
    if (path.startsWith(`/${secrets.cinemeta}/`)) {
      return send({ meta: { name: NAME, releaseInfo: '2001' } })
    }
    if (path === `/${secrets.archive}/advancedsearch.php`) {
      const licenseurl = 'https://creativecommons.org/licenses/by/3.0/'
      return send({
        response: { docs: [{ identifier: 'sf', title: NAME, year: 2001, licenseurl }] },
      })
    }
    if (path === `/${secrets.archive}/metadata/sf`) {
      const licenseurl = 'https://creativecommons.org/licenses/by/3.0/'
      const files = [{ name: 'secret film.mp4', size: `${FILM.length}`, length: '60' }]
      return send({ metadata: { title: NAME, year: '2001', licenseurl }, files })
    }
    if (path === `/${secrets.archive}/download/sf/secret film.mp4`) return sendFilm(req, res)
    if (path === '/torznab') {
      if (url.searchParams.get('t') === 'caps') return void res.end('<caps/>')
      const link = `${web.base}/dl?passkey=${secrets.download}`
      const item = `<item><title>Secret.Film.2001.1080p</title><guid>1</guid><link>${link}</link></item>`
      return void res.end(`<rss><channel>${item}</channel></rss>`)
    }
    if (path === '/dl') {
      const announce = `${stage.trackerUrl}?passkey=${secrets.tracker}`
      return void res.end(stage.torrents.fed.torrent({ announce }))
    }
    if (path === '/rss') {
      const video = `${web.base}/film/i.mp4?passkey=${secrets.feed}`
      const enclosure = `<enclosure url="${video}" type="video/mp4" length="${FILM.length}"/>`
      return void res.end(
        `<rss><channel><item><title>Secret.Film.2001.480p</title>${enclosure}</item></channel></rss>`,
      )
    }
    if (path === '/titles.json') {
      const url = `${web.base}/film/own.mp4?token=${secrets.ownLink}`
      return send({ version: 1, titles: [movie(OWN, 'Own', { url })] })
    }
    // What fails says its own address, as servers do.
    res.writeHead(404, { 'x-asked': req.url }).end(`not found: ${req.url}`)
  }

  const sendFilm: RequestListener = (req, res) => {
    const from = Number(/^bytes=(\d+)-/.exec(req.headers.range ?? '')?.[1] ?? 0)
    res.writeHead(206, {
      'content-type': 'video/mp4',
      'content-length': FILM.length - from,
      'content-range': `bytes ${from}-${FILM.length - 1}/${FILM.length}`,
      'content-disposition': `attachment; filename="${secrets.addon}.mp4"`,
      'set-cookie': `key=${secrets.addon}`,
      link: `<https://a.example/${secrets.addon}>`,
      etag: `"${secrets.addon}"`,
    })
    res.end(FILM.subarray(from))
  }

  beforeAll(async () => {
    web = await startWeb((req, res) => answer(req, res))
    stage = await openStage({
      torrents: {
        named: { name: 'Secret.Film.2001.720p.mkv', size: 300_000 },
        fed: { name: 'Secret.Film.2001.1080p.mkv', size: 300_000 },
      },
    })
    stage.own(() => web.close())
    const proxy = await startSocksProxy({ login: `me:${secrets.proxy}` })
    stage.own(() => proxy.close())
    const addon = (config: string): string =>
      `${web.base}/${encodeURIComponent(config)}/manifest.json`
    env = {
      ADMIN_TOKEN: secrets.admin,
      REDIS_URL: `redis+sentinel://u:${secrets.redis}@127.0.0.1:1/m?sentinelPassword=${secrets.sentinel}`,
      CATALOGUE: `${web.base}/titles.json?passkey=${secrets.catalogue}`,
      ARCHIVE_ORG: 'on',
      ARCHIVE_ORG_URL: `${web.base}/${secrets.archive}`,
      CINEMETA_URL: `${web.base}/${secrets.cinemeta}`,
      UPSTREAM_ADDONS: [secrets.addon, setting, json].map(addon).join(' '),
      TORZNAB: `${web.base}/torznab?apikey=${secrets.torznab}`,
      FEEDS: `${web.base}/rss?passkey=${secrets.feed}`,
      TORRENT_PROXY: `socks5://me:${secrets.proxy}@127.0.0.1:${proxy.port}`,
      TRACKERS: `${web.base}/announce?passkey=${secrets.extraTracker}`,
      CACHE_BACKEND: 'sqlite',
      CACHE_PERSISTENT: 'true',
      CATALOGS: 'all',
      LOG_LEVEL: 'trace',
      PLAY_TIMEOUT: '8',
    }
    expect(Object.keys(settings).sort()).toEqual(Object.keys(variables).sort())
    for (const [name, held] of Object.entries(settings)) {
      const told = { ...env, ...CLUSTER }[name] ?? ''
      const missing =
        held === 'nothing'
          ? []
          : held.filter((one) => secretsIn(told, secrets).includes(one) === false)
      expect([name, missing.filter((one) => one !== 'addonJson')]).toEqual([name, []])
    }
    server = await stage.another(env)
  })
  afterAll(() => stage.end())

  const found = (): readonly string[] =>
    seen.flatMap(({ what, text }) => secretsIn(text, secrets).map((name) => `${name} in ${what}`))

  test('lists, and plays of all that is listed', async () => {
    await eventually('the own title', async () => (await streams(OWN)).length > 0)
    await eventually('every provider', async () => {
      const all = (await streams(ID)).map(({ description }) => description).join()
      return ['archive.org', 'torznab', 'feed'].every((name) => all.includes(`From: ${name}`))
    })
    const listed = [...(await streams(ID)), ...(await streams(OWN))]
    // Three addons with six links each and two that are the same of all, a magnet, Auto, torznab, feed,
    // archive, and the own one.
    expect(listed).toHaveLength(3 * 6 + 2 + 6)
    expect(listed.filter(({ description }) => description.includes('playlist'))).toEqual([])
    let relayed = 0
    for (const { url, description } of listed) {
      const played = await look(url)
      await look(url, { method: 'HEAD' })
      await look(url, { headers: { range: 'bytes=1000-1999' } })
      await look(url.replace('/play/', '/api/play-state/'))
      const direct = /through this one/.test(description)
      if (!direct) continue
      relayed++
      expect([description, played.status]).toEqual([description, 200])
      expect(sha256(played.body)).toBe(sha256(FILM))
    }
    expect(relayed).toBe(3 * 6 + 2 + 3)
    expect(found()).toEqual([])
  })

  test('everything else that the server answers', async () => {
    const page = { headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' } }
    const paths = [
      '/',
      '/configure',
      '/manifest.json',
      '/test-source-selection',
      '/health',
      '/ready',
      '/metrics',
      '/api/cache-stats',
      '/api/cache-config',
      '/api/history',
      '/api/examples',
      '/catalog/movie/playlink-ready.json',
      '/catalog/movie/playlink-free.json',
      '/catalog/movie/playlink-free/search=secret.json',
      '/meta/movie/tt9006001.json',
      `/subtitles/movie/${ID}.json`,
      `/subtitles/movie/${ID}/filename=x.json`,
      `/subtitles/movie/${ID}/0/tracks.json`,
      `${playMovie(ID)}?s=aaaaaaaaaa`,
      playMovie(ID, 400),
      playMovie('tt9006999'),
      playMovie('tt90'),
      `/play/movie/${ID}/auto`,
      '/nothing',
      '/%zz',
    ]
    for (const path of paths) {
      await look(path)
      await look(path, page)
      await look(path, { method: 'HEAD' })
    }
    const bearer = { authorization: `Bearer ${secrets.admin}` }
    for (const path of ['/api/cache-stats', '/api/examples', '/metrics']) {
      await look(path, { headers: bearer })
    }
    const post = { method: 'POST', body: '{"forceCleanup":false}' }
    const typed = { 'content-type': 'application/json' }
    expect((await look('/api/cache-config', { ...post, headers: typed })).status).toBe(401)
    const managed = await look('/api/cache-config', { ...post, headers: { ...typed, ...bearer } })
    expect(managed.status).toBe(200)
    for (const headers of [{}, bearer]) {
      const live = await begin(`${server.base}/api/live`, { headers })
      const text = `${JSON.stringify(live.headers)}${await live.read(1)}`
      seen.push({ what: 'the live stream', text })
      live.leave()
    }
    expect(found()).toEqual([])
  })

  test.each(['memory', 'redis'])(
    'with the index in %s: its log, and its files also after a stop',
    async (backend) => {
      const more = backend === 'redis' ? CLUSTER : {}
      const other = await stage.another({ ...env, CACHE_BACKEND: backend, ...more })
      await eventually('the torrent', async () => {
        const list = await ask(other.base + streamsOf(ID))
        return list.body.toString().includes('From: torznab')
      })
      const all = (await ask(other.base + streamsOf(ID))).json() as { streams: Stream[] }
      for (const { url, description } of all.streams) {
        if (!/through this one/.test(description)) await ask(url)
      }
      await eventually('a film', async () => (await filesWith(other.cacheDir, secrets)).length > 0)
      await other.stop()
      const files = await filesWith(other.cacheDir, secrets)
      expect(files.filter(({ path, mode }) => !MAY_HOLD.test(path) || mode !== 0o600)).toEqual([])
      const lines = other.log().split('\n')
      expect(lines.filter((line) => secretsIn(line, secrets).length > 0)).toEqual([])
    },
  )

  test('what the other servers are when they fail, or send viewers elsewhere', async () => {
    const [first] = (await streams(ID)).filter(({ description }) =>
      /through this/.test(description),
    )
    await web.close()
    const gone = await look(first?.url ?? '', { headers: { range: 'bytes=5-' } })
    expect(gone.status).toBe(502)
    await look(playMovie(ID, 450))
    expect(found()).toEqual([])
  })

  test('the log', () => {
    expect(server.log()).toMatch(/left out: a playlist with a key/)
    const lines = server.log().split('\n')
    const telling = lines.filter((line) => secretsIn(line, secrets).length > 0)
    expect(telling).toEqual([])
  })

  test('files of others, and who may read those that must hold one', async () => {
    const files = await filesWith(server.cacheDir, secrets)
    expect(files.filter(({ path }) => !MAY_HOLD.test(path))).toEqual([])
    expect(files.filter(({ mode }) => mode !== 0o600)).toEqual([])
    // The search finds what is there: sources are kept with their links.
    expect(files.map(({ path }) => path).join()).toContain('index.sqlite')
  })
})

test('the search itself finds every form', async () => {
  const secret = 'a+b/c=d~1234567'
  const forms = [
    `x${secret}`,
    encodeURIComponent(secret),
    Buffer.from(`ab${secret}`).toString('base64'),
    Buffer.from(`a${secret}b`).toString('base64url'),
    Buffer.from(secret).toString('hex').toUpperCase(),
  ]
  expect(forms.map((form) => secretsIn(form, { secret }))).toEqual(forms.map(() => ['secret']))
  expect(secretsIn('nothing', { secret })).toEqual([])
})
