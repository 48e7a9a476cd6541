import { afterEach, describe, expect, test } from '@jest/globals'
import { Fault } from '../../../common/errors.ts'
import type { Playable } from '../../../player/files/playable.ts'
import { type Answer, begin, leaveAll, type Stream } from '../../support/server/request.ts'
import { ask, until } from '../ask.ts'
import {
  fakeFile,
  patterned,
  startServer,
  type TestServer,
  type TestServerOptions,
} from '../fakes.ts'

const MANY = {
  lists: 9,
  searches: 9,
  states: 9,
  coldStarts: 9,
  streams: 9,
  live: 9,
  connections: 99,
}
const [GREEDY, HONEST] = ['127.0.0.2', '127.0.0.3'] as const
const FILM = '/play/movie/tt1254207/0'

let server: TestServer
afterEach(() => {
  leaveAll()
  server.stop()
})

const start = async (options: TestServerOptions): Promise<void> => {
  server = await startServer(options)
}
const from = (
  address: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Stream> => begin(`http://127.0.0.1:${server.port}${path}`, { from: address, headers })
const get = (address: string, path: string): Promise<Answer> =>
  from(address, path).then((stream) => stream.rest())
/** A film that never ends within a test. */
const endless = async (): Promise<Playable> =>
  fakeFile(patterned(1 << 20), { readMs: 60_000, most: 1 }).playable

describe('open plays', () => {
  test('of one address are bounded, whatever it plays; others play', async () => {
    await start({
      limits: { ...MANY, streams: 2 },
      play: endless,
      subtitle: () => new Promise(() => {}),
    })
    // Nothing is answered to these: they are open all the same.
    const open = [FILM, '/subtitles/movie/tt1254207/0/1.vtt'].map((path) => from(GREEDY, path))
    for (const one of open) one.catch(() => {})
    await until('one plays', () => server.asked.length === 1)
    for (const path of [
      FILM,
      '/play/movie/tt1254207/1',
      '/play/movie/tt1254207/auto',
      '/subtitles/movie/tt1254207/0/2.vtt',
    ]) {
      const refused = await get(GREEDY, path)
      expect([refused.status, refused.json()]).toMatchObject([
        429,
        { error: { code: 'TOO_MANY_REQUESTS' } },
      ])
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    }
    from(HONEST, FILM).catch(() => {})
    await until('the other plays', () => server.asked.length === 2)
    const { status } = await ask(server.port, FILM, { method: 'HEAD', from: GREEDY })
    expect(status).toBe(404)
    const metrics = (await ask(server.port, '/metrics')).body.toString()
    expect(metrics).toContain('playlink_limited_total{kind="streams"} 4')
  })

  test('end with their response, whatever became of it', async () => {
    await start({
      limits: { ...MANY, streams: 1 },
      play: async ({ number }) => {
        if (number === 0) return fakeFile(patterned(1000)).playable
        if (number === 1) return { kind: 'redirect', url: 'https://good.example/' }
        throw new Fault('NO_PEERS')
      },
    })
    const statuses: number[] = []
    for (const path of ['0', '1', '2', '0', 'auto', '999999', '0']) {
      statuses.push((await get(GREEDY, `/play/movie/tt1254207/${path}`)).status)
    }
    expect(statuses).toEqual([200, 302, 504, 200, 404, 400, 200])
  })

  test('a player gets the clip that says so', async () => {
    await start({ limits: { ...MANY, streams: 1 }, play: endless, config: { errorClip: true } })
    from(GREEDY, FILM).catch(() => {})
    await until('one plays', () => server.asked.length === 1)
    const { status, headers } = await from(GREEDY, `${FILM}?s=aaaaaaaaaa`, { Range: 'bytes=0-' })
    expect([status, headers.location]).toEqual([302, '../../../clips/busy.mp4'])
  })
})

describe('who it is', () => {
  const limits = { ...MANY, streams: 1 }
  const client = (name: string) => ({ 'X-Forwarded-For': name })

  test('behind a trusted proxy: the true client', async () => {
    await start({ limits, play: endless, config: { trustProxy: 'loopback' } })
    from(GREEDY, FILM, client('203.0.113.1')).catch(() => {})
    await until('one plays', () => server.asked.length === 1)
    expect((await from(GREEDY, FILM, client('203.0.113.1'))).status).toBe(429)
    from(GREEDY, FILM, client('203.0.113.2')).catch(() => {})
    await until('another client plays', () => server.asked.length === 2)
  })

  test('a header that nobody vouches for changes nothing, and is told', async () => {
    await start({ limits, play: endless })
    from(GREEDY, FILM, client('203.0.113.1')).catch(() => {})
    await until('one plays', () => server.asked.length === 1)
    for (const name of ['203.0.113.2', '203.0.113.3, 127.0.0.9', '::1']) {
      expect((await from(GREEDY, FILM, client(name))).status).toBe(429)
    }
    const told = server.lines.filter(({ msg }) => String(msg).includes('TRUST_PROXY'))
    expect(told).toMatchObject([{ address: GREEDY }])
  })
})

describe('live pages', () => {
  const TOKEN = 'correct-horse-battery-staple'

  test('of one address are bounded; the operator always has a place', async () => {
    await start({
      limits: { ...MANY, live: 2 },
      live: { maxListeners: 3 },
      config: { adminToken: TOKEN },
    })
    const outcomes = async (address: string, count: number, headers = {}) => {
      const all: number[] = []
      for (let i = 0; i < count; i++) all.push((await from(address, '/api/live', headers)).status)
      return all
    }
    expect(await outcomes(GREEDY, 4)).toEqual([200, 200, 429, 429])
    expect(await outcomes(HONEST, 1)).toEqual([200])
    // Every place of strangers is taken, and the operator comes from the greedy one's very address.
    expect(await outcomes('127.0.0.4', 1)).toEqual([503])
    expect(await outcomes(GREEDY, 3, { Authorization: `Bearer ${TOKEN}` })).toEqual([200, 200, 200])
  })

  test('the line tells the limits, and how often one was reached', async () => {
    await start({ limits: { ...MANY, live: 1 } })
    const stream = await from('127.0.0.1', '/api/live', { Via: 'somebody' })
    expect((await from('127.0.0.1', '/api/live', { Via: 'somebody' })).status).toBe(429)
    let text = ''
    while (!text.includes('"reached":{"live":1}')) text += (await stream.read(1)).toString()
    expect(text).toContain('"coldStarts":9')
  })
})
