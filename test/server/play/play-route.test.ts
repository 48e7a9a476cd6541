import { afterEach, describe, expect, test } from '@jest/globals'
import { Fault, type FaultCode } from '../../../common/errors.ts'
import type { Playable } from '../../../player/files/playable.ts'
import type { NumberedSource } from '../../../sources/source.ts'
import { ask, until } from '../ask.ts'
import {
  fakeFile,
  patterned,
  startServer,
  type TestServer,
  type TestServerOptions,
} from '../fakes.ts'

let server: TestServer
const start = async (options: TestServerOptions = {}): Promise<TestServer> => {
  server = await startServer(options)
  return server
}
afterEach(() => server.stop())

const redirect = async (): Promise<Playable> => ({ kind: 'redirect', url: 'https://a.example/x' })

describe('what is asked', () => {
  const cases: readonly [path: string, code: FaultCode][] = [
    ['/play/Movie/tt1254207/0', 'BAD_TYPE'],
    ['/play/channel/tt1254207/0', 'BAD_TYPE'],
    ['/play/movie/1254207/0', 'BAD_IMDB_ID'],
    ['/play/movie/tt123456/0', 'BAD_IMDB_ID'],
    ['/play/movie/tt12345678901/0', 'BAD_IMDB_ID'],
    ['/play/movie/tt1254207%20/0', 'BAD_IMDB_ID'],
    ['/play/movie/..%2F..%2Fetc%2Fpasswd/0', 'BAD_REQUEST'],
    ['/play/movie/tt1254207/%zz', 'BAD_REQUEST'],
    ['/play/movie/tt1254207/0%00', 'BAD_REQUEST'],
    ['/play/movie/tt1254207/00', 'BAD_FILE_INDEX'],
    ['/play/movie/tt1254207/-1', 'BAD_FILE_INDEX'],
    ['/play/movie/tt1254207/1e3', 'BAD_FILE_INDEX'],
    ['/play/movie/tt1254207/1x', 'BAD_FILE_INDEX'],
    ['/play/movie/tt1254207/10000', 'BAD_FILE_INDEX'],
    ['/play/movie/tt1254207/+1', 'BAD_FILE_INDEX'],
    ['/play/movie/tt1254207/%D9%A1', 'BAD_FILE_INDEX'],
    ['/play/movie/tt1254207/0/1/2', 'BAD_SEASON'],
    ['/play/series/tt0903747/0', 'BAD_SEASON'],
    ['/play/series/tt0903747/0/x/1', 'BAD_SEASON'],
    ['/play/series/tt0903747/0/1', 'BAD_EPISODE'],
    ['/play/series/tt0903747/0/1/01', 'BAD_EPISODE'],
    ['/play/movie/tt1254207/0?s=short', 'BAD_SOURCE_KEY'],
    ['/play/movie/tt1254207/0?s=abcdefghi1', 'BAD_SOURCE_KEY'],
    ['/play/movie/tt1254207/0?s=abcdefghij&s=abcdefghij', 'BAD_SOURCE_KEY'],
    ['/play/movie/tt1254207/0?s=', 'BAD_SOURCE_KEY'],
  ]
  test.each(cases)('%s is %s', async (path, code) => {
    const { port, asked } = await start({ play: redirect })
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(port, path, { method })
      expect(answer.status).toBe(400)
      if (method === 'GET') expect(answer.json()).toMatchObject({ error: { code } })
      else expect(answer.body).toHaveLength(0)
    }
    expect(asked).toEqual([])
  })

  test('a movie, a series and the key reach the player', async () => {
    const { port, asked } = await start({ play: redirect })
    await ask(port, '/play/movie/tt1254207/0?s=ABCDEFGH23&x=1')
    await ask(port, '/play/series/tt0903747/12/1/5')
    expect(asked.map(({ request }) => [request.title, request.number, request.sourceKey])).toEqual([
      [{ type: 'movie', imdbId: 'tt1254207' }, 0, 'abcdefgh23'],
      [{ type: 'series', imdbId: 'tt0903747', season: 1, episode: 5 }, 12, undefined],
    ])
  })

  test.each(['/play/movie/tt1254207/0/', '/PLAY/movie/tt1254207/0', '/play/movie/tt1254207'])(
    '%s is no address of ours',
    async (path) => {
      const answer = await ask((await start({ play: redirect })).port, path)
      expect(answer.json()).toMatchObject({ error: { code: 'NOT_FOUND' } })
    },
  )
})

