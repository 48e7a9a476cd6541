import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCode, leaks, published } from '../../support/facts.ts'
import { type Answer, ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { startWeb } from '../../support/web.ts'

const ID = 'tt9001001'
const NAME = 'Secret.Title.2001.mkv'
const JSON_TYPE = { 'Content-Type': 'application/json' }
const TOKEN = 'correct-horse-battery-staple'
const CLEAN = '{"forceCleanup":true}'

/** Rows of POST /api/cache-config: [what, headers, body, status, code]. */
const ROWS: readonly (readonly [string, Record<string, string>, string, number, string])[] = [
  ['no content type', {}, CLEAN, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['text', { 'Content-Type': 'text/plain' }, CLEAN, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  [
    'a form',
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    'forceCleanup=true',
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  ['5 KiB', JSON_TYPE, `{"x":"${'y'.repeat(5000)}"}`, 413, 'BODY_TOO_LARGE'],
  ['no JSON', JSON_TYPE, '{"forceCleanup":', 400, 'BAD_BODY'],
  ['a string for true', JSON_TYPE, '{"forceCleanup":"true"}', 400, 'BAD_BODY'],
  ['1 for true', JSON_TYPE, '{"forceCleanup":1}', 400, 'BAD_BODY'],
  ['null for true', JSON_TYPE, '{"forceCleanup":null}', 400, 'BAD_BODY'],
  ['a list', JSON_TYPE, '[]', 400, 'BAD_BODY'],
  ['null', JSON_TYPE, 'null', 400, 'BAD_BODY'],
  [
    'a foreign Origin',
    { ...JSON_TYPE, Origin: 'https://x.example' },
    CLEAN,
    403,
    'FORBIDDEN_ORIGIN',
  ],
  ['the Origin null', { ...JSON_TYPE, Origin: 'null' }, CLEAN, 403, 'FORBIDDEN_ORIGIN'],
  [
    'another site',
    { ...JSON_TYPE, 'Sec-Fetch-Site': 'cross-site' },
    CLEAN,
    403,
    'FORBIDDEN_ORIGIN',
  ],
  [
    'a sister site',
    { ...JSON_TYPE, 'Sec-Fetch-Site': 'same-site' },
    CLEAN,
    403,
    'FORBIDDEN_ORIGIN',
  ],
  ...[
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Real-IP',
    'Via',
    'Forwarded',
  ].map(
    (name) =>
      [
        `${name} (a proxy is between)`,
        { ...JSON_TYPE, [name]: 'x' },
        CLEAN,
        403,
        'NOT_LOCAL',
      ] as const,
  ),
  ['a Host not this machine', { ...JSON_TYPE, Host: 'x.example' }, CLEAN, 403, 'NOT_LOCAL'],
]

describe('the management API at the door', () => {
  let stage: Stage<'film'>
  let guarded: string
  let proxied: string
  const post = (base: string, headers: Record<string, string>, body: string): Promise<Answer> =>
    ask(`${base}/api/cache-config`, { method: 'POST', headers, body })

  beforeAll(async () => {
    stage = await openStage({
      torrents: { film: { name: NAME, size: 300_000 } },
      titles: ({ magnet }) => [movie(ID, 'Secret Title', { magnet: magnet('film') })],
    })
    const tokenFile = join(stage.folder, 'token')
    await writeFile(tokenFile, `${TOKEN}\n`)
    guarded = (await stage.another({ ADMIN_TOKEN_FILE: tokenFile })).base
    proxied = (await stage.another({ PUBLIC_URL: 'https://films.example.org' })).base
    await ask(stage.server.base + playMovie(ID))
    await published(stage.server.base, ID)
  })
  afterAll(() => stage.end())

  test.each(ROWS)('POST with %s', async (_, headers, body, status, code) => {
    const answer = await post(stage.server.base, headers, body)
    expect([answer.status, errorCode(answer.body)]).toEqual([status, code])
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(leaks(answer.body.toString())).toEqual([])
  })

  test.each(['{}', '{"forceCleanup":false}'])('%s frees nothing', async (body) => {
    const answer = await post(stage.server.base, JSON_TYPE, body)
    expect(answer.status).toBe(200)
    expect(answer.json()).toEqual(
      expect.objectContaining({ removedFiles: 0, freedBytes: 0, keptInUse: expect.any(Number) }),
    )
    const play = await ask(stage.server.base + playMovie(ID))
    expect(play.body.equals(stage.torrents.film.content)).toBe(true)
  })

  test('its own page may ask', async () => {
    const headers = { ...JSON_TYPE, Origin: stage.server.base, 'Sec-Fetch-Site': 'same-origin' }
    expect((await post(stage.server.base, headers, '{}')).status).toBe(200)
  })

  test.each([
    ['none', {}],
    ['a wrong one', { Authorization: `Bearer ${TOKEN}x` }],
    ['a shorter one', { Authorization: `Bearer ${TOKEN.slice(1)}` }],
    ['another scheme', { Authorization: `Basic ${TOKEN}` }],
    ['an empty one', { Authorization: 'Bearer ' }],
  ] as const)('with ADMIN_TOKEN_FILE set and %s: 401', async (_, headers) => {
    const answer = await post(guarded, { ...JSON_TYPE, ...headers }, CLEAN)
    expect([answer.status, errorCode(answer.body)]).toEqual([401, 'UNAUTHORIZED'])
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/)
  })

  test('with the token: 200, through a proxy too', async () => {
    const headers = { ...JSON_TYPE, Authorization: `Bearer ${TOKEN}`, 'X-Forwarded-For': '1.2.3.4' }
    expect((await post(guarded, headers, CLEAN)).status).toBe(200)
  })

  test('a public server without a token is managed by nobody', async () => {
    const answer = await post(proxied, JSON_TYPE, CLEAN)
    expect([answer.status, errorCode(answer.body)]).toEqual([403, 'NOT_LOCAL'])
  })

  test('a proxy on the same machine that adds nothing manages nothing in production', async () => {
    const { port } = await stage.another({ NODE_ENV: 'production' })
    // As nginx' bare proxy_pass: its own Host, its own socket, no header that tells.
    const proxy = await startWeb((req, res) => {
      const { 'content-type': type = 'text/plain' } = req.headers
      const on = request({
        port,
        path: req.url,
        method: req.method,
        headers: { 'content-type': type },
      })
      on.once('response', (from) => from.pipe(res.writeHead(from.statusCode ?? 502, from.headers)))
      req.pipe(on)
    })
    stage.own(() => proxy.close())
    for (const base of [proxy.base, `http://127.0.0.1:${port}`]) {
      const answer = await post(base, { ...JSON_TYPE, Host: 'films.example' }, CLEAN)
      expect([answer.status, errorCode(answer.body)]).toEqual([403, 'MANAGEMENT_CLOSED'])
      expect((await ask(`${base}/api/cache-stats`)).status).toBe(200)
    }
  })

  test('other methods are 405', async () => {
    const put = await ask(`${stage.server.base}/api/cache-config`, { method: 'PUT' })
    expect(put.status).toBe(405)
    expect(put.headers.allow?.split(/, */).sort()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST'])
    const del = await ask(`${stage.server.base}/api/cache-stats`, { method: 'DELETE' })
    expect(del.status).toBe(405)
  })

  test('GET /api/cache-stats and /api/cache-config have their fields', async () => {
    const stats = (await ask(`${stage.server.base}/api/cache-stats`)).json()
    const backend = { name: 'memory', shared: false, durable: false, connected: true }
    const disk = {
      usedBytes: 300_000,
      maxBytes: expect.any(Number),
      configuredBytes: 5e9,
      segmentBytes: 0,
      reservedBytes: 0,
      freeOnVolumeBytes: expect.any(Number),
    }
    expect(stats).toEqual(
      expect.objectContaining({
        status: 'ok',
        backend,
        node: expect.any(String),
        files: { count: 1, max: 1000 },
        disk,
        arrivals: expect.objectContaining({
          waiting: 0,
          max: 16,
          bytesPerSecond: expect.any(Number),
        }),
        plays: expect.objectContaining({ misses: 1, active: 0 }),
        evictions: { ttl: 0, count: 0, disk: 0 },
        scaling: { nodes: 1, recommendation: expect.any(String) },
        productionReady: { ready: false, reasons: expect.any(Array) },
        uptimeSeconds: expect.any(Number),
      }),
    )
    const config = (await ask(`${stage.server.base}/api/cache-config`)).json()
    expect(config).toEqual(
      expect.objectContaining({
        status: 'ok',
        backend,
        disk,
        config: {
          ttlSeconds: 3600,
          maxFiles: 1000,
          maxDiskBytes: 5e9,
          cleanupIntervalSeconds: 300,
          persistent: false,
          fill: 'whole',
        },
      }),
    )
  })

  test.each([
    '/api/cache-stats',
    '/api/cache-config',
    '/api/history',
    '/health',
    '/ready',
    '/metrics',
    '/test-source-selection',
  ])('GET %s shows no title, name, hash or path', async (path) => {
    const answer = await ask(stage.server.base + path)
    expect(answer.status).toBe(200)
    const text = answer.body.toString()
    for (const secret of ['Secret', ID, stage.torrents.film.infoHash, stage.folder]) {
      expect([path, secret, text.includes(secret)]).toEqual([path, secret, false])
    }
  })
})
