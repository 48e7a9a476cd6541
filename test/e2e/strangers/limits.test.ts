import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCode } from '../../support/facts.ts'
import { logLines, type Playlink } from '../../support/server/playlink.ts'
import { ask, begin, leaveAll } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { streamManifest } from '../../support/stream-manifest.ts'
import { playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'
import { startWeb, type Web } from '../../support/web.ts'

const [GREEDY, HONEST] = ['127.0.0.2', '127.0.0.3'] as const
const TOKEN = 'correct-horse-battery-staple'
const idOf = (n: number): string => `tt${String(8_000_000 + n)}`

describe('a server with its limits on', () => {
  let stage: Stage<never>
  let web: Web
  let proxied: Playlink
  const sockets: Socket[] = []
  const questions = (): number => web.requests.filter((line) => line.includes('/stream/')).length
  const limited = async (kind: string): Promise<number> => {
    const text = (await ask(`${stage.server.base}/metrics`)).body.toString()
    return Number(
      new RegExp(`playlink_limited_total\\{kind="${kind}"\\} (\\d+)`).exec(text)?.[1] ?? 0,
    )
  }

  beforeAll(async () => {
    web = await startWeb((req, res) => {
      res.end(JSON.stringify(req.url === '/manifest.json' ? streamManifest : { streams: [] }))
    })
    stage = await openStage({
      env: {
        RATE_LIMIT: 'on',
        LIMIT_LISTS: '10',
        LIMIT_SEARCHES: '10',
        LIMIT_LIVE: '4',
        LIMIT_CONNECTIONS: '20',
        ADMIN_TOKEN: TOKEN,
        UPSTREAM_ADDONS: `${web.base}/manifest.json#upstream`,
      },
    })
    stage.own(() => web.close())
    proxied = await stage.another({ HOST: '::1', TRUST_PROXY: 'loopback', LIMIT_LISTS: '2' })
  })
  afterEach(() => {
    leaveAll()
    for (const socket of sockets.splice(0)) socket.destroy()
  })
  afterAll(() => stage.end())

  function raw(localAddress: string, text = ''): Socket {
    const socket = connect({ port: stage.server.port, host: '127.0.0.1', localAddress })
    socket.on('error', () => {})
    sockets.push(socket)
    if (text) socket.write(text)
    return socket
  }
  const honest = async (path: string): Promise<number> =>
    (await ask(stage.server.base + path, { from: HONEST })).status

  test.each([
    ['lists', (n: number) => streamsOf(idOf(n)), 0],
    ['plays of what nobody has listed', (n: number) => playMovie(idOf(1000 + n)), 1],
    ['subtitles of it', (n: number) => `/subtitles/movie/${idOf(2000 + n)}/0/1.vtt`, 2],
    ['"auto" of it', (n: number) => `/play/movie/${idOf(3000 + n)}/auto`, 3],
  ])('%s: others are asked for one address as often as a minute allows', async (_, pathOf, at) => {
    const from = `127.0.1.${at + 1}`
    const before = questions()
    const statuses: number[] = []
    for (let n = 0; n < 40; n++) {
      const answer = await ask(stage.server.base + pathOf(n), { from })
      statuses.push(answer.status)
      if (answer.status !== 429) continue
      expect(errorCode(answer.body)).toBe('TOO_MANY_REQUESTS')
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    expect(statuses.map((status) => status === 429)).toEqual([
      ...Array(10).fill(false),
      ...Array(30).fill(true),
    ])
    expect(questions() - before).toBe(10)
    expect(await honest(streamsOf(idOf(9000 + at)))).toBe(200)
    expect(await limited('lists')).toBe(30 * (at + 1))
  })

  test.each([
    ['lists', '/stream/movie/tt8009001.json', 2000],
    ['metrics', '/metrics', 5000],
    ['the status page', '/test-source-selection', 2000],
    ['the install page', '/', 2000],
    ['the statistics', '/api/cache-stats', 5000],
    ['a clip', '/clips/busy.mp4', 2000],
    ['errors', '/nothing/here', 5000],
  ])(
    '%s in one breath, and nothing read: few are answered, others are served',
    async (_, path, count) => {
      const before = logLines(stage.server.log()).length
      const socket = raw(GREEDY, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(count))
      socket.pause()
      for (let i = 0; i < 5; i++) expect(await honest('/health')).toBe(200)
      expect(await honest('/manifest.json')).toBe(200)
      socket.resume()
      await eventually('the connection is cut', () => socket.closed)
      expect(logLines(stage.server.log()).length - before).toBeLessThan(130)
    },
  )

  test('live pages: an address has few, the operator always one', async () => {
    const live = (from: string, headers = {}) =>
      begin(`${stage.server.base}/api/live`, { from, headers }).then(({ status }) => status)
    const all = await Promise.all(Array.from({ length: 15 }, () => live(GREEDY)))
    expect(all.filter((status) => status === 200)).toHaveLength(4)
    expect(all.filter((status) => status === 429)).toHaveLength(11)
    expect(await live(HONEST)).toBe(200)
    expect(await live(GREEDY, { Authorization: `Bearer ${TOKEN}` })).toBe(200)
  })

  test.each([
    ['silent', ''],
    ['half a request', 'GET / HTTP/1.1\r\nHost'],
    ['a whole one', 'GET /health HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('connections: an address has few, others come in: %s', async (_, text) => {
    const many = Array.from({ length: 100 }, () => raw(GREEDY, text))
    for (const socket of many) socket.resume()
    const open = (): number => many.filter(({ closed }) => !closed).length
    await eventually('most are cut', () => open() <= 20)
    expect(open()).toBeGreaterThan(0)
    for (let i = 0; i < 10; i++) expect(await honest('/health')).toBe(200)
    expect(await limited('connections')).toBeGreaterThanOrEqual(80)
  })

  test('the log names addresses that reach a limit, once a minute', async () => {
    const told = logLines(stage.server.log()).filter(({ name }) => name === 'limits')
    expect(told.length).toBeGreaterThan(0)
    // All of the above took a minute or two on any machine, and thousands were refused.
    expect(told.length).toBeLessThan(10)
  })

  test('behind a trusted proxy each client has its own share', async () => {
    const server = await stage.another({ TRUST_PROXY: 'loopback', LIMIT_LISTS: '2' })
    const statuses: number[] = []
    for (const client of [
      '203.0.113.1',
      '203.0.113.1',
      '203.0.113.1',
      '203.0.113.2',
      '203.0.113.2',
    ]) {
      const headers = { 'X-Forwarded-For': client }
      statuses.push((await ask(server.base + streamsOf(idOf(9100)), { headers })).status)
    }
    expect(statuses).toEqual([200, 200, 429, 200, 200])
    const proxied = Array.from({ length: 60 }, () =>
      begin(`${server.base}/health`, { headers: { Connection: 'keep-alive' } }),
    )
    expect((await Promise.all(proxied)).every(({ status }) => status === 200)).toBe(true)
  })

  test.each([
    ['an IPv6 network', (n: number) => `2001:db8:0:1::${n}`, '2001:db8:0:2::1'],
    ['its addresses with ports', (n: number) => `[2001:db8:0:3::${n}]:5000${n}`, '2001:db8:0:4::1'],
    ['its addresses with zones', (n: number) => `2001:db8:0:5::${n}%eth${n}`, '2001:db8:0:6::1'],
    ['an address with ports', (n: number) => `203.0.113.7:5000${n}`, '203.0.113.8:50001'],
    ['an address in IPv6', (n: number) => `${n % 2 ? '::ffff:' : ''}203.0.113.9`, '203.0.113.10'],
    ['one that names others', (n: number) => `198.51.100.${n}, 2001:db8:0:7::1`, '2001:db8:0:8::1'],
  ])('behind a trusted proxy, over IPv6: %s has one share', async (_, clientOf, other) => {
    const clients = [...[1, 2, 3, 4].map(clientOf), other]
    const statuses: number[] = []
    for (const client of clients) {
      const headers = { 'X-Forwarded-For': client }
      statuses.push((await ask(proxied.base + streamsOf(idOf(9200)), { headers })).status)
    }
    expect(statuses).toEqual([200, 200, 429, 429, 200])
  })
})
