import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../common/clock.ts'
import { providerChecks } from '../../doctor/provider-checks.ts'
import { freePort } from '../support/free-port.ts'
import { startWeb, type Web } from '../support/web.ts'
import { like, runAll, setupOf } from './setup.ts'

const CAPS = `<?xml version="1.0"?><caps><searching>
  <movie-search available="yes" supportedParams="q,imdbid"/><tv-search available="no"/>
</searching></caps>`
const MUSIC = CAPS.replace('<movie-search available="yes"', '<movie-search available="no"')
const FEED = `<rss><channel><item><title>A.Film.1999.1080p</title>
  <link>magnet:?xt=urn:btih:${'a'.repeat(40)}</link></item></channel></rss>`
const MANIFEST = { types: ['movie'], resources: ['stream'] }

let web: Web
let answer: (res: ServerResponse) => void
beforeEach(async () => {
  web = await startWeb((_req, res) => answer(res))
})
afterEach(() => web.close())

const says =
  (body: string | object, status = 200) =>
  (res: ServerResponse): void =>
    void res.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))

const ask = (env: Readonly<Record<string, string>>, clock = systemClock) =>
  runAll(providerChecks(setupOf(env, clock)))

describe('an indexer', () => {
  test.each([
    ['ok', says(CAPS), 'answers, and searches', undefined],
    ['warning', says(MUSIC), 'searches neither', 'Take it out of TORZNAB'],
    ['fault', says('', 401), 'status 401', 'mend it in TORZNAB'],
    ['fault', says('<error code="100" description="key=k3y"/>'), 'error 100', 'not take the key'],
    ['fault', says('', 404), 'status 404', 'nothing at that path'],
    ['fault', says('', 500), 'status 500', 'See what it says itself'],
    ['fault', says('<html></html>'), 'neither a result nor caps', 'TORZNAB'],
  ] as const)('%s: %#', async (state, given, text, todo) => {
    answer = given
    const found = await ask({ TORZNAB: `${web.base}/api?apikey=k3yk3yk3y` })
    expect(found).toEqual([like(state, text, todo)])
    expect(JSON.stringify(found)).not.toContain('k3y')
    expect(web.requests).toEqual(['GET /api?apikey=k3yk3yk3y&t=caps'])
  })

  test('that is late is told of: the list goes without it', async () => {
    let now = 0
    answer = (res) => {
      now += 5000
      says(CAPS)(res)
    }
    const clock = { ...systemClock, steady: () => now }
    expect(await ask({ TORZNAB: `${web.base}/api` }, clock)).toEqual([
      like('warning', 'after 5 s: a list waits 4 s', 'next list'),
    ])
  })

  test('nobody listens; no address; an address that is not allowed', async () => {
    const port = await freePort()
    expect(await ask({ TORZNAB: `http://127.0.0.1:${port}/api` })).toEqual([
      like('fault', 'ECONNREFUSED', 'Nothing listens there'),
    ])
    expect(await ask({ TORZNAB: 'http://indexer.invalid/api' })).toEqual([
      like('fault', 'ENOTFOUND', "machine's DNS"),
    ])
    expect(await ask({ TORZNAB: `${web.base}/api`, OUTBOUND_ALLOW: '127.0.0.9' })).toEqual([
      like('fault', 'not an allowed address', `OUTBOUND_ALLOW=127.0.0.1:${web.port}.`),
    ])
    expect(web.connections).toBe(0)
  })
})

test.each([
  ['ok', says(MANIFEST), 'answers with its manifest', undefined],
  [
    'warning',
    says({ ...MANIFEST, resources: [{ name: 'meta' }] }),
    'no streams',
    'UPSTREAM_ADDONS',
  ],
  ['fault', says('hello'), 'no JSON', 'UPSTREAM_ADDONS'],
  ['fault', says({}), 'no manifest', 'UPSTREAM_ADDONS'],
] as const)('another addon, %s: %#', async (state, given, text, todo) => {
  answer = given
  const found = await ask({ UPSTREAM_ADDONS: `${web.base}/my-secret-word/manifest.json` })
  expect(found).toEqual([like(state, text, todo)])
  expect(JSON.stringify(found)).not.toContain('my-secret-word')
})

test.each([
  ['ok', says(FEED), '1 entries', undefined],
  ['warning', says('<rss><channel/></rss>'), 'no torrent and no video', 'another feed'],
  ['fault', says('<caps/>'), 'neither RSS nor Atom', 'FEEDS'],
] as const)('a feed, %s: %#', async (state, given, text, todo) => {
  answer = given
  expect(await ask({ FEEDS: `${web.base}/rss?passkey=1234567890#Mine` })).toEqual([
    like(state, text, todo),
  ])
})

test('what comes with Playlink is missed, and is no fault', async () => {
  const env = { ARCHIVE_ORG: 'on', ARCHIVE_ORG_URL: web.base, CINEMETA_URL: web.base }
  answer = says({ response: { docs: [] } })
  expect(await ask(env)).toEqual([like('ok', 'answers'), like('ok', 'answers')])
  answer = says('', 503)
  const found = await ask(env)
  expect(found).toEqual([
    like('warning', 'status 503', 'Lists go on without it'),
    like('warning', 'status 503', 'Lists go on without it'),
  ])
  expect(found.map(({ name }) => name)).toEqual(['metadata', 'archive.org'])
})

test('each has a line by the name that lists show', async () => {
  answer = says('', 500)
  const found = await ask({
    UPSTREAM_ADDONS: `${web.base}/manifest.json#Other`,
    TORZNAB: `${web.base}/indexers/first/api ${web.base}/indexers/second/api`,
    FEEDS: `${web.base}/rss`,
  })
  expect(found.map(({ name }) => name)).toEqual([
    'addon Other',
    'torznab first',
    'torznab second',
    'feed',
  ])
})
