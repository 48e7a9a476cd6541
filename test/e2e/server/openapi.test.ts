import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { published } from '../../support/facts.ts'
import { checkerOf, description, faultsOf, operationOf } from '../../support/openapi.ts'
import { type Answer, ask, begin, type Stream } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { MiB } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'

const FILM = new URL('../../support/clients/film.mkv', import.meta.url).pathname
/** What arrives while it is watched; what is here; a film beside the catalogue; a series; a link. */
const [SLOW, HERE, OWN, SERIES, LINK] = [
  ...['tt9006001', 'tt9006002', 'tt9006003', 'tt9006004'],
  'tt9006005',
] as const
const CONFIG = 'v1~r.1080.720'

let stage: Stage<'slow' | 'here'>
let watching: Stream
beforeAll(async () => {
  stage = await openStage({
    torrents: { slow: { name: 'Slow.mkv', size: 8 * MiB }, here: { name: 'Here.mkv', size: MiB } },
    titles: ({ magnet }) => [
      movie(SLOW, 'Slow', { magnet: magnet('slow') }, { magnet: magnet('here'), quality: '720p' }),
      movie(HERE, 'Here', { magnet: magnet('here') }),
      { ...movie(OWN, 'Own', { path: './own/film.mkv' }), licence: 'CC-BY-4.0' },
      {
        ...{ id: SERIES, type: 'series', name: 'Series' },
        episodes: { '1:2': [{ path: './own/film.mkv' }] },
      },
      movie(LINK, 'Link', { url: 'https://films.example/link.mp4' }),
    ],
    env: { RATE_LIMIT: 'on' },
  })
  await mkdir(join(stage.catalogue, '../own'))
  await cp(FILM, join(stage.catalogue, '../own/film.mkv'))
  const { base } = stage.server
  await ask(base + playMovie(HERE))
  await published(base, HERE)
  await stage.seeder.rate(100_000)
  watching = await begin(base + playMovie(SLOW))
  await watching.read(16)
})
afterAll(async () => {
  watching?.leave()
  await stage?.end()
})

const ofAnswer = ({ headers, body }: Answer): [string, string] => [
  headers['content-type']?.split(';')[0] ?? '',
  body.toString(),
]

const film = (id: string): string => `movie/${id}/0`
/** The path as the description writes it, one that is asked for, and what comes of it. */
const ROWS: readonly (readonly [template: string, path: string, status: number])[] = [
  ['/manifest.json', '/manifest.json', 200],
  ['/{config}/manifest.json', `/${CONFIG}/manifest.json`, 200],
  ['/{config}/manifest.json', '/broken/manifest.json', 200],
  ['/stream/{type}/{id}.json', `/stream/movie/${SLOW}.json`, 200],
  ['/stream/{type}/{id}.json', `/stream/movie/${HERE}.json`, 200],
  ['/stream/{type}/{id}.json', `/stream/series/${SERIES}:1:2.json`, 200],
  ['/stream/{type}/{id}.json', '/stream/movie/nothing.json', 200],
  ['/{config}/stream/{type}/{id}/{extra}.json', `/${CONFIG}/stream/movie/${LINK}/a=b.json`, 200],
  ['/subtitles/{type}/{id}.json', `/subtitles/movie/${OWN}.json`, 200],
  ['/catalog/{type}/{id}.json', '/catalog/movie/playlink-ready.json', 200],
  ['/catalog/{type}/{id}.json', '/catalog/movie/playlink-free.json', 200],
  ['/meta/{type}/{id}.json', `/meta/movie/${OWN}.json`, 200],
  ['/meta/{type}/{id}.json', '/meta/movie/tt1254207.json', 200],
  ['/play/{type}/{imdbId}/{fileIdx}', '/play/movie/tt9006001/77', 404],
  ['/play/{type}/{imdbId}/{fileIdx}', '/play/movie/nothing/0', 400],
  ['/hls/{type}/{imdbId}/{fileIdx}/{part}', `/hls/${film(OWN)}/film.json`, 200],
  ['/hls/{type}/{imdbId}/{fileIdx}/{part}', `/hls/${film(OWN)}/nothing`, 404],
  [
    '/hls/{type}/{imdbId}/{fileIdx}/{season}/{episode}/{part}',
    `/hls/series/${SERIES}/0/1/2/film.json`,
    200,
  ],
  ['/subtitles/{type}/{imdbId}/{fileIdx}/tracks.json', `/subtitles/${film(OWN)}/tracks.json`, 200],
  ...[SLOW, HERE, OWN, LINK, 'tt9009999'].map(
    (id) =>
      ['/api/play-state/{type}/{imdbId}/{fileIdx}', `/api/play-state/movie/${id}/0`, 200] as const,
  ),
  ['/health', '/health', 200],
  ['/ready', '/ready', 200],
  ['/api/openapi.json', '/api/openapi.json', 200],
  ['/api/cache-stats', '/api/cache-stats', 200],
  ['/api/cache-config', '/api/cache-config', 200],
  ['/api/history', '/api/history', 200],
  ['/api/next/{type}/{imdbId}/{fileIdx}', `/api/next/${film(OWN)}`, 200],
  [
    '/api/next/{type}/{imdbId}/{fileIdx}/{season}/{episode}',
    `/api/next/series/${SERIES}/0/1/2`,
    200,
  ],
  ['/api/examples', '/api/examples', 200],
  ['/api/examples', `/api/examples?search=${HERE}`, 200],
  ['/api/examples', '/api/examples?search=a&search=b', 400],
  ['/api/plays', '/api/plays', 200],
  ['/api/downloads', '/api/downloads', 200],
  ['/node/{infoHash}/metainfo', `/node/${'a'.repeat(40)}/metainfo`, 404],
  ['/node/ahead/{what}/{type}/{imdbId}/{fileIdx}', `/node/ahead/ends/${film(OWN)}`, 404],
]

