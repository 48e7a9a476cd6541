import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { LiveLine } from '../../../server/admin/live-facts.ts'
import { begin, leaveAll, type Stream } from '../../support/server/request.ts'
import { ask, rawConnect, until } from '../ask.ts'
import { startServer, type TestServer, type TestServerOptions } from '../fakes.ts'

const TOKEN = 'correct-horse-battery-staple'
const DOWNLOAD = {
  key: `${'a'.repeat(40)}/0`,
  name: 'Secret.Title.mkv',
  size: 10,
  percent: 50,
  peers: 2,
  bytesPerSecond: 5,
  pieces: [255, 0],
} as const

let server: TestServer
afterEach(() => {
  leaveAll()
  server.stop()
})

async function start(options: TestServerOptions = {}): Promise<void> {
  server = await startServer({ arrivals: [DOWNLOAD], ...options })
}

const listen = (headers: Record<string, string> = {}): Promise<Stream> =>
  begin(`http://127.0.0.1:${server.port}/api/live`, { headers })

/** The next whole lines, empty ones too. */
async function linesOf(stream: Stream, count: number): Promise<string[]> {
  let text = ''
  while (text.split('\n').length <= count) text += (await stream.read(1)).toString()
  return text.split('\n').slice(0, count)
}

const first = async (headers?: Record<string, string>): Promise<LiveLine> => {
  const stream = await listen(headers)
  expect(stream.status).toBe(200)
  return JSON.parse((await linesOf(stream, 1))[0] ?? '')
}

describe('who sees what', () => {
  test('this machine sees what arrives, one line after the other', async () => {
    const troubles = { indexer: { status: 429, seconds: 90 } }
    await start({ troubles })
    const stream = await listen()
    expect(stream.headers['content-type']).toBe('application/x-ndjson; charset=utf-8')
    expect(stream.headers['cache-control']).toBe('no-store')
    expect(stream.headers['x-accel-buffering']).toBe('no')
    for (const line of await linesOf(stream, 3)) {
      expect(JSON.parse(line)).toEqual({
        access: 'all',
        adminBy: 'machine',
        stats: { status: 'ok' },
        firstBytes: [{ ms: 12, from: 'disk' }],
        starts: [],
        providers: {},
        troubles,
        arrivals: [DOWNLOAD],
      })
    }
  })

  test.each([
    ['a proxy was between', { 'X-Forwarded-For': '203.0.113.1' }],
    ['another host was meant', { Host: 'films.example' }],
    ['a foreign page asks', { 'Sec-Fetch-Site': 'cross-site' }],
  ])('sums only: %s', async (_, headers) => {
    await start()
    const line = await first(headers)
    expect(line.access).toBe('sums')
    expect(JSON.stringify(line)).not.toContain('Secret')
  })

  test.each([{ production: true }, { trustProxy: 1 }])(
    'sums only, and nobody is told to come from this machine: %j',
    async (config) => {
      await start({ config })
      expect(await first()).toMatchObject({ access: 'sums', adminBy: 'nobody' })
    },
  )

  test('with ADMIN_TOKEN: sums without it, all with it, 401 for a wrong one', async () => {
    await start({ config: { adminToken: TOKEN } })
    expect(await first()).not.toHaveProperty('arrivals')
    expect(await first({ Authorization: `Bearer ${TOKEN}` })).toMatchObject({
      access: 'all',
      adminBy: 'token',
      arrivals: [DOWNLOAD],
    })
    const wrong = await ask(server.port, '/api/live', { headers: { Authorization: 'Bearer x' } })
    expect([wrong.status, wrong.headers['www-authenticate']]).toEqual([401, 'Bearer'])
  })
})

describe('listeners', () => {
  test('are bounded; who leaves makes room', async () => {
    await start({ live: { maxListeners: 2 } })
    const one = await listen()
    await listen()
    const refused = await ask(server.port, '/api/live')
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '15'])
    expect(refused.json()).toMatchObject({ error: { code: 'TOO_MANY_LISTENERS' } })
    one.leave()
    let again = 503
    while (again === 503) again = (await listen()).status
    expect(again).toBe(200)
  })

  test('HEAD ends at once and takes no place', async () => {
    await start({ live: { maxListeners: 1 } })
    for (let i = 0; i < 2; i++) {
      expect((await ask(server.port, '/api/live', { method: 'HEAD' })).status).toBe(200)
    }
    expect((await listen()).status).toBe(200)
  })

  test('the last one gone, nothing is asked any more', async () => {
    let asked = 0
    const stats = async () => ({ asked: ++asked })
    await start({ report: { stats, config: stats } })
    const stream = await listen()
    await linesOf(stream, 2)
    stream.leave()
    await until('its line in the log', () => server.lines.some((l) => l.route === '/api/live'))
    const then = asked
    await sleep(100)
    expect(asked).toBe(then)
  })

  test('several are served by one question', async () => {
    let asked = 0
    const answer = Promise.withResolvers<object>()
    const stats = () => {
      asked++
      return answer.promise
    }
    await start({ report: { stats, config: stats } })
    const both = await Promise.all([listen(), listen()])
    const lines = both.map((stream) => linesOf(stream, 1))
    expect(await Promise.all(lines)).toEqual([[''], ['']])
    expect(asked).toBe(1)
    answer.resolve({})
  })

  test('one that takes nothing is skipped, and cut at last', async () => {
    let asked = 0
    const padding = 'x'.repeat(4_000_000)
    const stats = async () => ({ asked: ++asked, padding })
    await start({ report: { stats, config: stats }, live: { maxListeners: 1, everyMs: 10 } })
    const stuck = rawConnect(server.port)
    stuck.socket.pause()
    stuck.socket.write('GET /api/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    await until('it listens', () => asked > 0)
    let status = 503
    while (status === 503) {
      await sleep(50)
      const next = await listen()
      status = next.status
      next.leave()
    }
    // Loopback's buffers took some; 30 ticks of more were never made.
    expect(asked).toBeLessThan(15)
    stuck.socket.destroy()
  })
})

describe('heartbeat and end', () => {
  test('a report that does not come or fails: empty lines, and one line in the log', async () => {
    const stats = () => Promise.reject(new Error('no disk'))
    await start({ report: { stats, config: stats } })
    expect(await linesOf(await listen(), 3)).toEqual(['', '', ''])
    expect(
      server.lines.filter((line) => line.msg === 'nothing to tell the live page'),
    ).toHaveLength(1)
  })

  // The tests' own time-out is far below the grace and below the ticks of patience.
  test('drain ends every stream at once, with a last line', async () => {
    await start({ graceMs: 60_000, live: { everyMs: 1000 } })
    const stream = await listen()
    await linesOf(stream, 1)
    const text = stream.rest()
    await server.drain()
    const { body, complete } = await text
    expect(complete).toBe(true)
    expect(body.toString()).toBe('{"end":"draining"}\n')
  })

  test('a draining server takes no listener', async () => {
    await start()
    server.lifecycle.drain()
    const refused = await ask(server.port, '/api/live')
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5'])
  })
})
