import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Fault, type FaultCode } from '../../../common/errors.ts'
import { ask } from '../ask.ts'
import { startServer, type TestServer } from '../fakes.ts'

let server: TestServer
afterEach(() => server.stop())

const LISTED = '/play/movie/tt1254207/0?s=abcdefghij'
const failing = async (code: FaultCode, errorClip = true): Promise<TestServer> => {
  server = await startServer({
    config: { errorClip },
    play: async () => {
      throw new Fault(code)
    },
    look: async () => {
      throw new Fault(code)
    },
  })
  return server
}

describe('when nothing can play', () => {
  test.each<[FaultCode, string]>([
    ['NO_PEERS', 'no-peers'],
    ['NO_FIRST_BYTE', 'no-peers'],
    ['DOES_NOT_FIT', 'does-not-fit'],
    ['TOO_MANY_ARRIVALS', 'busy'],
    ['PROVIDERS_FAILED', 'busy'],
    ['HOSTILE_TORRENT', 'failed'],
    ['ENGINE_DIED', 'failed'],
  ])('%s from the list is a clip that says so', async (code, clip) => {
    const { port } = await failing(code)
    const answer = await ask(port, LISTED)
    expect(answer.status).toBe(302)
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
    })
    const place = new URL(answer.headers.location ?? '', `http://a.example${LISTED}`)
    expect(place.pathname).toBe(`/clips/${clip}.mp4`)
    const played = await ask(port, place.pathname, { headers: { Range: 'bytes=0-99' } })
    expect(played.status).toBe(206)
    expect(played.headers).toMatchObject({
      'content-type': 'video/mp4',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=86400',
    })
    expect(played.body).toHaveLength(100)
  })

  test('an episode climbs out of its longer path, below a prefix too', async () => {
    const { port } = await failing('NO_PEERS')
    const path = '/play/series/tt0903747/0/1/2?s=abcdefghij'
    const { location = '' } = (await ask(port, path)).headers
    const below = new URL(location, `http://a.example/films${path}`)
    expect(below.pathname).toBe('/films/clips/no-peers.mp4')
  })

  test.each<[string, string, { method?: string; headers?: Record<string, string> }]>([
    ['no ?s=', '/play/movie/tt1254207/0', {}],
    ['HEAD', LISTED, { method: 'HEAD' }],
    ['JSON wanted', LISTED, { headers: { Accept: 'application/json' } }],
    ['a page wanted', LISTED, { headers: { Accept: 'text/html,*/*' } }],
    ['the middle of a film', LISTED, { headers: { Range: 'bytes=1000-' } }],
    ['our own page', LISTED, { headers: { 'Sec-Fetch-Site': 'same-origin' } }],
  ])('%s: the bare status', async (_name, path, how) => {
    const { port } = await failing('NO_PEERS')
    expect((await ask(port, path, how)).status).toBe(504)
  })

  test('a source that is gone stays 404, but for a player that shows itself', async () => {
    const { port } = await failing('SOURCE_GONE')
    const status = async (headers: Record<string, string>) =>
      (await ask(port, LISTED, { headers })).status
    expect(await status({})).toBe(404)
    expect(await status({ Range: 'bytes=0-' })).toBe(302)
    expect(await status({ 'Sec-Fetch-Dest': 'video' })).toBe(302)
    expect(await status({ 'Sec-Fetch-Dest': 'empty', Range: 'bytes=0-' })).toBe(404)
  })

  test.each<FaultCode>(['INTERNAL', 'UNKNOWN_TITLE'])('%s has no clip', async (code) => {
    const { port } = await failing(code)
    expect((await ask(port, LISTED)).status).not.toBe(302)
  })

  test('ERROR_CLIP=off gives the bare status', async () => {
    const { port } = await failing('NO_PEERS', false)
    expect((await ask(port, LISTED)).status).toBe(504)
  })

  test('each clip is small and begins with its index', () => {
    for (const name of ['no-peers', 'does-not-fit', 'source-gone', 'busy', 'failed']) {
      const clip = readFileSync(new URL(`../../../server/play/clips/${name}.mp4`, import.meta.url))
      expect(clip.length).toBeLessThan(60_000)
      expect(clip.indexOf('moov')).toBeLessThan(clip.indexOf('mdat'))
    }
  })
})
