import { afterEach, describe, expect, test } from '@jest/globals'
import { type Answer, ask, rawConnect } from '../ask.ts'
import { FILE_TOKEN, startServer, type TestServer, type TestServerOptions } from '../fakes.ts'

const PATH = '/api/cache-config'
const JSON_TYPE = { 'Content-Type': 'application/json' }
const CLEAN = '{"forceCleanup":true}'

let server: TestServer
afterEach(() => server.stop())

async function post(
  body: string,
  headers: Record<string, string> = {},
  config: TestServerOptions['config'] = {},
): Promise<Answer> {
  server = await startServer({ config })
  return ask(server.port, PATH, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body })
}

const codeOf = (answer: Answer): unknown =>
  (answer.json() as { error?: { code: string } }).error?.code

describe('what is read', () => {
  test('stats and config come from the report, not stored, closed to other origins', async () => {
    server = await startServer()
    for (const [path, shape] of [
      ['/api/cache-stats', { status: 'ok' }] as const,
      [PATH, { config: {} }] as const,
    ]) {
      const answer = await ask(server.port, path)
      expect(answer.json()).toEqual(shape)
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })

  test('a report that fails is 500', async () => {
    const report = {
      stats: () => Promise.reject(new Error('disk /x')),
      config: async () => ({}),
    }
    server = await startServer({ report })
    const answer = await ask(server.port, '/api/cache-stats')
    expect(codeOf(answer)).toBe('INTERNAL')
    expect(answer.body.toString()).not.toContain('/x')
  })
})

describe('what is ordered', () => {
  test('forceCleanup clears and says what it did', async () => {
    const answer = await post(CLEAN)
    const disk = {
      usedBytes: 10,
      maxBytes: 100,
      configuredBytes: 100,
      segmentBytes: 0,
      reservedBytes: 0,
      freeOnVolumeBytes: 1000,
    }
    expect(answer.json()).toEqual({
      removedFiles: 2,
      freedBytes: 7,
      keptInUse: 1,
      before: disk,
      after: disk,
    })
    expect(server.cleared.times).toBe(1)
  })

  test.each(['{}', '{"forceCleanup":false}'])('%s frees nothing', async (body) => {
    const answer = await post(body, { 'Content-Type': 'Application/JSON; charset=UTF-8' })
    expect(answer.json()).toMatchObject({ removedFiles: 0, freedBytes: 0, keptInUse: 0 })
    expect(server.cleared.times).toBe(0)
  })

  const bodies = ['', '{', 'null', '[]', 'true', '"x"', '\ufeff', '{"forceCleanUp":true}']
  const flags = ['"true"', '1', 'null', '[true]'].map((value) => `{"forceCleanup":${value}}`)
  test.each([...bodies, ...flags, '{"__proto__":{"forceCleanup":true}}'])(
    '%s is 400',
    async (body) => {
      const answer = await post(body)
      expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_BODY'])
      expect(server.cleared.times).toBe(0)
    },
  )

  test.each([
    { 'Content-Type': 'text/plain' },
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    { 'Content-Type': 'application/json-patch+json' },
    { 'Content-Type': 'application/json; charset=utf-16' },
    { 'Content-Type': '' },
    { 'Content-Encoding': 'gzip' },
  ])('%j is 415', async (headers) => {
    expect((await post(CLEAN, headers as Record<string, string>)).status).toBe(415)
  })

  test('4 KiB pass, more is 413, told in advance or not', async () => {
    const exact = CLEAN + ' '.repeat(4096 - CLEAN.length)
    expect((await post(exact)).status).toBe(200)
    server.stop()
    expect((await post(`${exact} `)).status).toBe(413)
    server.stop()
    const chunked = await post(`${exact} `, { 'Transfer-Encoding': 'chunked' })
    expect([chunked.status, codeOf(chunked)]).toEqual([413, 'BODY_TOO_LARGE'])
    expect(server.cleared.times).toBe(0)
  })

  test('a body that is cut off clears nothing and harms nobody', async () => {
    server = await startServer()
    const head = `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`
    const raw = rawConnect(server.port, `${head}Content-Length: 21\r\n\r\n{"force`)
    raw.socket.end()
    await raw.ended
    expect((await ask(server.port, '/health')).status).toBe(200)
    expect(server.cleared.times).toBe(0)
  })
})

describe('who may order', () => {
  const admin = { adminToken: 's3cret' }
  test.each([
    {},
    { Authorization: 'Bearer wrong' },
    { Authorization: 'Basic s3cret' },
    { Authorization: 'Bearer' },
  ])('with a token set, %j is 401', async (headers) => {
    const answer = await post(CLEAN, headers as Record<string, string>, admin)
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer'])
    expect(server.cleared.times).toBe(0)
  })

  test('with it, from anywhere and through any proxy', async () => {
    const headers = { Authorization: 'bearer s3cret', Host: 'films.example', Via: '1.1 x' }
    expect((await post(CLEAN, headers, admin)).status).toBe(200)
    expect(server.cleared.times).toBe(1)
  })

  const refused: readonly [Record<string, string>, string?][] = [
    [{ Host: 'films.example' }],
    [{ Host: '127.0.0.1.films.example' }],
    [{ Forwarded: 'for=1.2.3.4' }],
    [{ 'X-Forwarded-For': '1.2.3.4' }],
    [{ 'X-Forwarded-Anything': 'x' }],
    [{ 'X-Real-IP': '1.2.3.4' }],
    [{ Via: '1.1 proxy' }],
    [{ 'True-Client-IP': '1.2.3.4' }],
    [{ 'CF-Connecting-IP': '1.2.3.4' }],
    [{ 'X-Original-Host': 'films.example' }],
    [{ 'X-Cluster-Client-IP': '1.2.3.4' }],
    [{ 'CDN-Loop': 'x' }],
    [{ 'X-Envoy-External-Address': '1.2.3.4' }],
    [{ 'X-Sendfile-Type': 'X-Accel-Redirect' }],
    [{}, 'https://films.example'],
  ]
  test.each(refused.map(([headers, publicUrl]) => ({ headers, publicUrl })))(
    'without one, $headers with PUBLIC_URL $publicUrl is 403',
    async ({ headers, publicUrl }) => {
      const answer = await post(CLEAN, headers, { publicUrl })
      expect([answer.status, codeOf(answer)]).toEqual([403, 'NOT_LOCAL'])
      expect(server.cleared.times).toBe(0)
    },
  )

  test.each(['localhost', 'localhost:7000', '127.0.0.1:7000', '[::1]:7000'])(
    'without one, %s is this machine',
    async (host) => {
      expect(
        (await post(CLEAN, { Host: host }, { publicUrl: 'http://127.0.0.1:7000' })).status,
      ).toBe(200)
    },
  )

  test.each([1, 'loopback', '127.0.0.0/8', true])(
    'with TRUST_PROXY %j nobody is this machine',
    async (trustProxy) => {
      const answer = await post(CLEAN, {}, { trustProxy })
      expect([answer.status, codeOf(answer)]).toEqual([403, 'NOT_LOCAL'])
      expect(server.cleared.times).toBe(0)
    },
  )

  test.each([
    {},
    { Host: 'localhost' },
    { Authorization: 'Bearer ' },
    { Authorization: 'Bearer undefined' },
    { 'X-Forwarded-For': '127.0.0.1', Forwarded: 'for=127.0.0.1' },
  ])('in production without ADMIN_TOKEN it is closed: %j', async (headers) => {
    const answer = await post(CLEAN, headers as Record<string, string>, { production: true })
    expect([answer.status, codeOf(answer)]).toEqual([403, 'MANAGEMENT_CLOSED'])
    expect(server.cleared.times).toBe(0)
    expect((await ask(server.port, '/api/cache-stats')).status).toBe(200)
  })

  test('in production with ADMIN_TOKEN it takes the token', async () => {
    const config = { ...admin, production: true }
    expect((await post(CLEAN, {}, config)).status).toBe(401)
    server.stop()
    expect((await post(CLEAN, { Authorization: 'Bearer s3cret' }, config)).status).toBe(200)
  })

  test.each([
    {},
    admin,
    { production: true },
    { trustProxy: 1 },
    { publicUrl: 'https://films.example' },
  ])('the token of the file counts with %j, never from a foreign page', async (config) => {
    const bearer = { Authorization: `Bearer ${FILE_TOKEN}` }
    expect((await post(CLEAN, bearer, config)).status).toBe(200)
    server.stop()
    expect((await post(CLEAN, { Authorization: `Bearer ${FILE_TOKEN}x` }, admin)).status).toBe(401)
    server.stop()
    const page = { ...bearer, Origin: 'https://evil.example' }
    expect(codeOf(await post(CLEAN, page, config))).toBe('FORBIDDEN_ORIGIN')
  })

  const foreign = [
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: 'http://localhost:8000' },
    { Origin: 'rubbish' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
  ]
  test.each(foreign)('a page elsewhere (%j) is 403', async (headers) => {
    const all: Record<string, string> = { Host: 'localhost:7000', ...headers }
    const answer = await post(CLEAN, all)
    expect([answer.status, codeOf(answer)]).toEqual([403, 'FORBIDDEN_ORIGIN'])
    expect(server.cleared.times).toBe(0)
  })

  test('our own page may, also behind TLS and under PUBLIC_URL', async () => {
    const same = {
      Host: 'localhost:7000',
      Origin: 'http://localhost:7000',
      'Sec-Fetch-Site': 'same-origin',
    }
    expect((await post(CLEAN, same)).status).toBe(200)
    server.stop()
    const bearer = { Authorization: 'Bearer s3cret' }
    const tls = { ...bearer, Host: 'films.example', Origin: 'https://films.example' }
    expect((await post(CLEAN, tls, admin)).status).toBe(200)
    server.stop()
    const config = { ...admin, publicUrl: 'https://films.example/x' }
    const inner = { ...bearer, Host: 'inner:7000', Origin: 'https://films.example' }
    expect((await post(CLEAN, inner, config)).status).toBe(200)
  })
})
