import { afterEach, describe, expect, test } from '@jest/globals'
import { createLifecycle } from '../../../server/http/lifecycle.ts'
import { serve } from '../../../server/http/listen.ts'
import { ask, rawConnect, until } from '../ask.ts'
import { fakeFile, patterned, startServer, type TestServer } from '../fakes.ts'

const PATH = '/play/movie/tt1254207/0'
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

let server: TestServer
afterEach(() => server.stop())

describe('what is no request', () => {
  test.each([
    ['rubbish', 'rubbish\r\n\r\n', 400, 'BAD_REQUEST'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\r\n\r\n', 400, 'BAD_REQUEST'],
    [
      'two lengths',
      `${get('/x').slice(0, -2)}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
      400,
      'BAD_REQUEST',
    ],
    [
      'huge headers',
      `${get('/x').slice(0, -2)}X: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    ['a huge address', get(`/${'x'.repeat(20_000)}`), 431, 'HEADERS_TOO_LARGE'],
  ])('%s gets our error body and the end', async (_, bytes, status, code) => {
    server = await startServer()
    const text = await rawConnect(server.port, bytes).ended
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({ error: { code } })
    expect(server.lines).toEqual([expect.objectContaining({ route: 'unreadable', code })])
    expect((await ask(server.port, '/health')).status).toBe(200)
  })

  test('headers that never end are cut', async () => {
    server = await startServer({ headersMs: 100 })
    const text = await rawConnect(server.port, 'GET / HTTP/1.1\r\nHost: a\r\nX: ').ended
    expect(text).toContain('"BAD_REQUEST"')
  })

  test('rubbish behind a running body ends it, unanswered', async () => {
    const file = fakeFile(patterned(8_000_000), { readMs: 20 })
    server = await startServer({ play: async () => file.playable })
    const raw = rawConnect(server.port, get(PATH))
    await until('bytes', () => raw.text().length > 1000)
    raw.socket.write('rubbish\r\n\r\n')
    expect(await raw.ended).not.toContain('BAD_REQUEST')
    await until('released', () => file.counts.released === 1)
  })

  test('hundreds who connect in one breath all get in, and nobody waits until he tries again', async () => {
    server = await startServer()
    const before = rawConnect(server.port)
    await until('one is there', () => !before.socket.connecting)
    // More than the 511 of Node's own line, before the server can accept one of them.
    const sockets = Array.from({ length: 900 }, () => rawConnect(server.port).socket)
    try {
      let answers = 0
      before.socket.on('data', () => answers++)
      // The system tries again after a second; a few answers are here long before.
      for (let round = 1; round <= 5; round++) {
        before.socket.write(get('/health'))
        await until('an answer', () => answers >= round)
      }
      expect(sockets.filter(({ connecting }) => connecting)).toHaveLength(0)
    } finally {
      for (const socket of [...sockets, before.socket]) socket.destroy()
    }
  })

  test('a taken port is an error', async () => {
    server = await startServer()
    const { port } = server
    const log = { info() {}, error() {} } as never
    const options = {
      app: () => {},
      lifecycle: createLifecycle({ steady: () => 0 }),
      log,
      graceMs: 1,
    }
    await expect(serve({ ...options, host: '127.0.0.1', port })).rejects.toThrow('EADDRINUSE')
  })
})

describe('drain', () => {
  test('ends idle and half-sent connections at once, accepts no new ones', async () => {
    server = await startServer({ graceMs: 60_000 })
    const idle = rawConnect(server.port, get('/health'))
    const half = rawConnect(server.port, 'GET /health HTTP/1.1\r\nHost')
    const silent = rawConnect(server.port)
    const head = 'POST /api/cache-config HTTP/1.1\r\nHost: localhost\r\n'
    const body = rawConnect(
      server.port,
      `${head}Content-Type: application/json\r\nContent-Length: 21\r\n\r\n{"force`,
    )
    await until('answered', () => idle.text().includes('"serving"'))
    // The others were sent before, on loopback: one more round trip and they are there.
    await ask(server.port, '/health')
    const drained = server.drain()
    expect(server.lifecycle.state).toBe('draining')
    await drained
    await Promise.all([idle.ended, half.ended, silent.ended, body.ended])
    await expect(ask(server.port, '/health')).rejects.toThrow('ECONNREFUSED')
    expect(server.cleared.times).toBe(0)
  })

  test('a running stream goes on to its end, then its connection closes', async () => {
    const bytes = patterned(1_500_000)
    const file = fakeFile(bytes, { readMs: 30 })
    server = await startServer({ play: async () => file.playable, graceMs: 60_000 })
    const raw = rawConnect(server.port, get(PATH))
    await until('bytes', () => raw.text().length > 1000)
    const drained = server.drain()
    const text = await raw.ended
    expect(Buffer.from(text.split('\r\n\r\n')[1] ?? '', 'latin1').subarray(-1000)).toEqual(
      bytes.subarray(-1000),
    )
    expect(text.length - text.indexOf('\r\n\r\n') - 4).toBe(bytes.length)
    await drained
    expect(file.counts).toMatchObject({ closed: 1, released: 1 })
  })

  test('a play whose headers are not out yet says Connection: close', async () => {
    const file = fakeFile(patterned(100), { readMs: 100 })
    server = await startServer({ play: async () => file.playable, graceMs: 60_000 })
    const raw = rawConnect(server.port, get(PATH))
    await until('asked', () => file.counts.opened === 1)
    await server.drain()
    expect(await raw.ended).toMatch(/^HTTP\/1.1 200 OK.*Connection: close/s)
  })

  test('what is still running after the grace is cut', async () => {
    const file = fakeFile(patterned(100), { readMs: 60_000 })
    server = await startServer({ play: async () => file.playable, graceMs: 50 })
    const raw = rawConnect(server.port, get(PATH))
    await until('asked', () => file.counts.opened === 1)
    await server.drain()
    expect(await raw.ended).toBe('')
    await until('released', () => file.counts.released === 1)
  })

  test('a request on a connection that is still open: not ready, no new play', async () => {
    const file = fakeFile(patterned(100), { readMs: 100 })
    server = await startServer({ play: async () => file.playable, graceMs: 60_000 })
    const asks = ['/ready', PATH].map((path) => {
      const raw = rawConnect(server.port, get(PATH))
      return { raw, path }
    })
    await until('asked', () => file.counts.opened === 2)
    // Pipelined behind the running one (RFC 9112 9.3.2), read before the drain.
    for (const { raw, path } of asks) raw.socket.write(get(path))
    await ask(server.port, '/health')
    const drained = server.drain()
    // Twice is once.
    expect(server.drain()).toBe(drained)
    await drained
    for (const { raw } of asks) expect(await raw.ended).toMatch(/^HTTP\/1.1 200 OK/)
    expect(file.counts.released).toBe(file.counts.opened)
  })
})
