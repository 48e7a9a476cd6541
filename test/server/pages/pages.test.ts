import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ErrorRequestHandler, Router } from 'express'
import type { Examples } from '../../../addon/examples/examples.ts'
import { readManifest } from '../../../addon/manifest.ts'
import { createPages } from '../../../server/pages/pages.ts'
import type { TorrentVideos } from '../../../sources/providers/tried/tried-torrents.ts'
import { type LoopbackServer, serveRouters } from '../../support/server/addon-server.ts'
import { kept, posterTitles } from '../../support/server/kept-facts.ts'

const manifest = readManifest({ stremioAddonsConfig: undefined })
const sintel = { label: 'Sintel', type: 'movie', kind: 'torrent' } as const
const exampleAt = (number: number) => ({
  ...sintel,
  url: `/play/movie/tt1727587/${number}?s=abcdefghij`,
})
const examples: Examples = {
  offered: async ({ isOperator }) => [exampleAt(isOperator ? 1 : 0)],
  search: async (text, { isOperator }) =>
    text === 'sintel' ? [exampleAt(isOperator ? 3 : 2)] : [],
  of: async ({ title, name }) => [
    { ...sintel, label: name, url: `/play/movie/${title.imdbId}/0?s=abcdefghij` },
  ],
}
/** Of the torrent that is tried. */
let videos: TorrentVideos['videos'] = []
const tries = {
  player: { lookInto: async () => ({ name: 'Some film', videos }) },
  tried: { add: () => ({ type: 'movie', imdbId: 'tt9700000001' }) as const },
}
const providers = ['catalogue', 'archive']
const admins = {
  refusalOf: ({ headers }: IncomingMessage) =>
    headers.authorization === 'Bearer right' ? undefined : ('UNAUTHORIZED' as const),
}
const parts = { manifest, kept, posterTitles, examples, providers, admins, ...tries }
const serve = (publicUrl?: string) =>
  serveRouters((baseUrl) => [createPages({ ...parts, baseUrl })], publicUrl)

let server: LoopbackServer
beforeAll(async () => {
  server = await serve()
})
afterAll(() => server.close())

const get = (path: string, init?: RequestInit) => fetch(`${server.base}${path}`, init)

/** Node's fetch adds `no-cache` to a conditional request that says nothing of caching. */
const validator = (etag: string) => ({ 'If-None-Match': etag, 'Cache-Control': 'max-age=0' })

describe('the install page', () => {
  test('offers the three ways to install and says what p2p: false means', async () => {
    const page = await (await get('/')).text()
    const address = `${server.base}/manifest.json`
    expect(page).toContain(`value="${address}"`)
    expect(page).toContain(`href="${address.replace('http:', 'stremio:')}"`)
    expect(page).toContain(
      `href="https://web.stremio.com/#/addons?addon=${encodeURIComponent(address)}"`,
    )
    expect(page).toContain('p2p: false')
    expect(page).toContain('plain http')
  })

  test('names the manifest in a header that other origins may read', async () => {
    const { headers } = await get('/', { method: 'HEAD' })
    expect(headers.get('x-stremio-addon')).toBe(`${server.base}/manifest.json`)
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-expose-headers')).toContain('X-Stremio-Addon')
  })

  test('with an https address and a prefix, the button comes first', async () => {
    const other = await serve('https://films.example/tv')
    const page = await (await fetch(`${other.base}/`)).text()
    await other.close()
    expect(page).toContain('class="button primary" href="stremio://films.example/tv/manifest.json"')
    expect(page).not.toContain('plain http')
  })

  test('an address cannot leave its attribute', async () => {
    const other = await serve('https://a.example/"><script>x</script>&')
    const page = await (await fetch(`${other.base}/`)).text()
    await other.close()
    expect(page).not.toContain('<script>x')
    expect(page).toContain('&quot;&gt;&lt;script&gt;')
  })
})