describe('what the player says', () => {
  const cases: readonly [FaultCode, number][] = [
    ['UNKNOWN_TITLE', 404],
    ['HOSTILE_TORRENT', 502],
    ['PROVIDERS_FAILED', 503],
    ['NO_PEERS', 504],
    ['DOES_NOT_FIT', 507],
  ]
  test.each(cases)('%s is %i', async (code, status) => {
    const { port, lines } = await start({
      play: async () => {
        throw new Fault(code, { available: 3, retryAfterSeconds: 1.2 })
      },
    })
    const answer = await ask(port, '/play/movie/tt1254207/0?s=abcdefghij')
    expect(answer.status).toBe(status)
    expect(answer.json()).toEqual({
      error: { code, message: expect.any(String), requestId: expect.any(String), available: 3 },
    })
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
      'retry-after': '2',
    })
    await until('the line', () => lines.length === 1)
    expect(lines).toEqual([expect.objectContaining({ name: 'play', code, status, msg: 'refused' })])
    expect(JSON.stringify(lines)).not.toContain('abcdefghij')
  })

  test('anything else is 500, and only the log knows why', async () => {
    const { port, lines } = await start({
      play: async () => {
        throw new Error('ENOENT /secret/path')
      },
    })
    const answer = await ask(port, '/play/movie/tt1254207/0')
    expect(answer.status).toBe(500)
    expect(answer.body.toString()).not.toMatch(/secret|ENOENT|stack|\.ts/)
    await until('the line', () => lines.length === 1)
    expect(lines[0]).toMatchObject({ code: 'INTERNAL', err: { message: 'ENOENT /secret/path' } })
  })

  test('a redirect is 302, not stored, without a referrer, for GET and HEAD', async () => {
    const { port } = await start({
      play: redirect,
      look: async () => ({ kind: 'redirect', url: 'https://a.example/é x' }),
    })
    const got = await ask(port, '/play/movie/tt1254207/0')
    expect(got.status).toBe(302)
    expect(got.headers).toMatchObject({
      location: 'https://a.example/x',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'access-control-allow-origin': '*',
    })
    const looked = await ask(port, '/play/movie/tt1254207/0', { method: 'HEAD' })
    expect(looked.status).toBe(302)
    expect(looked.headers.location).toBe('https://a.example/%C3%A9%20x')
  })

  test.each(['https://user:pass@a.example/', 'javascript:alert(1)', 'http://a.example/\r\nX: y'])(
    'an address not fit to hand out is 502: %j',
    async (url) => {
      const { port } = await start({ play: async () => ({ kind: 'redirect', url }) })
      const answer = await ask(port, '/play/movie/tt1254207/0')
      expect(answer.status).toBe(502)
      expect(answer.headers.location).toBeUndefined()
      expect(answer.json()).toMatchObject({ error: { code: 'BAD_REDIRECT' } })
    },
  )
})

describe('HEAD', () => {
  test('says what is known, never has a body, never plays', async () => {
    const { port, asked } = await start({
      look: async ({ number }) =>
        number === 0
          ? { kind: 'bytes', name: 'a.mkv' }
          : { kind: 'bytes', name: 'a.mkv', size: 5, etag: '"x-1"' },
    })
    const range = { Range: 'bytes=0-1' }
    const cold = await ask(port, '/play/movie/tt1254207/0', { method: 'HEAD', headers: range })
    expect(cold.status).toBe(200)
    expect(cold.headers).toMatchObject({
      'content-type': 'video/x-matroska',
      'accept-ranges': 'bytes',
    })
    expect(cold.headers['content-length']).toBeUndefined()
    expect(cold.headers['transfer-encoding']).toBeUndefined()
    const warm = await ask(port, '/play/movie/tt1254207/1', { method: 'HEAD', headers: range })
    expect(warm.status).toBe(200)
    expect(warm.headers).toMatchObject({ 'content-length': '5', etag: '"x-1"' })
    const same = { 'If-None-Match': '"x-1"' }
    const known = await ask(port, '/play/movie/tt1254207/1', { method: 'HEAD', headers: same })
    expect(known.status).toBe(304)
    expect(asked.map(({ verb }) => verb)).toEqual(['look', 'look', 'look'])
  })
})

