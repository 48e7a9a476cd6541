import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'

const ID = 'tt9001101'
const FORWARDED = {
  'X-Forwarded-Host': 'films.example.org',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Prefix': '/play-here',
}

/** Under which address this server hands itself out. */
describe('the base of every address handed out', () => {
  let stage: Stage<never>
  let trusting: string
  let fixedBase: string
  beforeAll(async () => {
    stage = await openStage({
      titles: () => [movie(ID, 'Address', { magnet: `magnet:?xt=urn:btih:${'cd'.repeat(20)}` })],
    })
    trusting = (await stage.another({ TRUST_PROXY: 'loopback' })).base
    fixedBase = (await stage.another({ PUBLIC_URL: 'https://tv.example.org/films/' })).base
  })
  afterAll(() => stage.end())

  async function listed(base: string, headers: Record<string, string>): Promise<string> {
    const answer = await ask(base + streamsOf(ID), { headers })
    expect(answer.status).toBe(200)
    const [stream] = (answer.json() as { streams: { url: string }[] }).streams
    return stream?.url ?? ''
  }
  async function logo(base: string, headers: Record<string, string>): Promise<string> {
    const answer = await ask(`${base}/manifest.json`, { headers })
    return (answer.json() as { logo: string }).logo
  }

  test('the Host header by default', async () => {
    const url = await listed(stage.server.base, { Host: 'my-box.lan:7000' })
    expect(url.startsWith(`http://my-box.lan:7000${playMovie(ID)}`)).toBe(true)
    expect(await logo(stage.server.base, { Host: 'my-box.lan:7000' })).toMatch(
      /^http:\/\/my-box\.lan:7000\//,
    )
  })

  // What a shared cache keeps is what the next viewer gets, whoever asked first.
  const MADE_OF_ADDRESSES = [
    ...['/manifest.json', streamsOf(ID), `/subtitles/movie/${ID}.json`],
    ...['/catalog/movie/playlink-free.json', `/meta/movie/${ID}.json`],
    ...['/', '/configure', '/api/examples'],
  ]
  test.each(MADE_OF_ADDRESSES)(
    '%s is for no shared cache, unless PUBLIC_URL is set',
    async (path) => {
      for (const [base, headers] of [
        [stage.server.base, { Host: 'evil.example' }],
        [stage.server.base, FORWARDED],
        [trusting, { ...FORWARDED, 'X-Forwarded-Host': 'evil.example' }],
      ] as const) {
        const answer = await ask(base + path, { headers })
        expect(answer.status).toBe(200)
        expect(answer.headers['cache-control']).toMatch(/^private, |^no-store$/)
      }
      const fixed = await ask(fixedBase + path, { headers: FORWARDED })
      expect(fixed.body.toString()).not.toContain('films.example.org')
      if (path.endsWith('.json')) expect(fixed.headers['cache-control']).toMatch(/^public, /)
    },
  )

  test('X-Forwarded-* of a stranger count for nothing', async () => {
    const url = await listed(stage.server.base, FORWARDED)
    expect(url.startsWith(stage.server.base + playMovie(ID))).toBe(true)
  })

  test('X-Forwarded-* of a trusted proxy count, the prefix too', async () => {
    const url = await listed(trusting, FORWARDED)
    expect(url.startsWith(`https://films.example.org/play-here${playMovie(ID)}`)).toBe(true)
  })

  test.each([
    ['Host', { 'X-Forwarded-Host': 'x"><script>alert(1)</script>' }],
    ['Prefix', { ...FORWARDED, 'X-Forwarded-Prefix': '/"><script>' }],
    ['Prefix to another host', { ...FORWARDED, 'X-Forwarded-Prefix': '//evil.example' }],
    ['Proto', { ...FORWARDED, 'X-Forwarded-Proto': 'javascript' }],
  ])('a malformed X-Forwarded-%s is not handed on', async (_, headers) => {
    for (const path of [streamsOf(ID), '/manifest.json', '/']) {
      const answer = await ask(trusting + path, { headers })
      expect([200, 400]).toContain(answer.status)
      expect(answer.body.toString()).not.toMatch(
        /<script>alert|"><script>|evil\.example|javascript:/,
      )
    }
  })

  test('PUBLIC_URL with its prefix is above all', async () => {
    const wanted = `https://tv.example.org/films${playMovie(ID)}`
    for (const headers of [{}, { Host: 'x.lan' }, FORWARDED]) {
      expect((await listed(fixedBase, headers)).startsWith(wanted)).toBe(true)
    }
    expect(await logo(fixedBase, {})).toMatch(/^https:\/\/tv\.example\.org\/films\//)
  })

  test('one address for one source: asked again it is the same', async () => {
    expect(await listed(fixedBase, {})).toBe(await listed(fixedBase, {}))
  })
})
