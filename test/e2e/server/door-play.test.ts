import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCode, leaks } from '../../support/facts.ts'
import { ask, sendRaw } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually, within } from '../../support/wait.ts'

const KNOWN = 'tt9000901'
const SERIES = 'tt9000902'
const at = (path: string): string => `/play/${path}`

/** What is refused: [path, status, code]. */
const REFUSED: readonly (readonly [string, number, string])[] = [
  [at(`film/${KNOWN}/0`), 400, 'BAD_TYPE'],
  [at(`Movie/${KNOWN}/0`), 400, 'BAD_TYPE'],
  [at('movie/tt123456/0'), 400, 'BAD_IMDB_ID'],
  [at('movie/tt12345678901/0'), 400, 'BAD_IMDB_ID'],
  [at('movie/nm1234567/0'), 400, 'BAD_IMDB_ID'],
  [at('movie/TT1234567/0'), 400, 'BAD_IMDB_ID'],
  [at('movie/<script>alert(1)<%2Fscript>/0'), 400, 'BAD_IMDB_ID'],
  ...['-1', '01', '1e3', '0x1', '10000', '%201', '1.0', '1x', '+1', '%D9%A3'].map(
    (index) => [at(`movie/${KNOWN}/${index}`), 400, 'BAD_FILE_INDEX'] as const,
  ),
  [at(`movie/${KNOWN}/0/1/1`), 400, 'BAD_SEASON'],
  [at(`movie/${KNOWN}/0/1`), 400, 'BAD_SEASON'],
  [at(`series/${SERIES}/0`), 400, 'BAD_SEASON'],
  [at(`series/${SERIES}/0/1`), 400, 'BAD_EPISODE'],
  [at(`series/${SERIES}/0/x/1`), 400, 'BAD_SEASON'],
  [at(`series/${SERIES}/0/1/-1`), 400, 'BAD_EPISODE'],
  [at(`series/${SERIES}/0/1/1e1`), 400, 'BAD_EPISODE'],
  [at(`movie/${KNOWN}/0?s=short`), 400, 'BAD_SOURCE_KEY'],
  [at(`movie/${KNOWN}/0?s=a&s=b`), 400, 'BAD_SOURCE_KEY'],
  [at('movie/tt9999999/0'), 404, 'UNKNOWN_TITLE'],
  [at(`movie/${KNOWN}/9`), 404, 'UNKNOWN_SOURCE'],
  ['/nothing/here', 404, 'NOT_FOUND'],
  ['/play', 404, 'NOT_FOUND'],
  ['/.env', 404, 'NOT_FOUND'],
]
/** Hidden slashes, control characters, malformed encoding: the code may be any, the 400 may not. */
const BROKEN = [
  at(`movie%00/${KNOWN}/0`),
  at(`movie/${KNOWN}%0a/0`),
  at(`movie/${KNOWN}%00/0`),
  at(`movie/${KNOWN}/..%2F0`),
  at('movie/..%2F..%2Fetc%2Fpasswd/0'),
  '/..%2F..%2Fetc%2Fpasswd',
  '/play/movie/%ZZ/0',
  '/%',
  '/play/movie/%E0%A4%A/0',
]