describe('the line at the end', () => {
  test('a play is at info, a small part at debug, and no line knows the query', async () => {
    const { port, lines } = await start({ play: async () => fakeFile(patterned(3000)).playable })
    await ask(port, '/play/movie/tt1254207/4?s=abcdefghij')
    await ask(port, '/play/movie/tt1254207/4', { headers: { Range: 'bytes=10-19' } })
    await until('two lines', () => lines.length === 2)
    expect(lines).toEqual([
      expect.objectContaining({ level: 30, number: 4, from: 'disk', status: 200, bytes: 3000 }),
      expect.objectContaining({
        level: 20,
        status: 206,
        bytes: 10,
        firstByteMs: expect.any(Number),
      }),
    ])
    expect(JSON.stringify(lines)).not.toMatch(/abcdefghij|tt1254207/)
  })

  test('a viewer that leaves before the first byte ends the play', async () => {
    const { port, asked, lines } = await start({
      play: ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    })
    const asking = new AbortController()
    const gone = fetch(`http://127.0.0.1:${port}/play/movie/tt1254207/0`, { signal: asking.signal })
    await until('asked', () => asked.length === 1)
    asking.abort()
    await expect(gone).rejects.toThrow()
    await until('the line', () => lines.length === 1)
    expect(asked[0]?.request.signal.aborted).toBe(true)
    expect(lines[0]).toMatchObject({ status: 499, bytes: 0 })
  })
})

describe('auto', () => {
  const chosen = { number: 3, key: 'abcdefghij' } as NumberedSource
  test.each([
    ['/play/movie/tt1254207/auto', '/films/play/movie/tt1254207/3?s=abcdefghij'],
    ['/play/movie/tt1254207/auto?s=auto', '/films/play/movie/tt1254207/3?s=abcdefghij'],
    ['/play/series/tt0903747/auto/1/2', '/films/play/series/tt0903747/3/1/2?s=abcdefghij'],
  ])('%s leads to the chosen source, below a prefix too', async (path, target) => {
    const { port } = await start({ choose: async () => chosen })
    const answer = await ask(port, path)
    expect([answer.status, answer.headers['cache-control']]).toEqual([302, 'no-store'])
    const place = new URL(answer.headers.location ?? '', `http://a.example/films${path}`)
    expect(place.pathname + place.search).toBe(target)
  })

  test('goes by the viewer’s preferences; what cannot be read counts for nothing', async () => {
    const names: unknown[] = []
    const { port } = await start({
      choose: async ({ preferences }) => {
        names.push(preferences?.name)
        return chosen
      },
    })
    for (const c of ['v1~s.small', 'v9~x', 'v1~s.small&c=2']) {
      const answer = await ask(port, `/play/movie/tt1254207/auto?s=auto&c=${c}`)
      expect(answer.status).toBe(302)
    }
    expect(names).toEqual(['v1~s.small', undefined, undefined])
  })

  test('HEAD only guesses', async () => {
    const { port } = await start({ guess: async () => ({ ...chosen, number: 5 }) })
    const answer = await ask(port, '/play/movie/tt1254207/auto', { method: 'HEAD' })
    expect([answer.status, answer.headers.location]).toEqual([302, '5?s=abcdefghij'])
  })

  test.each<[string, FaultCode]>([
    ['/play/movie/tt1254207/Auto', 'BAD_FILE_INDEX'],
    ['/play/movie/1/auto', 'BAD_IMDB_ID'],
    ['/play/movie/tt1254207/auto/1/2', 'BAD_SEASON'],
    ['/play/series/tt0903747/auto', 'BAD_SEASON'],
  ])('%s is %s', async (path, code) => {
    const { port } = await start({ choose: async () => chosen })
    expect((await ask(port, path)).json()).toMatchObject({ error: { code } })
  })
})
