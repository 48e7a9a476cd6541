import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import express, { type Request } from 'express'
import { readManifest } from '../../../addon/manifest.ts'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import { type AccessToken, hashOfToken, newAccessToken } from '../../../common/access-tokens.ts'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { systemClock as clock } from '../../../common/clock.ts'
import { withToken } from '../../../server/access/access-check.ts'
import type { AccessFile } from '../../../server/access/access-file.ts'
import { TokenUsage } from '../../../server/access/token-usage.ts'
import { createOpenapiRoute } from '../../../server/pages/openapi-route.ts'
import { silent } from '../../sources/fakes.ts'
import { type Answer, ask, rawConnect, until } from '../ask.ts'
import {
  fakeFile,
  patterned,
  startServer,
  type TestServer,
  type TestServerOptions,
} from '../fakes.ts'

const manifest = readManifest({ stremioAddonsConfig: undefined })
const PLAY = '/play/movie/tt1254207/0'
const OTHER = '/play/movie/tt1254207/1'
const SIZE = 400_000
const ADMIN = 'correct-horse-battery-staple'

const text = newAccessToken()
const granted = (more: Partial<AccessToken> = {}): AccessToken => ({
  name: 'ann',
  sha256: hashOfToken(text),
  streams: 1,
  added: '2026-01-01T00:00:00.000Z',
  ...more,
})

let token: AccessToken | undefined
let server: TestServer
let usage: TokenUsage
let index = createMemoryIndex({ clock })

async function start(options: TestServerOptions = {}): Promise<void> {
  usage = new TokenUsage({ index, clock, log: silent })
  const find = (given: string) => (hashOfToken(given) === token?.sha256 ? token : undefined)
  const addonRoutes = express.Router()
  addonRoutes.get('/manifest.json', (req: Request, res) => {
    res.json({ base: withToken(() => 'http://films.example')(req) })
  })
  const file: Pick<AccessFile, 'find' | 'tokens'> = {
    find,
    get tokens() {
      return token ? [token] : []
    },
  }
  const access = { file: file as AccessFile, usage }
  server = await startServer({
    ...{
      access,
      addonRoutes,
      pages: createOpenapiRoute({ manifest, baseUrl: () => 'http://films.example' }),
    },
    ...options,
  })
}

beforeEach(() => {
  token = granted()
  index = createMemoryIndex({ clock })
})
afterEach(async () => {
  server.stop()
  await usage.close()
})

const codeOf = (answer: Answer): unknown =>
  (answer.json() as { error?: { code: string } }).error?.code
const withText = (path: string): string => `/t/${text}${path}`

describe('who is let in', () => {
  test.each([
    '/',
    '/manifest.json',
    '/configure',
    '/v1~r.1080/manifest.json',
    '/stream/movie/tt1254207.json',
    '/subtitles/movie/tt1254207.json',
    '/subtitles/movie/tt1254207/0/0.vtt',
    '/subtitles/movie/tt1254207/0/tracks.json',
    '/catalog/movie/playlink-free.json',
    '/meta/movie/tt1254207.json',
    '/api/examples',
    '/api/play-state/movie/tt1254207/0',
    PLAY,
    '/play/movie/tt1254207/auto',
    `${PLAY}?s=abcdefghij&t=/health`,
    '/health/../manifest.json?/health',
    '/nothing',
    '/t/',
    `/t/${text}`,
    `/T/${text}/manifest.json`,
    `/t/${text}%2Fmanifest.json`,
    `http://films.example${PLAY}`,
    'http://films.example?x/health',
    'http://films.example/manifest.json#/health',
    '/manifest.json#/health',
    '//health/manifest.json',
  ])('%s takes a token', async (path) => {
    await start()
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(server.port, path, { method })
      expect([400, 403]).toContain(answer.status)
      expect(answer.headers['cache-control']).toBe('no-store')
      if (method === 'GET') expect(['TOKEN_MISSING', 'BAD_REQUEST']).toContain(codeOf(answer))
    }
    expect(server.asked).toEqual([])
  })

  test('what is tried takes a token', async () => {
    await start()
    const answer = await ask(server.port, '/api/try', { method: 'POST' })
    expect([answer.status, codeOf(answer)]).toEqual([403, 'TOKEN_MISSING'])
  })

  test.each([
    '/health',
    '/ready',
    '/metrics',
    '/api/cache-stats',
    '/api/cache-config?x',
    '/api',
    '/api/openapi.json',
    '/api/history',
  ])('%s is open as before', async (path) => {
    await start()
    expect((await ask(server.port, path)).status).toBe(200)
    expect((await ask(server.port, withText(path))).status).toBe(200)
  })

  test.each(['/api/plays', '/api/downloads', '/api/tokens', '/api/settings'])(
    '%s is for administrators, token or not',
    async (path) => {
      await start({ config: { adminToken: ADMIN } })
      expect(codeOf(await ask(server.port, path))).toBe('UNAUTHORIZED')
      expect(codeOf(await ask(server.port, withText(path)))).toBe('UNAUTHORIZED')
      const headers = { Authorization: `Bearer ${ADMIN}` }
      expect((await ask(server.port, path, { headers })).status).toBe(200)
    },
  )

  test('a wrong or revoked token is told so, and no header helps', async () => {
    await start()
    const path = withText('/manifest.json')
    expect((await ask(server.port, path)).status).toBe(200)
    const wrong = await ask(server.port, `/t/${newAccessToken()}/manifest.json`)
    expect([wrong.status, codeOf(wrong)]).toEqual([403, 'TOKEN_UNKNOWN'])
    token = undefined
    const headers = { 'X-Forwarded-For': '127.0.0.1', Authorization: `Bearer ${text}` }
    expect(codeOf(await ask(server.port, path, { headers }))).toBe('TOKEN_UNKNOWN')
    expect(codeOf(await ask(server.port, '/manifest.json', { headers }))).toBe('TOKEN_MISSING')
  })

  test('what is handed out begins with the token, equal each time; no log knows it', async () => {
    await start({ play: async () => fakeFile(patterned(10)).playable })
    const base = { base: `http://films.example/t/${text}` }
    expect((await ask(server.port, withText('/manifest.json'))).json()).toEqual(base)
    const absolute = `http://films.example${withText('/manifest.json')}`
    expect((await ask(server.port, absolute)).json()).toEqual(base)
    await ask(server.port, withText(PLAY))
    await ask(server.port, withText('/nothing'))
    await ask(server.port, withText('/play/movie/x/0'))
    await until('lines are written', () => server.lines.length >= 4)
    expect(JSON.stringify(server.lines)).not.toContain(text)
  })
})

