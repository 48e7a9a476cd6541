import { afterEach, describe, expect, test } from '@jest/globals'
import type { PlayRequest } from '../../../player/files/play-request.ts'
import type { PlayView } from '../../../server/play/running-plays.ts'
import { ask, rawConnect, until } from '../ask.ts'
import {
  fakeFile,
  patterned,
  startServer,
  type TestServer,
  type TestServerOptions,
} from '../fakes.ts'

const PATH = '/api/plays'
const FILM = '/play/movie/tt1254207/3'
const EPISODE = '/play/series/tt0903747/0/1/2'
const CLIENT = { 'User-Agent': 'Player/1.0 (test)' }

let server: TestServer
afterEach(() => server.stop())

/** Every play of a file that comes in small parts. */
async function start(options: TestServerOptions & { readMs?: number } = {}): Promise<void> {
  const file = fakeFile(patterned(900_000), {
    name: 'a film.mp4',
    most: 50_000,
    readMs: options.readMs ?? 0,
  })
  server = await startServer({
    play: async ({ trace }: PlayRequest) => {
      trace?.stalled(400)
      return { ...file.playable, from: 'swarm' }
    },
    ...options,
  })
}

const plays = async (): Promise<readonly PlayView[]> =>
  ((await ask(server.port, PATH)).json() as { plays: PlayView[] }).plays

const order = (body: object) =>
  ask(server.port, PATH, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })

describe('the plays that run', () => {
  test('are told with who plays what from where, and how it goes', async () => {
    await start()
    await ask(server.port, FILM, { headers: { ...CLIENT, Range: 'bytes=0-99999' } })
    await ask(server.port, FILM, { headers: { ...CLIENT, Range: 'bytes=100000-149999' } })
    await ask(server.port, EPISODE, { from: '127.0.0.9' })
    await ask(server.port, FILM, { method: 'HEAD' })
    const [episode, film, ...more] = await plays()
    expect(more).toEqual([])
    expect(film).toMatchObject({
      title: { type: 'movie', imdbId: 'tt1254207' },
      ...{ number: 3, name: 'a film.mp4', from: 'swarm', size: 900_000, bytes: 150_000 },
      ...{ stalls: 2, stalledMs: 800, client: 'Player/1.0 (test)', address: '127.0.0.x' },
    })
    expect(episode).toMatchObject({
      title: { type: 'series', imdbId: 'tt0903747', season: 1, episode: 2 },
      ...{ bytes: 900_000, client: '' },
    })
  })

  test('one is stopped, cut at once and refused to that viewer for a minute; others go on', async () => {
    await start({ readMs: 15 })
    const raw = rawConnect(server.port, `GET ${FILM} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    await until('it plays', () => raw.text().length > 1000)
    const [mine] = await plays()
    const other = ask(server.port, FILM, { from: '127.0.0.9' })
    await until('both play', () => server.asked.length === 2)
    expect((await order({ stop: mine?.id })).json()).toEqual({ stopped: true })
    expect((await raw.ended).length).toBeLessThan(900_000)
    const again = await ask(server.port, FILM)
    expect([again.status, (again.json() as { error: { code: string } }).error.code]).toEqual([
      403,
      'STOPPED',
    ])
    expect((await ask(server.port, EPISODE)).status).toBe(200)
    expect((await other).body).toEqual(patterned(900_000))
    expect((await order({ stop: mine?.id })).json()).toEqual({ stopped: false })
  })
})

describe('who may see and stop them', () => {
  const adminToken = 'an-admin-token-that-is-long'
  const config = { adminToken }
  const bearer = { Authorization: `Bearer ${adminToken}` }
  const JSON_TYPE = { 'Content-Type': 'application/json' }

  test.each([
    ['GET', {}, 401],
    ['GET', { Authorization: 'Bearer wrong' }, 401],
    ['GET', { ...bearer, 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['POST', JSON_TYPE, 401],
    ['POST', { ...bearer, ...JSON_TYPE, Origin: 'https://evil.example' }, 403],
    ['POST', { ...bearer, 'Content-Type': 'text/plain' }, 415],
    ['DELETE', bearer, 405],
    ['GET', bearer, 200],
  ])('%s with %j is %i', async (method, headers, status) => {
    await start({ config })
    const body = method === 'POST' ? { body: '{"stop":1}' } : {}
    const answer = await ask(server.port, PATH, { method, headers, ...body })
    expect(answer.status).toBe(status)
  })

  test.each([{}, { stop: '1' }, { stop: 0 }, { stop: 1, more: 1 }, []])(
    '%j is 400',
    async (body) => {
      await start()
      expect((await order(body)).status).toBe(400)
    },
  )
})