describe('every page', () => {
  const pages = ['/', '/test-source-selection', '/configure', '/v1~r.1080/configure']

  test.each(pages)('%s has a strict policy and is asked again by ETag', async (path) => {
    const { headers } = await get(path)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(policy).not.toContain('upgrade-insecure-requests')
    expect(headers.get('content-type')).toMatch(/^text\/html/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toMatch(/no-cache$/)
    const etag = headers.get('etag') ?? ''
    expect(etag).not.toBe('')
    expect((await get(path, { headers: validator(etag) })).status).toBe(304)
  })

  test.each(pages)('%s has nothing inline and nothing from elsewhere', async (path) => {
    const page = await (await get(path)).text()
    expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i)
    for (const [, attributes = '', body] of page.matchAll(/<script([^>]*)>([^<]*)/g)) {
      expect(attributes).toMatch(/src="(?:\.\.\/)?assets\//)
      expect(body).toBe('')
    }
    const loaded = [...page.matchAll(/<(?:link|script|img)[^>]*(?:src|href)="([^"]*)"/g)]
    expect(loaded.length).toBeGreaterThan(2)
    for (const [, address = ''] of loaded) {
      expect(address).toMatch(/^(?:\.\.\/)?assets\//)
      expect((await fetch(new URL(address, server.base + path))).status).toBe(200)
    }
  })

  test('/test-source-selection/ is not served, for its relative links would break', async () => {
    expect((await get('/test-source-selection/')).status).toBe(404)
  })

  test('every id that a script looks for is on the page', async () => {
    const page = await (await get('/test-source-selection')).text()
    for (const name of ['status', 'cleanup', 'board', 'arrivals', 'access', 'chart', 'doctor']) {
      const script = await (await get(`/assets/${name}.js`)).text()
      const ids = [...script.matchAll(/\b(?:at|say|figure|bar|pill)\(\s*'([a-z0-9-]+)'/g)]
      expect(ids.length).toBeGreaterThan(0)
      for (const [, id] of ids) expect(page).toContain(`id="${id}"`)
    }
  })
})

describe('/assets', () => {
  const assets = new URL('../../../server/pages/assets/', import.meta.url)
  const folders = readdirSync(assets).map((name) => new URL(`${name}/`, assets))
  const files = folders.flatMap((folder) =>
    readdirSync(folder).map((name) => ({ name, at: new URL(name, folder) })),
  )

  test.each(files)('$name is served with an ETag and to other origins', async ({ name }) => {
    const { status, headers } = await get(`/assets/${name}`)
    expect(status).toBe(200)
    expect(headers.get('etag')).toBeTruthy()
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  })

  test.each(files.filter(({ name }) => name.endsWith('.js')))(
    '$name writes text, never markup',
    ({ at }) => {
      const script = readFileSync(at, 'utf8')
      expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/)
    },
  )

  test('nothing else is served', async () => {
    for (const path of ['/assets/', '/assets/none.js', '/assets/..%2fpages.ts', '/pages.ts']) {
      expect([400, 404]).toContain((await get(path)).status)
    }
  })
})

test("/api/examples gives absolute addresses, and an operator's own titles to administrators", async () => {
  const path = (number: number) => `play/movie/tt1727587/${number}?s=abcdefghij`
  const answered = await get('/api/examples')
  expect(answered.headers.get('cache-control')).toMatch(/no-cache$/)
  expect(await answered.json()).toEqual({
    examples: [{ ...sintel, path: path(0), url: `${server.base}/${path(0)}` }],
  })
  const own = await get('/api/examples', { headers: { Authorization: 'Bearer right' } })
  expect(await own.json()).toMatchObject({ examples: [{ path: path(1) }] })
})

const examplesOf = async (answer: Response) =>
  ((await answer.json()) as { examples: { path: string }[] }).examples

describe('what is looked for', () => {
  const numbersOf = async (answer: Response) =>
    (await examplesOf(answer)).map(({ path }) => path.split(/[/?]/)[3])

  test('is found by its name, for administrators in their own catalogue too', async () => {
    const path = '/api/examples?search=%20sintel'
    expect(await numbersOf(await get(path))).toEqual(['2'])
    const headers = { Authorization: 'Bearer right' }
    expect(await numbersOf(await get(path, { headers }))).toEqual(['3'])
    expect(await numbersOf(await get('/api/examples?search='))).toEqual(['0'])
  })

  test.each(['search=a&search=b', 'search=magnet%3A%3Fxt', `search=${'x'.repeat(201)}`])(
    '%s is refused',
    async (query) => {
      expect((await get(`/api/examples?${query}`)).status).toBe(400)
    },
  )
})

describe('a magnet to try', () => {
  const magnet = `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=Some+film`
  const tryOut = (body: unknown, token = 'right') =>
    get('/api/try', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    })

  test('is looked into, and its videos play by addresses of their own', async () => {
    videos = [{ fileIdx: 3, name: 'film.mkv', size: 7 }]
    const answer = await tryOut({ magnet })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const path = 'play/movie/tt9700000001/0?s=abcdefghij'
    expect(await examplesOf(answer)).toEqual([
      { ...sintel, label: 'Some film', path, url: `${server.base}/${path}` },
    ])
  })

  test.each([
    ['GET', 405],
    ['DELETE', 405],
    ['OPTIONS', 204],
  ])('%s says that it takes orders only', async (method, status) => {
    const answer = await get('/api/try', { method })
    expect([answer.status, answer.headers.get('allow')]).toEqual([status, 'POST, OPTIONS'])
  })

  test('without a video says so', async () => {
    videos = []
    const answer = await tryOut({ magnet })
    expect(await answer.json()).toMatchObject({ error: { code: 'NO_WANTED_FILE' } })
  })

  test.each([
    [{ magnet: 'tt1254207' }, 'A magnet link starts with "magnet:?".'],
    [{ magnet: 'magnet:?dn=nothing' }, 'xt=urn:btih:'],
    [{ magnet, also: 1 }, 'must be a JSON object with a "magnet" link'],
    [{}, 'must be a JSON object with a "magnet" link'],
  ])('%j is refused with what it must be', async (body, sentence) => {
    const answer = await tryOut(body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      error: { message: expect.stringContaining(sentence) },
    })
  })

  test('is given up with who asked, and is no error then', async () => {
    const [asked, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const lookInto = (_magnet: unknown, signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        asked.resolve()
        signal.addEventListener('abort', () => {
          reject(signal.reason)
          over.resolve()
        })
      })
    const errors: unknown[] = []
    const told: ErrorRequestHandler = (error, _req, _res, next) => {
      errors.push(error)
      next(error)
    }
    const other = await serveRouters((baseUrl) => [
      Router().use(createPages({ ...parts, player: { lookInto }, baseUrl }), told),
    ])
    const leave = new AbortController()
    const answer = fetch(`${other.base}/api/try`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer right' },
      body: JSON.stringify({ magnet }),
      signal: leave.signal,
    }).catch(() => undefined)
    await asked.promise
    leave.abort()
    await Promise.all([over.promise, answer])
    // What was passed on has come to its end by the time that another answer is there.
    await fetch(`${other.base}/api/examples`)
    expect(errors).toEqual([])
    await other.close()
  })

  test('is the operator’s alone', async () => {
    expect((await tryOut({ magnet }, 'wrong')).status).toBe(401)
  })
})