test.each(ROWS)('%s: %s', async (template, path, status) => {
  const answer = await ask(stage.server.base + path)
  expect([answer.status, answer.body.toString()]).toEqual([status, expect.stringMatching(/^\{/)])
  expect(faultsOf(operationOf(template), status, ...ofAnswer(answer))).toEqual([])
})

test('what was to be seen was there', async () => {
  const { base } = stage.server
  const of = async (path: string) => JSON.stringify((await ask(base + path)).json())
  expect(await of(`/api/play-state/movie/${SLOW}/0`)).toContain('"stage":"arriving"')
  expect(await of(`/api/play-state/movie/${HERE}/0`)).toContain('"stage":"ready"')
  expect(await of('/api/plays')).toContain('"from":"swarm"')
  expect(await of('/api/downloads')).toMatch(/"arrivals":\[\{.*"files":\[\{/)
  expect(await of(`/stream/movie/${HERE}.json`)).toContain('"videoHash"')
  expect(await of(`/hls/${film(OWN)}/film.json`)).toContain('"isOffered"')
})

test.each([
  ['administrators', {}],
  ['everybody else', { 'X-Forwarded-For': '192.0.2.1' }],
])('/api/live, a line for %s', async (_who, headers) => {
  const stream = await begin(`${stage.server.base}/api/live`, { headers })
  let text = ''
  while (!text.includes('\n')) text += await stream.read(1)
  stream.leave()
  const [line = ''] = text.split('\n')
  const type = stream.headers['content-type']?.split(';')[0] ?? ''
  expect(faultsOf(operationOf('/api/live'), 200, type, line)).toEqual([])
})

const ORDERS = ['/api/cache-config', '/api/plays', '/api/downloads', '/api/doctor'].flatMap(
  (path) => {
    const [schema] = Object.values(operationOf(path, 'post').requestBody?.content ?? {})
    const name = JSON.stringify(schema).match(/schemas\/(\w+)/)?.[1] ?? ''
    const { examples = [] } = (description.components.schemas?.[name] ?? {}) as {
      examples?: object[]
    }
    return examples.map((example) => [path, example] as const)
  },
)

test.each(ORDERS)('POST %s takes %j, and nothing beside it', async (path, order) => {
  const post = (body: object): Promise<Answer> =>
    ask(stage.server.base + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  const operation = operationOf(path, 'post')
  const takes = checkerOf(operation.requestBody?.content?.['application/json']?.schema ?? {})
  expect(takes(order)).toBe(true)
  const taken = await post(order)
  expect([taken.status, faultsOf(operation, 200, ...ofAnswer(taken))]).toEqual([200, []])
  const misspelt = { ...order, addd: 1 }
  expect(takes(misspelt)).toBe(false)
  const refused = await post(misspelt)
  expect([refused.status, faultsOf(operation, 400, ...ofAnswer(refused))]).toEqual([400, []])
})

test('POST /api/try tells what is in a torrent, or why not', async () => {
  const operation = operationOf('/api/try', 'post')
  const rows = [
    [stage.magnet('here'), 200],
    ['magnet:?xt=nothing', 400],
  ] as const
  for (const [magnet, status] of rows) {
    const taken = await ask(`${stage.server.base}/api/try`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ magnet }),
    })
    expect([taken.status, faultsOf(operation, status, ...ofAnswer(taken))]).toEqual([status, []])
  }
})

test('it is handed out with the version that runs, and told from what is not described', async () => {
  const answer = await ask(`${stage.server.base}/api/openapi.json`)
  const { version } = (await ask(`${stage.server.base}/manifest.json`)).json() as {
    version: string
  }
  expect(answer.json()).toMatchObject({ openapi: '3.1.0', info: { version } })
  expect(faultsOf(operationOf('/health'), 200, 'application/json', '{"status":"odd"}')).toEqual([
    expect.stringContaining("must have required property 'uptimeSeconds'"),
    expect.stringContaining('must be equal to one of the allowed values'),
  ])
})