describe('what a token may use', () => {
  const film = () => fakeFile(patterned(SIZE), { most: 10_000 }).playable
  const played = (): number => server.lines.filter(({ msg }) => msg === 'played').length
  const begin = (path: string) =>
    rawConnect(server.port, `GET ${withText(path)} HTTP/1.1\r\nHost: a\r\n\r\n`)

  test('so many films at once; more responses of one film are the same stream', async () => {
    const slow = () => fakeFile(patterned(SIZE), { most: 100, readMs: 20 }).playable
    await start({ play: async () => slow() })
    const first = begin(PLAY)
    const second = begin(PLAY)
    await until('both run', () => /200 OK/.test(first.text()) && /200 OK/.test(second.text()))
    const other = await ask(server.port, withText(OTHER))
    // The key names the source, whatever the number beside it.
    const sameNumber = await ask(server.port, withText(`${PLAY}?s=abcdefghij`))
    expect(codeOf(sameNumber)).toBe('TOKEN_STREAMS')
    expect([other.status, codeOf(other), other.headers['retry-after']]).toEqual([
      429,
      'TOKEN_STREAMS',
      '10',
    ])
    first.socket.destroy()
    expect(codeOf(await ask(server.port, withText(OTHER)))).toBe('TOKEN_STREAMS')
    second.socket.destroy()
    await until('both have been told', () => played() === 2)
    const last = begin(OTHER)
    await until('it plays', () => /200 OK/.test(last.text()))
    last.socket.destroy()
  })

  test('what nginx would send is sent and counted here', async () => {
    token = granted({ monthlyBytes: SIZE })
    const storedKey = fileKey('ab'.repeat(20), 0)
    await start({ play: async () => ({ ...film(), storedKey }), config: { sendfile: 'nginx' } })
    const headers = { 'X-Sendfile-Type': 'X-Accel-Redirect' }
    const answer = await ask(server.port, withText(PLAY), { headers })
    expect(answer.headers).not.toHaveProperty('x-accel-redirect')
    expect(answer.body).toHaveLength(SIZE)
    expect(codeOf(await ask(server.port, withText(PLAY), { headers }))).toBe('TOKEN_BYTES')
  })

  test('a film that cannot be played keeps no place', async () => {
    await start()
    for (let i = 0; i < 3; i++) {
      expect(codeOf(await ask(server.port, withText(PLAY)))).toBe('UNKNOWN_TITLE')
      expect(codeOf(await ask(server.port, withText(OTHER)))).toBe('UNKNOWN_TITLE')
    }
  })

  test('so many bytes a month: the last one is sent, the next is not, another start knows', async () => {
    token = granted({ monthlyBytes: SIZE + 50_000, streams: 3 })
    await start({ play: async () => film() })
    expect((await ask(server.port, withText(PLAY))).body).toHaveLength(SIZE)
    const cut = ask(server.port, withText(PLAY))
    await expect(cut).rejects.toThrow()
    const used = await ask(server.port, withText(PLAY))
    expect([used.status, codeOf(used)]).toEqual([403, 'TOKEN_BYTES'])
    expect((await ask(server.port, withText('/manifest.json'))).status).toBe(200)
    server.stop()
    await usage.close()
    await start({ play: async () => film() })
    const again = await ask(server.port, withText(PLAY))
    expect([again.status, codeOf(again)]).toEqual([403, 'TOKEN_BYTES'])
  })
})