describe('the playing route at the door', () => {
  let stage: Stage<'film'>
  let halfSent: Promise<void>
  beforeAll(async () => {
    stage = await openStage({
      torrents: { film: { name: 'Door.2001.mkv', size: 100_000 } },
      titles: ({ magnet }) => [
        movie(KNOWN, 'Door', { magnet: magnet('film') }),
        { id: SERIES, type: 'series', name: 'Doors', packs: [{ magnet: magnet('film') }] },
      ],
    })
    halfSent = within('the cut of headers that never end', 60_000, halfSentUntil(stage.server.port))
    halfSent.catch(() => {})
  })
  afterAll(() => stage.end())

  /** Resolves when the server gives up on a request whose headers never end. */
  function halfSentUntil(port: number): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n'))
      socket.on('error', () => {})
      socket.resume()
      socket.once('close', () => resolve())
    })
  }

  test.each(REFUSED)('%s is %i %s', async (path, status, code) => {
    const answer = await ask(stage.server.base + path)
    expect([answer.status, errorCode(answer.body)]).toEqual([status, code])
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    expect(answer.headers['x-powered-by']).toBeUndefined()
    expect(leaks(answer.body.toString())).toEqual([])
    const head = await ask(stage.server.base + path, { method: 'HEAD' })
    expect([head.status, head.headers['content-type']]).toEqual([
      status,
      answer.headers['content-type'],
    ])
  })

  test.each(BROKEN)('%s is 400', async (path) => {
    const answer = await ask(stage.server.base + path)
    expect(answer.status).toBe(400)
    expect(errorCode(answer.body)).toMatch(/^BAD_/)
    expect(leaks(answer.body.toString())).toEqual([])
  })

  test('a number too high says how many there are', async () => {
    const answer = await ask(stage.server.base + playMovie(KNOWN, 9))
    expect(answer.json()).toEqual({ error: expect.objectContaining({ available: 1 }) })
  })

  test('request ids differ and are in the log; queries are not', async () => {
    const asked = await Promise.all(
      [1, 2].map((n) => ask(`${stage.server.base}/play/movie/bad/0?token=SECRET-${n}`)),
    )
    const ids = asked.map((one) => (one.json() as { error: { requestId: string } }).error.requestId)
    expect(new Set(ids).size).toBe(2)
    const linesOf = (id: string): string[] =>
      stage.server
        .log()
        .split('\n')
        .filter((line) => line.includes(`"${id}"`))
    for (const id of ids) {
      await eventually(`a log line of ${id}`, () => linesOf(id).length > 0)
      expect(linesOf(id)).toEqual([expect.stringContaining(':imdbId')])
    }
    expect(stage.server.log()).not.toContain('SECRET')
    expect(stage.server.log()).not.toContain('magnet:')
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is 405 with Allow', async (method) => {
    for (const path of [playMovie(KNOWN), '/manifest.json', '/health']) {
      const answer = await ask(stage.server.base + path, { method })
      expect([path, answer.status, errorCode(answer.body)]).toEqual([
        path,
        405,
        'METHOD_NOT_ALLOWED',
      ])
      expect(answer.headers.allow?.split(/, */).sort()).toEqual(['GET', 'HEAD', 'OPTIONS'])
    }
  })

  test('OPTIONS is 204 with the CORS headers', async () => {
    const headers = { Origin: 'https://web.stremio.com', 'Access-Control-Request-Headers': 'range' }
    for (const path of [playMovie(KNOWN), '/manifest.json', `/stream/movie/${KNOWN}.json`]) {
      const answer = await ask(stage.server.base + path, { method: 'OPTIONS', headers })
      expect([path, answer.status, answer.body.length]).toEqual([path, 204, 0])
      expect(answer.headers['access-control-allow-origin']).toBe('*')
      expect(answer.headers['access-control-allow-headers']).toMatch(/range|\*/i)
    }
  })

  test('a page navigation gets the same refusal as a page', async () => {
    const headers = {
      Accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
    }
    for (const [path, status, code] of REFUSED) {
      const answer = await ask(stage.server.base + path, { headers })
      const page = answer.body.toString()
      expect([path, answer.status]).toEqual([path, status])
      expect(answer.headers['content-type']).toMatch(/^text\/html/)
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.headers['content-security-policy']).toMatch(/default-src|script-src/)
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
      expect(page).toContain(code)
      expect(page).not.toContain('<script>alert')
      expect(leaks(page)).toEqual([])
    }
  })

  test.each([playMovie(KNOWN), '/play/movie/bad/0', '/nothing', '/health', '/manifest.json', '/'])(
    'HEAD %s never has a body',
    async (path) => {
      const host = `Host: 127.0.0.1:${stage.server.port}`
      const raw = await sendRaw(
        stage.server.port,
        `HEAD ${path} HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`,
      )
      expect(raw).toMatch(/^HTTP\/1\.1 \d{3} /)
      expect(raw.split('\r\n\r\n')[1]).toBe('')
    },
  )

  test.each(['a b', 'x.example/y', '<script>', 'user@x.example', 'x.example:port', ''])(
    'the Host header "%s" is 400',
    async (host) => {
      const raw = await sendRaw(
        stage.server.port,
        `GET /manifest.json HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      )
      expect(raw).toMatch(/^HTTP\/1\.1 400 /)
      if (host) expect(raw).not.toContain(host)
    },
  )

  test('headers beyond measure are 431', async () => {
    const raw = await sendRaw(
      stage.server.port,
      `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${'x'.repeat(70_000)}\r\n\r\n`,
    )
    expect(raw).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('headers that never end are cut, and before Node itself would look: after 40 s', async () => {
    await halfSent
  })

  test('headers in two halves are waited for', async () => {
    const socket = connect(stage.server.port, '127.0.0.1')
    const answer = once(socket, 'data')
    socket.write('GET /health HTTP/1.1\r\nHo')
    // Sent before, on loopback: by the time this is answered the half is there.
    await ask(`${stage.server.base}/health`)
    socket.write('st: 127.0.0.1\r\n\r\n')
    expect(String(await answer)).toMatch(/^HTTP\/1\.1 200 /)
    socket.destroy()
  })
})
