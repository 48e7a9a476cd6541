import { afterEach, describe, expect, test } from '@jest/globals'
import { Fault } from '../../../common/errors.ts'
import type { BrowserFilms } from '../../../player/browser/browser-films.ts'
import { ask } from '../ask.ts'
import { startServer, type TestServer, type TestServerOptions } from '../fakes.ts'

let server: TestServer
afterEach(() => server.stop())

/** Tells what it was asked for as the part's own text. */
function films(): BrowserFilms & { readonly made: unknown[] } {
  const made: unknown[] = []
  return {
    made,
    async part({ title, number, sourceKey }, part) {
      if (part.kind === 'segment' && part.n === 9) throw new Fault('NOT_FOUND')
      if (part.kind === 'segment' && part.n === 8) {
        throw new Fault('TOO_MANY_CONVERSIONS', { retryAfterSeconds: 3 })
      }
      made.push(part)
      return { body: JSON.stringify({ title, number, sourceKey, part }), etag: '"tag"' }
    },
    etagOf: async () => '"tag"',
  }
}

const start = async (options: TestServerOptions = {}): Promise<number> => {
  server = await startServer({ films: films(), ...options })
  return server.port
}

const FILM = '/hls/movie/tt1254207/0'

test('a film’s and an episode’s parts, for every origin', async () => {
  const port = await start()
  const answer = await ask(port, `${FILM}/audio-2-3.m4s?s=abcdefghij`)
  expect(answer.status).toBe(200)
  expect(answer.headers).toMatchObject({
    'content-type': 'audio/mp4',
    'access-control-allow-origin': '*',
    etag: '"tag"',
    'cache-control': 'private, max-age=3600, no-transform',
    'x-accel-buffering': 'no',
    'content-length': String(answer.body.length),
  })
  expect(answer.json()).toMatchObject({
    sourceKey: 'abcdefghij',
    part: { kind: 'segment', track: 2, n: 3 },
  })
  const episode = await ask(port, '/hls/series/tt0903747/4/1/2/master.m3u8')
  expect(episode.headers).toMatchObject({
    'content-type': 'application/vnd.apple.mpegurl',
    // A number may come to mean another file.
    'cache-control': 'private, no-cache',
  })
  expect(episode.json()).toMatchObject({ number: 4, title: { season: 1, episode: 2 } })
})

test('HEAD and a validator that still holds make nothing', async () => {
  const made = films()
  const port = await start({ films: made })
  const head = await ask(port, `${FILM}/video-1.m4s`, { method: 'HEAD' })
  expect([head.status, head.headers.etag]).toEqual([200, '"tag"'])
  const same = await ask(port, `${FILM}/video-1.m4s`, { headers: { 'If-None-Match': 'W/"tag"' } })
  expect([same.status, same.body.length]).toEqual([304, 0])
  expect(made.made).toEqual([])
  const other = await ask(port, `${FILM}/video-1.m4s`, { headers: { 'If-None-Match': '"x"' } })
  expect(other.status).toBe(200)
})

describe('refused', () => {
  test.each([
    [`${FILM}/video-9.m4s`, 404, 'NOT_FOUND'],
    [`${FILM}/video-8.m4s`, 503, 'TOO_MANY_CONVERSIONS'],
    [`${FILM}/video-01.m4s`, 404, 'NOT_FOUND'],
    [`${FILM}/audio-02.m3u8`, 404, 'NOT_FOUND'],
    [`${FILM}/audio-2-123456.m4s`, 404, 'NOT_FOUND'],
    [`${FILM}/..%2Fmaster.m3u8`, 400, 'BAD_REQUEST'],
    [`${FILM}/master.m3u8?s=short`, 400, 'BAD_SOURCE_KEY'],
    ['/hls/movie/tt1254207/x/master.m3u8', 400, 'BAD_FILE_INDEX'],
    ['/hls/series/tt0903747/0/master.m3u8', 400, 'BAD_SEASON'],
  ])('%s is %i %s', async (path, status, code) => {
    const answer = await ask(await start(), path)
    expect([answer.status, answer.json()]).toMatchObject([status, { error: { code } }])
    if (status === 503) expect(answer.headers['retry-after']).toBe('3')
  })

  test('BROWSER=off: there is no such address', async () => {
    server = await startServer()
    expect((await ask(server.port, `${FILM}/master.m3u8`)).status).toBe(404)
  })
})

test('with access tokens: one film is one stream, and its bytes are counted', async () => {
  const token = { name: 'ann', sha256: 'a'.repeat(64), streams: 1, added: '' }
  const admitted: string[] = []
  let bytes = 0
  const usage = {
    admit: async (_: unknown, film: string) => void admitted.push(film),
    took: (_: unknown, count: number) => {
      bytes += count
    },
  }
  const file = { find: (text: string) => (text === 'good' ? token : undefined) }
  const access = { file, usage } as unknown as NonNullable<TestServerOptions['access']>
  const port = await start({ access })
  const refused = await ask(port, `${FILM}/master.m3u8`)
  expect([refused.status, refused.json()]).toMatchObject([
    403,
    { error: { code: 'TOKEN_MISSING' } },
  ])
  const answer = await ask(port, `/t/good${FILM}/video-1.m4s?s=abcdefghij`)
  await ask(port, `/t/good${FILM}/video-2.m4s?s=abcdefghij`, { method: 'HEAD' })
  expect(admitted).toEqual(['tt1254207 abcdefghij'])
  expect(bytes).toBe(answer.body.length)
})
