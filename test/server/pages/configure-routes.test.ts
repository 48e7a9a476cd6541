import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readManifest } from '../../../addon/manifest.ts'
import { createConfigureRoutes } from '../../../server/pages/configure-routes.ts'
import { type LoopbackServer, serveRouters } from '../../support/server/addon-server.ts'

const manifest = readManifest({ stremioAddonsConfig: undefined })
const serve = (publicUrl?: string, providers = ['catalogue', 'archive']) =>
  serveRouters((baseUrl) => [createConfigureRoutes({ manifest, providers, baseUrl })], publicUrl)

let server: LoopbackServer
beforeAll(async () => {
  server = await serve('https://films.example/tv')
})
afterAll(() => server.close())

const get = (path: string) => fetch(`${server.base}${path}`, { redirect: 'manual' })
const ticks = (page: string) =>
  [...page.matchAll(/name="(\w+)" value="([^"]*)" checked/g)].map(([, name, value]) => [
    name,
    value,
  ])

test.each([
  ['/configure/', '/configure'],
  ['/v1~r.1080/configure/?chosen=1&size=2', '/v1~r.1080/configure?chosen=1&size=2'],
])('%s leads to %s, below any prefix of a proxy', async (from, to) => {
  const { status, headers } = await get(from)
  expect(status).toBe(308)
  const location = headers.get('location') ?? ''
  for (const prefix of ['', '/tv']) {
    const { pathname, search } = new URL(location, `http://films.example${prefix}${from}`)
    expect(`${pathname}${search}`).toBe(`${prefix}${to}`)
  }
})

describe('the form', () => {
  test.each([
    [
      '/configure',
      'resolution=1080&provider=catalogue&provider=archive',
      'v1~r.1080/configure#install',
    ],
    [
      '/v1~r.1080/configure',
      'size=1,5&provider=catalogue',
      '../v1~m.1500~p.archive/configure#install',
    ],
    [
      '/configure',
      'sort=small&hide=direct&hide=camera&language=de',
      'v1~l.de~s.small~p.archive.catalogue~h.camera.direct/configure#install',
    ],
    ['/configure', 'sort=best&size=&provider=catalogue&provider=archive', 'configure#install'],
    ['/v1~r.1080/configure', 'provider=catalogue&provider=archive', '../configure#install'],
  ])('%s?%s leads to %s', async (path, query, to) => {
    const answered = await get(`${path}?chosen=1&${query}`)
    expect(answered.status).toBe(303)
    expect(answered.headers.get('location')).toBe(to)
    expect(answered.headers.get('cache-control')).toBe('no-store')
  })

  test('more providers than fit into an address are said to be too many', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `фильмы и сериалы ${n}`)
    const many = await serve(undefined, names)
    try {
      const form = async (ticked: readonly string[]): Promise<Response> => {
        const sent = new URLSearchParams('chosen=1')
        for (const name of ticked) sent.append('provider', name)
        return fetch(`${many.base}/configure?${sent}`, { redirect: 'manual' })
      }
      for (const ticked of [[], names.slice(0, 5), names.slice(0, 12)]) {
        const answered = await form(ticked)
        expect(answered.status).toBe(200)
        expect(await answered.text()).toContain('So many providers do not fit into an address')
      }
      const fits = await form(names.slice(5))
      expect(fits.status).toBe(303)
      const installed = await fetch(new URL(fits.headers.get('location') ?? '', `${many.base}/`))
      expect(await installed.text()).not.toContain('is not understood')
    } finally {
      await many.close()
    }
  })

  test.each(['0', '-1', '1e3', 'many', '1001', '0x10', '<b>'])(
    'a size of %s is said to be none, and the rest is kept',
    async (size) => {
      const answered = await get(
        `/configure?chosen=1&resolution=720&provider=archive&size=${encodeURIComponent(size)}`,
      )
      expect(answered.status).toBe(200)
      const page = await answered.text()
      expect(page).toContain('The largest size must be a number of GB')
      expect(ticks(page)).toEqual([
        ['resolution', '720'],
        ['provider', 'archive'],
      ])
    },
  )

  test('what no form of ours sends is not understood, and hurts nobody', async () => {
    const page = await (await get('/configure?chosen=1&sort=%3Cscript%3E')).text()
    expect(page).toContain('The form was not understood')
    expect(page).not.toContain('<script>')
  })

  test('with one provider there is no box and nothing to leave out', async () => {
    const other = await serve(undefined, ['catalogue'])
    const page = await (await fetch(`${other.base}/configure`)).text()
    const answered = await fetch(`${other.base}/configure?chosen=1`, { redirect: 'manual' })
    await other.close()
    expect(page).not.toContain('name="provider"')
    expect(answered.headers.get('location')).toBe('configure#install')
  })
})

describe('/{config}/configure', () => {
  test('is filled with what the address says', async () => {
    const page = await (
      await get('/v1~r.1080~l.de~m.1500~s.small~p.archive~h.auto/configure')
    ).text()
    expect(ticks(page)).toEqual([
      ['resolution', '1080'],
      ['language', 'de'],
      ['hide', 'auto'],
      ['provider', 'catalogue'],
    ])
    expect(page).toContain('<option value="small" selected>')
    expect(page).toContain('value="1.5"')
    expect(page).toContain('>German</summary>')
  })

  test('offers its own address, encoded for the web and as a picture', async () => {
    const page = await (await get('/v1~r.1080/configure')).text()
    const address = 'https://films.example/tv/v1~r.1080/manifest.json'
    expect(page).toContain(`value="${address}"`)
    expect(page).toContain('href="stremio://films.example/tv/v1~r.1080/manifest.json"')
    expect(page).toContain(`/#/addons?addon=${encodeURIComponent(address)}`)
    expect(page).toMatch(/aria-label="QR code that installs the addon"><svg[^>]*viewBox/)
  })

  test('the same choices written otherwise are offered in the one way', async () => {
    const page = await (await get('/v1~l.en.de.de/configure')).text()
    expect(page).toContain('value="https://films.example/tv/v1~l.en.de/manifest.json"')
  })

  test('one that is not understood says so and begins anew', async () => {
    const page = await (await get('/v0~old/configure')).text()
    expect(page).toContain('not understood by this version')
    expect(page).toContain('value="https://films.example/tv/manifest.json"')
  })
})

test('on plain http the address is to be pasted, and the code opens the page', async () => {
  const other = await serve('http://192.168.1.9:7000')
  const page = await (await fetch(`${other.base}/configure`)).text()
  await other.close()
  expect(page).toContain('This server speaks plain http')
  expect(page).toContain('aria-label="QR code that opens this page"')
})

test('a loopback address has no code, for no phone reaches it', async () => {
  const other = await serve()
  const page = await (await fetch(`${other.base}/configure`)).text()
  await other.close()
  expect(page).not.toContain('<svg')
  expect(page).toContain('Other devices cannot reach this address')
})
