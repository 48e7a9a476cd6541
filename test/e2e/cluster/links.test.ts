import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cacheStats, published } from '../../support/facts.ts'
import { type ClusterStage, openClusterStage } from '../../support/server/cluster.ts'
import { ask, begin } from '../../support/server/request.ts'
import { MiB, payload } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { startWeb, type Web } from '../../support/web.ts'

const ID = 'tt9000571'
const FILM = payload('a link that several nodes play', 12 * MiB)

let web: Web
let stage: ClusterStage<never>
/** Bytes that the other server was asked for. */
const asked = { bytes: 0 }

beforeAll(async () => {
  web = await startWeb((req, res) => {
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(req.headers.range ?? '') ?? []
    const last = to === '' ? FILM.length - 1 : Number(to)
    const part = FILM.subarray(Number(from), last + 1)
    asked.bytes += part.length
    const range = `bytes ${from}-${last}/${FILM.length}`
    res.writeHead(206, { 'Content-Type': 'video/mp4', 'Content-Range': range, ETag: '"film"' })
    res.end(part)
  })
  stage = await openClusterStage(2, {
    titles: () => [movie(ID, 'Film', { url: `${web.base}/film.mp4` })],
    env: { DIRECT: 'cache' },
  })
  stage.own(() => web.close())
})
afterAll(() => stage?.end())

test('two nodes fetch a link once: the other one asks the node that has it', async () => {
  const [one, two] = stage.nodes as [ClusterStage<never>['server'], ClusterStage<never>['server']]
  const first = await begin(one.base + playMovie(ID))
  const begun = await first.read(MiB)
  const second = await ask(two.base + playMovie(ID), { timeout: 30_000 })
  expect(second.body.equals(FILM)).toBe(true)
  expect(Buffer.concat([begun, (await first.rest()).body]).equals(FILM)).toBe(true)
  expect(second.headers.etag).toBe(first.headers.etag)
  await published(one.base, ID)
  expect(asked.bytes).toBeLessThan(FILM.length * 1.25)
  const range = { headers: { Range: 'bytes=5000000-5999999' } }
  const part = await ask(two.base + playMovie(ID), range)
  expect(part.body.equals(FILM.subarray(5_000_000, 6_000_000))).toBe(true)
  expect((await cacheStats(two.base)).disk.usedBytes).toBe(0)
  expect(asked.bytes).toBeLessThan(FILM.length * 1.25)
})
