import { afterEach, expect, test } from '@jest/globals'
import { Fault } from '../../../common/errors.ts'
import { ask } from '../ask.ts'
import { startServer, type TestServer } from '../fakes.ts'

let server: TestServer
afterEach(() => server.stop())

const start = async (): Promise<TestServer> => {
  server = await startServer({
    subtitle: async ({ title, number, sourceKey: key, track }) => {
      if (track === '9') throw new Fault('NOT_FOUND')
      const text = `WEBVTT\n\n${JSON.stringify({ title, number, key, track })}\n`
      return { text, isWhole: track !== 'embedded-3' }
    },
    hasSubtitle: async ({ track }) => track !== '9',
    subtitleTracks: async ({ title, sourceKey }) => [
      { id: '3', lang: sourceKey === undefined ? 'und' : 'fre' },
      title.type === 'series'
        ? { id: 'embedded-4', lang: 'pob', title: 'Signs' }
        : { id: '4', lang: 'fre' },
    ],
  })
  return server
}
const MOVIE = '/subtitles/movie/tt1254207/0/3.vtt?s=abcdefghij'

test('a film’s and an episode’s, as WebVTT for every origin', async () => {
  const { port } = await start()
  const answer = await ask(port, MOVIE)
  expect(answer.status).toBe(200)
  expect(answer.headers).toMatchObject({
    'content-type': 'text/vtt; charset=utf-8',
    'access-control-allow-origin': '*',
    'cache-control': 'public, max-age=3600',
  })
  expect(answer.body.toString()).toContain('"key":"abcdefghij","track":"3"')
  const episode = await ask(port, '/subtitles/series/tt0903747/4/1/2/0123456789ab.vtt')
  expect(episode.body.toString()).toContain('"season":1,"episode":2')
  expect(episode.body.toString()).toContain('"number":4,"track":"0123456789ab"')
})

test('a track within a film that is still arriving is not kept by anybody', async () => {
  const { port } = await start()
  const answer = await ask(port, MOVIE.replace('/3.', '/embedded-3.'))
  expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store'])
})

test('HEAD says what there is, and asks for no text', async () => {
  const { port } = await start()
  const answer = await ask(port, MOVIE, { method: 'HEAD' })
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/vtt; charset=utf-8'])
  expect(answer.headers['content-length']).toBeUndefined()
  expect((await ask(port, MOVIE.replace('3.', '9.'), { method: 'HEAD' })).status).toBe(404)
})

test('which there are, named for a menu, by addresses relative to the list', async () => {
  const { port } = await start()
  const film = await ask(port, '/subtitles/movie/tt1254207/0/tracks.json?s=abcdefghij')
  expect(film.headers).toMatchObject({ 'access-control-allow-origin': '*' })
  expect(film.json()).toEqual({
    tracks: [
      { language: 'fr', name: 'French', isEmbedded: false, url: '3.vtt?s=abcdefghij' },
      { language: 'fr', name: 'French (2)', isEmbedded: false, url: '4.vtt?s=abcdefghij' },
    ],
  })
  const episode = await ask(port, '/subtitles/series/tt0903747/4/1/2/tracks.json')
  expect(episode.json()).toEqual({
    tracks: [
      { language: '', name: 'Track 1', isEmbedded: false, url: '3.vtt' },
      {
        language: 'pt-BR',
        name: 'Brazilian Portuguese, Signs',
        isEmbedded: true,
        url: 'embedded-4.vtt',
      },
    ],
  })
  expect((await ask(port, '/subtitles/movie/tt1/0/tracks.json')).status).toBe(400)
})

test.each([
  ['/subtitles/movie/tt1254207/0/9.vtt', 404, 'NOT_FOUND'],
  ['/subtitles/movie/tt1254207/0/03.vtt', 404, 'NOT_FOUND'],
  ['/subtitles/movie/tt1254207/0/embedded-03.vtt', 404, 'NOT_FOUND'],
  ['/subtitles/movie/tt1254207/0/..%2Fx.vtt', 400, 'BAD_REQUEST'],
  ['/subtitles/movie/tt1254207/x/3.vtt', 400, 'BAD_FILE_INDEX'],
  ['/subtitles/movie/tt1/0/3.vtt', 400, 'BAD_IMDB_ID'],
  ['/subtitles/series/tt0903747/0/3.vtt', 400, 'BAD_SEASON'],
])('%s is %i %s', async (path, status, code) => {
  const { port } = await start()
  const answer = await ask(port, path)
  expect(answer.status).toBe(status)
  expect(answer.json()).toMatchObject({ error: { code } })
})
