import { afterEach, describe, expect, test } from '@jest/globals'
import express from 'express'
import { Fault } from '../../../common/errors.ts'
import { ask, rawConnect, until } from '../ask.ts'
import { startServer, type TestServer } from '../fakes.ts'

let server: TestServer
afterEach(() => server.stop())

describe('addresses', () => {
  test.each([
    '/%zz',
    '/%',
    '/stream/%E0%A4%A/x.json',
    '/%00',
    '/health%0d%0aX:%20y',
    '/..%2F..%2Fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/a/..%5c..%5cboot.ini',
    '/../etc/passwd',
  ])('%s is 400, without a stack', async (path) => {
    server = await startServer()
    const answer = await ask(server.port, path)
    expect(answer.status).toBe(400)
    expect(answer.json()).toEqual({
      error: {
        code: 'BAD_REQUEST',
        message: expect.any(String),
        requestId: expect.stringMatching(/^[0-9a-f]{10}-[0-9a-z]+$/),
      },
    })
  })

  test('what is not there is 404; encoded colons and spaces are no offence', async () => {
    server = await startServer()
    for (const path of ['/nothing', '/a%3Ab%20c', '/health/', '/a..b']) {
      expect((await ask(server.port, path)).status).toBe(404)
    }
  })
})

describe('methods', () => {
  const PATHS = ['/play/movie/tt1254207/0', '/manifest.json', '/health', '/nothing']

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'])(
    '%s is 405',
    async (method) => {
      server = await startServer()
      for (const path of PATHS) {
        const answer = await ask(server.port, path, { method })
        expect([path, answer.status]).toEqual([path, 405])
        expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS')
      }
      const config = await ask(server.port, '/api/cache-config', { method })
      if (method === 'POST') expect(config.status).toBe(415)
      else expect(config.headers.allow).toBe('GET, HEAD, OPTIONS, POST')
    },
  )

  test('OPTIONS is 204 everywhere; only reading is open to other origins', async () => {
    server = await startServer()
    for (const path of PATHS) {
      const answer = await ask(server.port, path, { method: 'OPTIONS' })
      expect(answer.status).toBe(204)
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, HEAD, OPTIONS',
      })
    }
    const api = await ask(server.port, '/api/cache-config', { method: 'OPTIONS' })
    expect(api.status).toBe(204)
    expect(api.headers.allow).toContain('POST')
    expect(api.headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('CONNECT is 405, a body on 405 ends the connection', async () => {
    server = await startServer()
    const connected = await rawConnect(server.port, 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n').ended
    expect(connected).toMatch(/^HTTP\/1.1 405 .*Allow: GET, HEAD, OPTIONS/s)
    const put = 'PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc'
    expect(await rawConnect(server.port, put).ended).toMatch(/^HTTP\/1.1 405 .*Connection: close/s)
  })
})

describe('Host', () => {
  test.each(['a b', 'a/b', 'user@a', 'a:99999', 'a:x', '[1::2', '[zz]', ''])(
    '%j is 400',
    async (host) => {
      server = await startServer()
      const raw = rawConnect(
        server.port,
        `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      )
      expect(await raw.ended).toMatch(/^HTTP\/1.1 400 .*"BAD_HOST"/s)
    },
  )

  test('none is 400 in HTTP/1.1 only', async () => {
    server = await startServer()
    const without = rawConnect(server.port, 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n')
    expect(await without.ended).toContain('"BAD_HOST"')
    expect(await rawConnect(server.port, 'GET /health HTTP/1.0\r\n\r\n').ended).toContain(' 200 OK')
  })
})

describe('two Host headers', () => {
  const PATHS = ['/health', '/play/movie/tt1254207/0', '/manifest.json']
  test.each([
    'Host: localhost\r\nHost: evil.example',
    'Host: localhost\r\nHost: localhost',
    'HOST: localhost\r\nX: y\r\nhOsT: evil.example',
    'Host: localhost\r\nHost:',
    'Host: localhost, evil.example',
  ])('%j is 400', async (hosts) => {
    server = await startServer()
    for (const path of PATHS) {
      for (const version of ['1.1', '1.0']) {
        const head = `GET ${path} HTTP/${version}\r\n${hosts}\r\nConnection: close\r\n\r\n`
        expect(await rawConnect(server.port, head).ended).toMatch(/^HTTP\/1.1 400 .*"BAD_HOST"/s)
      }
    }
  })

  test('a header whose value is host is none', async () => {
    server = await startServer()
    const head = 'GET /health HTTP/1.1\r\nHost: a\r\nX: host\r\nConnection: close\r\n\r\n'
    expect(await rawConnect(server.port, head).ended).toContain(' 200 OK')
  })
})

describe('Expect', () => {
  const withExpect = (expect: string, more = 'GET /health HTTP/1.1') =>
    `${more}\r\nHost: a\r\nExpect: ${expect}\r\nConnection: close\r\n\r\n`

  test.each(['x', '200-ok', '100-continue, x', '100-continue\r\nExpect: x', '100-continued'])(
    '%j is 417 with our body',
    async (expected) => {
      server = await startServer()
      for (const line of ['GET /health HTTP/1.1', 'POST /api/cache-config HTTP/1.1']) {
        const raw = rawConnect(server.port, withExpect(expected, line))
        const text = (await raw.ended).replace('HTTP/1.1 100 Continue\r\n\r\n', '')
        expect(text).toMatch(/^HTTP\/1.1 417 .*Cache-Control: no-store.*"EXPECTATION_FAILED"/s)
      }
      expect(server.lines).toContainEqual(
        expect.objectContaining({ code: 'EXPECTATION_FAILED', status: 417 }),
      )
      expect(server.cleared.times).toBe(0)
    },
  )

  test('100-continue goes on, and HTTP/1.0 has no expectations', async () => {
    server = await startServer()
    expect(await rawConnect(server.port, withExpect('100-Continue')).ended).toContain(' 200 OK')
    const old = withExpect('x', 'GET /health HTTP/1.0')
    expect(await rawConnect(server.port, old).ended).toContain(' 200 OK')
  })
})

describe('errors', () => {
  const throwing = (thrown: unknown): express.Router =>
    express.Router().get('/boom', () => {
      throw thrown
    })

  test('a browser gets a page of the same, with a strict policy and nothing unescaped', async () => {
    const message = '<b>"x"</b>'
    server = await startServer({ addonRoutes: throwing(new Fault('BAD_TYPE', { message })) })
    const headers = { Accept: 'text/html,*/*', 'Sec-Fetch-Mode': 'navigate' }
    for (const path of ['/boom', '/play/movie/tt1254207/x', '/nothing']) {
      const answer = await ask(server.port, path, { headers })
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
      const policy = answer.headers['content-security-policy']
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toContain('unsafe')
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.body.toString()).toMatch(/<h1>.+<\/h1>.*request <code>[0-9a-f]{10}-/s)
      expect(answer.body.toString()).not.toContain('<b>')
    }
  })

  test.each([
    [{ Accept: 'text/html' }, 'text/html; charset=utf-8'],
    [{ Accept: 'text/html', 'Sec-Fetch-Mode': 'cors' }, 'application/json; charset=utf-8'],
    [{ Accept: '*/*', 'Sec-Fetch-Mode': 'navigate' }, 'application/json; charset=utf-8'],
    [{ Accept: '*/*' }, 'application/json; charset=utf-8'],
    [{}, 'application/json; charset=utf-8'],
  ])('%j gets %s', async (headers, type) => {
    server = await startServer()
    expect((await ask(server.port, '/nothing', { headers })).headers['content-type']).toBe(type)
  })

  test.each([
    [new Error('secret /path/x.ts'), 500, 'INTERNAL'],
    ['a string', 500, 'INTERNAL'],
    [Object.assign(new Error('x'), { status: 404 }), 404, 'NOT_FOUND'],
    [Object.assign(new Error('x'), { status: 403 }), 404, 'NOT_FOUND'],
    [Object.assign(new Error('x'), { status: 416 }), 416, 'RANGE_NOT_SATISFIABLE'],
    [Object.assign(new Error('x'), { status: 412 }), 400, 'BAD_REQUEST'],
    [Object.assign(new Error('x'), { status: 503 }), 500, 'INTERNAL'],
  ])('%s becomes %i %s, with one line in the log', async (thrown, status, code) => {
    server = await startServer({ addonRoutes: throwing(thrown) })
    const answer = await ask(server.port, '/boom?token=t0p')
    expect(answer.status).toBe(status)
    expect(answer.json()).toMatchObject({ error: { code } })
    expect(answer.body.toString()).not.toMatch(/secret|path|stack/)
    await until('the line', () => server.lines.length === 1)
    expect(server.lines).toEqual([expect.objectContaining({ route: '/boom', status, code })])
    expect(JSON.stringify(server.lines)).not.toContain('t0p')
  })

  test('nothing of the answer that failed is left on the error', async () => {
    const addonRoutes = express.Router().get('/boom', (_req, res) => {
      res.set({ ETag: '"x"', 'Content-Disposition': 'inline', 'Last-Modified': 'x' })
      throw new Fault('NO_PEERS')
    })
    server = await startServer({ addonRoutes })
    const { status, headers } = await ask(server.port, '/boom')
    expect(status).toBe(504)
    for (const name of ['etag', 'content-disposition', 'last-modified']) {
      expect(headers).not.toHaveProperty(name)
    }
  })

  test('a failure after the headers destroys the socket', async () => {
    const addonRoutes = express.Router().get('/boom', (_req, res) => {
      res.writeHead(200, { 'Content-Length': 10 }).write('abc')
      throw new Error('late')
    })
    server = await startServer({ addonRoutes })
    await expect(ask(server.port, '/boom')).rejects.toThrow()
  })

  test('answers carry no X-Powered-By, and a strict policy outside /play', async () => {
    server = await startServer()
    const { headers } = await ask(server.port, '/health')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers['content-security-policy']).toMatch(/^default-src 'none';script-src 'self';/)
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  test('the checks write one line a refusal, never the address', async () => {
    server = await startServer()
    await ask(server.port, '/%zz?token=t0p')
    await until('the line', () => server.lines.length === 1)
    expect(server.lines[0]).toMatchObject({ msg: 'refused', route: 'door', code: 'BAD_REQUEST' })
    expect(JSON.stringify(server.lines)).not.toMatch(/t0p|zz/)
  })
})
