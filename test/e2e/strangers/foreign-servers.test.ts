import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { logLines } from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { streamsOf } from '../../support/titles.ts'
import { startWeb, type Web } from '../../support/web.ts'

const [GREEDY, HONEST] = ['127.0.0.2', '127.0.0.3'] as const
const BUDGET = 60
const SLOW_MS = 300
const idOf = (n: number): string => `tt${String(8_000_000 + n)}`
const hash = (n: number): string => n.toString(16).padStart(40, '0')

/** An addon, an indexer, an archive and a server of names that know every title, slowly. */
function servers(): RequestListener {
  const licenseurl = 'https://creativecommons.org/licenses/by/3.0/'
  const json = (value: unknown) => JSON.stringify(value)
  const idIn = (url: string): number => Number(/tt(\d+)/.exec(url)?.[1] ?? 0)
  const manifest = json({
    ...{ id: 'x', name: 'x', version: '1.0.0' },
    ...{ types: ['movie'], resources: ['stream'] },
  })
  const textOf = (url: string): string => {
    const n = idIn(url)
    if (url.startsWith('/names/')) return json({ meta: { name: `Film ${n}`, releaseInfo: '2001' } })
    if (url === '/addon/manifest.json') return manifest
    if (url.startsWith('/addon/'))
      return json({ streams: [{ infoHash: hash(n), title: `Film ${n} 720p` }] })
    if (url.includes('t=caps'))
      return '<caps><searching><movie-search available="yes" supportedParams="q,imdbid"/></searching></caps>'
    if (url.startsWith('/torznab/')) return '<rss><channel></channel></rss>'
    if (url.includes('/advancedsearch.php')) {
      const film = Number(/Film\+(\d+)/.exec(url)?.[1] ?? 0)
      const doc = { identifier: `film-${film}`, title: `Film ${film}`, year: 2001, licenseurl }
      return json({ response: { docs: film > 0 ? [doc] : [] } })
    }
    const film = /film-(\d+)/.exec(url)?.[1] ?? '0'
    const files = [{ name: 'film.mp4', size: '1000', length: '60' }]
    return json({ metadata: { title: `Film ${film}`, year: '2001', licenseurl }, files })
  }
  return (req, res) => {
    const timer = setTimeout(() => res.end(textOf(req.url ?? '')), SLOW_MS)
    res.once('close', () => clearTimeout(timer))
  }
}

describe('a server whose lists are asked for by strangers', () => {
  let stage: Stage<never>
  let web: Web
  let seen = 0

  beforeAll(async () => {
    web = await startWeb(servers())
  })
  beforeEach(async () => {
    seen = web.requests.length
    stage = await openStage({
      env: {
        ...{ RATE_LIMIT: 'on', LIMIT_LISTS: '5000', LIMIT_CONNECTIONS: '2000' },
        PROVIDER_REQUESTS: String(BUDGET),
        UPSTREAM_ADDONS: `${web.base}/addon/manifest.json#upstream`,
        TORZNAB: `${web.base}/torznab/api?apikey=x#indexer`,
        ...{ ARCHIVE_ORG: 'on', ARCHIVE_ORG_URL: `${web.base}/archive` },
        CINEMETA_URL: `${web.base}/names`,
      },
    })
  }, 60_000)
  afterAll(() => web.close())

  const requestsTo = (part: string): readonly string[] =>
    web.requests.slice(seen).filter((line) => line.includes(part))
  const list = async (n: number, from: string) => {
    const { status, body } = await ask(stage.server.base + streamsOf(idOf(n)), { from })
    return { status, text: body.toString() }
  }
  const outcomes = async (outcome: string): Promise<string[]> => {
    const text = (await ask(`${stage.server.base}/metrics`)).body.toString()
    const line = new RegExp(`requests_total\\{provider="([^"]+)",outcome="${outcome}"\\}`, 'g')
    return [...text.matchAll(line)].map(([, name = '']) => name)
  }

  test.each([75, 200, 1000])(
    '%i different titles at once: no provider is blamed or asked too much, others are served',
    async (count) => {
      try {
        const all = Promise.all(Array.from({ length: count }, (_, n) => list(n, GREEDY)))
        await Promise.all([
          all,
          (async () => {
            // The first question of the greedy ones is out by then.
            while (requestsTo('/addon/stream').length === 0)
              await new Promise((tick) => setTimeout(tick, 10))
            expect(await list(5000, HONEST)).toMatchObject({
              status: 200,
              text: expect.stringContaining('From: upstream'),
            })
          })(),
        ])
        expect(new Set((await all).map(({ status }) => status))).toEqual(new Set([200]))
        expect(await outcomes('failed')).toEqual([])
        expect(await outcomes('resting')).toEqual([])
        expect(await outcomes('deferred')).toEqual(expect.arrayContaining(['upstream', 'indexer']))
        expect(logLines(stage.server.log()).map(({ msg }) => msg)).not.toContain('provider failed')
        for (const part of ['/addon/stream', '/torznab/', '/archive/', '/names/']) {
          const asked = requestsTo(part).filter((line) => !line.includes('t=caps'))
          expect([part, asked.length <= BUDGET, asked.length > 0]).toEqual([part, true, true])
        }
        // One of them again: what was found stays, whatever the budget says.
        const kept = (await all).findIndex(({ text }) => text.includes('From: upstream'))
        const before = requestsTo('/addon/stream').length
        expect((await list(kept, GREEDY)).text).toContain('From: upstream')
        expect(requestsTo('/addon/stream').length).toBe(before)
      } finally {
        await stage.end()
      }
    },
    60_000,
  )
})
