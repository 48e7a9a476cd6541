import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { logLines } from '../../support/server/playlink.ts'
import { type Answer, ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { streamManifest } from '../../support/stream-manifest.ts'
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
  const textOf = (url: string): string => {
    const n = idIn(url)
    if (url.startsWith('/names/')) return json({ meta: { name: `Film ${n}`, releaseInfo: '2001' } })
    if (url === '/addon/manifest.json') return json(streamManifest)
    if (url.startsWith('/addon/'))
      return json({ streams: [{ infoHash: hash(n), title: `Film ${n} 720p` }] })
    if (url.includes('t=caps'))
      return '<caps><searching><movie-search available="yes" supportedParams="q,imdbid"/></searching></caps>'
    if (url.startsWith('/torznab/')) return '<rss><channel></channel></rss>'
    if (url.includes('/advancedsearch.php')) {
      const film = Number(/film\+(\d+)/i.exec(url)?.[1] ?? 0)
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
  /** One host each: questions to one host take turns. */
  let webs: Record<'addon' | 'torznab' | 'archive' | 'names', Web>

  beforeAll(async () => {
    const start = () => startWeb(servers())
    webs = {
      ...{ addon: await start(), torznab: await start() },
      ...{ archive: await start(), names: await start() },
    }
  })
  beforeEach(async () => {
    for (const { requests } of Object.values(webs)) (requests as string[]).splice(0)
    stage = await openStage({
      env: {
        ...{ RATE_LIMIT: 'on', LIMIT_LISTS: '5000', LIMIT_SEARCHES: '5000' },
        LIMIT_CONNECTIONS: '2000',
        PROVIDER_REQUESTS: String(BUDGET),
        UPSTREAM_ADDONS: `${webs.addon.base}/addon/manifest.json#upstream`,
        TORZNAB: `${webs.torznab.base}/torznab/api?apikey=x#indexer`,
        ...{ ARCHIVE_ORG: 'on', ARCHIVE_ORG_URL: `${webs.archive.base}/archive` },
        CINEMETA_URL: `${webs.names.base}/names`,
      },
    })
  })
  afterAll(async () => {
    for (const web of Object.values(webs)) await web.close()
  })

  const requestsTo = (part: string): readonly string[] =>
    Object.values(webs)
      .flatMap(({ requests }) => requests)
      .filter((line) => line.includes(part))
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
        expect(await outcomes('resting')).toEqual([])
        expect(await outcomes('deferred')).toEqual(expect.arrayContaining(['upstream', 'indexer']))
        // These servers live in this process: where the machine is busy they may be late, at four
        // questions at once. Nothing else may fail them.
        const failures = logLines(stage.server.log()).filter(({ msg }) => msg === 'provider failed')
        const reasons = failures.map(({ reason }) => String(reason))
        expect(reasons.filter((reason) => !/^no answer (?:with)?in \d+ ms$/.test(reason))).toEqual(
          [],
        )
        for (const part of ['/addon/stream', '/torznab/', '/archive/', '/names/']) {
          const asked = requestsTo(part).filter((line) => !line.includes('t=caps'))
          expect([part, asked.length <= BUDGET, asked.length > 0]).toEqual([part, true, true])
        }
        // What was found stays, whatever the budget says.
        expect((await list(5000, GREEDY)).text).toContain('From: upstream')
        expect(requestsTo(`/addon/stream/movie/${idOf(5000)}`)).toHaveLength(1)
      } finally {
        await stage.end()
      }
    },
  )

  test('332 lists of 20 titles: each is asked for once', async () => {
    try {
      for (let round = 0; round < 4; round++) {
        await Promise.all(Array.from({ length: 83 }, (_, n) => list(n % 20, GREEDY)))
      }
      expect(requestsTo('/addon/stream')).toHaveLength(20)
      expect(new Set(requestsTo('/names/')).size).toBe(requestsTo('/names/').length)
      const indexer = requestsTo('/torznab/').filter((line) => !line.includes('t=caps'))
      expect(new Set(indexer).size).toBe(indexer.length)
      expect(indexer.length).toBeLessThanOrEqual(BUDGET / 2)
      expect(requestsTo('t=caps')).toHaveLength(1)
      expect(requestsTo('/addon/manifest.json')).toHaveLength(1)
      expect(new Set(requestsTo('/archive/')).size).toBe(requestsTo('/archive/').length)
      expect(await outcomes('resting')).toEqual([])
    } finally {
      await stage.end()
    }
  })

  test('a catalog search 100 times, and what its films are: one question each', async () => {
    try {
      const search = (words: string, from: string) =>
        ask(`${stage.server.base}/catalog/movie/playlink-free/search=${words}.json`, { from })
      const all = await Promise.all(
        Array.from({ length: 100 }, (_, n) => search(n % 2 ? 'Film%205' : 'film%205', GREEDY)),
      )
      const [first] = all
      expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]))
      expect(requestsTo('/archive/advancedsearch')).toHaveLength(1)
      const { metas } = (first as Answer).json() as { metas: { id: string }[] }
      expect(metas).toHaveLength(1)
      const path = `/meta/movie/${metas[0]?.id}.json`
      for (let n = 0; n < 20; n++) await ask(stage.server.base + path, { from: GREEDY })
      expect(requestsTo('/archive/metadata')).toHaveLength(1)
      // Nothing found is remembered too.
      for (let n = 0; n < 20; n++) await search('nothing', GREEDY)
      expect(requestsTo('/archive/advancedsearch')).toHaveLength(2)
      // 100 other searches leave half for others.
      await Promise.all(Array.from({ length: 100 }, (_, n) => search(`film%20${n + 9}`, GREEDY)))
      expect(requestsTo('/archive/').length).toBeLessThanOrEqual(BUDGET / 2)
      const honest = await search('film%204711', HONEST)
      expect((honest.json() as { metas: unknown[] }).metas).toHaveLength(1)
    } finally {
      await stage.end()
    }
  })
})
