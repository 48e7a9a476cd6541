import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { errorCode } from '../../support/facts.ts'
import { ask, begin } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { payload, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'
import { startWeb, type Web } from '../../support/web.ts'

const FILM = payload('a relayed film', 2_000_001)
const LARGE = 400_000_000
const ids = {
  parts: 'tt9006101',
  whole: 'tt9006102',
  large: 'tt9006103',
  breaks: 'tt9006104',
  page: 'tt9006105',
  away: 'tt9006106',
  closed: 'tt9006107',
  circle: 'tt9006108',
} as const

describe('links with a key play through the server', () => {
  let stage: Stage<never>
  let web: Web
  let base = ''
  let asked: IncomingMessage['headers'][] = []
  let sent = 0
  let left = 0
  const get = (path: string, headers = {}) => ask(base + path, { headers })

  function part(req: IncomingMessage, res: ServerResponse, size: number): number {
    const from = Number(/^bytes=(\d+)-/.exec(req.headers.range ?? '')?.[1] ?? 0)
    const headers = {
      'content-type': 'video/mp4',
      'content-range': `bytes ${from}-${size - 1}/${size}`,
      'content-length': size - from,
      etag: '"theirs"',
      'set-cookie': 'theirs=1',
      'x-theirs': '1',
    }
    res.writeHead(206, headers)
    return from
  }

  const answers: Readonly<Record<string, RequestListener>> = {
    '/parts.mp4': (req, res) => void res.end(FILM.subarray(part(req, res, FILM.length))),
    '/whole.mp4': (_req, res) =>
      void res.writeHead(200, { 'content-length': FILM.length }).end(FILM),
    '/large.mp4': (req, res) => {
      part(req, res, LARGE)
      res.once('close', () => left++)
      const chunk = Buffer.alloc(1 << 20)
      const more = (): void => {
        sent += chunk.length
        res.write(chunk, (error) => !error && more())
      }
      more()
    },
    '/breaks.mp4': (req, res) => {
      const from = part(req, res, FILM.length)
      res.write(FILM.subarray(from, from + 300_000), () => res.destroy())
    },
    '/page.mp4': (_req, res) =>
      void res.writeHead(200, { 'content-type': 'text/html', 'content-length': 2 }).end('no'),
    '/circle.mp4': (_req, res) =>
      void res.writeHead(302, { location: `${base}${playMovie(ids.circle)}` }).end(),
    '/away.mp4': (_req, res) =>
      void res.writeHead(302, { location: 'http://127.0.0.77:1/x.mp4' }).end(),
  }

  beforeAll(async () => {
    web = await startWeb((req, res) => {
      asked.push(req.headers)
      answers[(req.url ?? '').split('?')[0] ?? '']?.(req, res)
    })
    stage = await openStage({
      titles: () =>
        Object.entries(ids).map(([name, id]) => {
          const host = name === 'closed' ? 'http://127.0.0.77:1' : web.base
          return movie(id, name, { url: `${host}/${name}.mp4?apikey=k3yOfTheOperator` })
        }),
      env: { OUTBOUND_ALLOW: '127.0.0.1/32', RATE_LIMIT: 'on', LIMIT_STREAMS: '2' },
    })
    stage.own(() => web.close())
    base = stage.server.base
  })
  afterAll(() => stage.end())
  beforeEach(() => {
    asked = []
  })

  test('whole, in parts, with conditions, as any file', async () => {
    const path = playMovie(ids.parts)
    const before = await ask(base + path, { method: 'HEAD' })
    expect([before.status, before.headers['content-type'], asked]).toEqual([200, 'video/mp4', []])
    const whole = await get(path, {
      cookie: 'own=1',
      authorization: 'Basic x',
      referer: 'http://r',
    })
    expect([whole.status, whole.headers['content-length']]).toEqual([200, `${FILM.length}`])
    expect(sha256(whole.body)).toBe(sha256(FILM))
    expect(whole.headers).toMatchObject({
      'content-type': 'video/mp4',
      'accept-ranges': 'bytes',
      'access-control-allow-origin': '*',
    })
    expect(JSON.stringify(whole.headers)).not.toMatch(/theirs/)
    expect(asked).toHaveLength(1)
    expect(Object.keys(asked[0] ?? {}).sort()).toEqual(
      ['accept-encoding', 'connection', 'host', 'range', 'user-agent', 'x-playlink-hop'].sort(),
    )
    const etag = whole.headers.etag ?? ''
    const some = await get(path, { range: 'bytes=1000000-1000099', 'if-range': etag })
    expect([some.status, some.headers['content-range']]).toEqual([
      206,
      `bytes 1000000-1000099/${FILM.length}`,
    ])
    expect(some.body.equals(FILM.subarray(1_000_000, 1_000_100))).toBe(true)
    const tail = await get(path, { range: 'bytes=-10' })
    expect([tail.status, tail.body.equals(FILM.subarray(-10))]).toEqual([206, true])
    const past = await get(path, { range: `bytes=${FILM.length}-` })
    expect([past.status, past.headers['content-range']]).toEqual([416, `bytes */${FILM.length}`])
    expect((await get(path, { 'if-none-match': etag })).status).toBe(304)
    const other = await get(path, { range: 'bytes=0-1', 'if-range': '"other"' })
    expect([other.status, other.body.length]).toEqual([200, FILM.length])
    const head = await ask(base + path, { method: 'HEAD' })
    expect(head.headers).toMatchObject({ 'content-length': `${FILM.length}`, etag })
  })

  test('whole, where the other server sends no parts', async () => {
    const answer = await get(playMovie(ids.whole), { range: 'bytes=5-9' })
    expect([answer.status, answer.headers['accept-ranges']]).toEqual([200, 'none'])
    expect(answer.headers.etag).toBeUndefined()
    expect(sha256(answer.body)).toBe(sha256(FILM))
  })

  test('as fast as the viewer takes it, until the viewer leaves, as one open stream', async () => {
    const streams = [
      await begin(base + playMovie(ids.large)),
      await begin(base + playMovie(ids.large)),
    ]
    expect(streams.map(({ status }) => status)).toEqual([200, 200])
    for (const stream of streams) await stream.read(100_000)
    const third = await get(playMovie(ids.large), { range: 'bytes=0-9' })
    expect([third.status, errorCode(third.body)]).toEqual([429, 'TOO_MANY_REQUESTS'])
    let before = -1
    await eventually('no more is sent', () => {
      const still = before === sent
      before = sent
      return still
    })
    expect(sent).toBeLessThan(LARGE / 4)
    // The first of the two may have been asked for the answer that told the size.
    for (const stream of streams) stream.leave()
    await eventually('the other server is left', () => left === 2)
  })

  test('a body that breaks twice is cut short, never ended', async () => {
    const answer = await get(playMovie(ids.breaks))
    expect([answer.status, answer.complete]).toEqual([200, false])
    expect(answer.body.length).toBeGreaterThan(0)
    expect(answer.body.equals(FILM.subarray(0, answer.body.length))).toBe(true)
    expect(asked.map(({ range }) => range)).toEqual([
      'bytes=0-',
      expect.stringMatching(/^bytes=\d+-$/),
    ])
  })

  test.each([
    ['a page in place of a film', ids.page, 'UPSTREAM_FAILED'],
    ['a redirect to a closed address', ids.away, 'OUTBOUND_REFUSED'],
    ['a closed address', ids.closed, 'OUTBOUND_REFUSED'],
  ])('%s is 502', async (_, id, code) => {
    const answer = await get(playMovie(id))
    expect([answer.status, errorCode(answer.body)]).toEqual([502, code])
    expect(answer.body.toString()).not.toMatch(/127\.0\.0|apikey/)
  })

  test('a link that leads back here is asked for once, not in a circle', async () => {
    const answer = await get(playMovie(ids.circle))
    expect([answer.status, errorCode(answer.body), asked.length]).toEqual([
      502,
      'UPSTREAM_FAILED',
      1,
    ])
  })

  test('is listed as such, in a way that a browser may play', async () => {
    const list = await ask(`${base}${streamsOf(ids.parts)}`)
    const [stream] = (list.json() as { streams: { description: string }[] }).streams
    expect(stream?.description).toContain('From another server, through this one')
    const state = await get(playMovie(ids.parts).replace('/play/', '/api/play-state/'))
    expect(state.json()).toMatchObject({ stage: 'relay' })
    expect((await get('/metrics')).body.toString()).toMatch(/from="relay"/)
  })
})
