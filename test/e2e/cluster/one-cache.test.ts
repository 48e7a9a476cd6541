import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cacheStats, published } from '../../support/facts.ts'
import { type ClusterStage, openClusterStage } from '../../support/server/cluster.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { ask, begin } from '../../support/server/request.ts'
import { MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const FILM = 'tt9130001'
const OTHER = 'tt9130002'
/** Another title, by the same torrent. */
const AGAIN = 'tt9130003'

let stage: ClusterStage<'film' | 'other'>
beforeAll(async () => {
  stage = await openClusterStage(3, {
    torrents: {
      film: { name: 'film.mkv', size: 6 * MiB + 123 },
      other: { name: 'other.mkv', size: 3 * MiB },
    },
    titles: ({ magnet }) => [
      movie(FILM, 'One Film', { magnet: magnet('film') }),
      movie(OTHER, 'Another', { magnet: magnet('other') }),
      movie(AGAIN, 'One Film', { magnet: magnet('film') }),
    ],
  })
})
afterAll(() => stage?.end())

const node = (i: number): Playlink => stage.nodes[i] as Playlink
const filesOf = async ({ base }: Playlink): Promise<number> => (await cacheStats(base)).files.count
const know = (): Promise<unknown> =>
  eventually('the nodes know each other', async () =>
    stage.nodes.every(({ log }) => (log().match(/a node has come/g)?.length ?? 0) >= 2),
  )

test('many viewers of one film at three nodes: it is fetched once, and everybody gets every byte', async () => {
  await know()
  const { content } = stage.torrents.film
  const asked = Array.from({ length: 12 }, (_, i) => ask(node(i % 3).base + playMovie(FILM)))
  for (const answer of await Promise.all(asked)) {
    expect(answer.status).toBe(200)
    expect(sha256(answer.body)).toBe(sha256(content))
  }
  await Promise.any(stage.nodes.map(({ base }) => published(base, FILM)))
  const held = await Promise.all(stage.nodes.map(filesOf))
  expect(held.reduce((sum, files) => sum + files, 0)).toBe(1)
  const sent = await stage.seeder.uploaded(stage.torrents.film.infoHash)
  expect(sent).toBeLessThan(content.length * 1.1)
})

test('who has none of it says the same of it: HEAD, 304, ranges, 416', async () => {
  const { content } = stage.torrents.film
  const etags = new Set<string | undefined>()
  for (const { base } of stage.nodes) {
    const url = base + playMovie(FILM)
    const head = await ask(url, { method: 'HEAD' })
    etags.add(head.headers.etag)
    expect([head.status, head.headers['content-length']]).toEqual([200, `${content.length}`])
    const part = await ask(url, { headers: { range: 'bytes=100-299' } })
    expect([part.status, part.headers['content-range']]).toEqual([
      206,
      `bytes 100-299/${content.length}`,
    ])
    expect(part.body.equals(content.subarray(100, 300))).toBe(true)
    const last = await ask(url, { headers: { range: 'bytes=-77' } })
    expect(last.body.equals(content.subarray(-77))).toBe(true)
    const same = await ask(url, { headers: { 'if-none-match': `${head.headers.etag}` } })
    expect(same.status).toBe(304)
    const beyond = await ask(url, { headers: { range: `bytes=${content.length}-` } })
    expect(beyond.status).toBe(416)
  }
  expect(etags.size).toBe(1)
})

test('another title that means the same file: it is found where it is', async () => {
  const { content, infoHash } = stage.torrents.film
  for (const { base } of stage.nodes) {
    const { body } = await ask(base + playMovie(AGAIN))
    expect(sha256(body)).toBe(sha256(content))
  }
  expect(await stage.seeder.uploaded(infoHash)).toBeLessThan(content.length * 1.1)
})

test('the node that fetches it is killed in the middle: its viewers elsewhere get every byte', async () => {
  const { content, infoHash } = stage.torrents.other
  await stage.seeder.rate(300_000)
  const first = await begin(node(0).base + playMovie(OTHER), { timeout: 100_000 })
  expect(first.status).toBe(200)
  await first.read(100_000)
  const stream = await begin(node(1).base + playMovie(OTHER), { timeout: 100_000 })
  expect(stream.status).toBe(200)
  const begun = await stream.read(200_000)
  first.leave()
  await node(0).kill()
  await stage.seeder.rate(0)
  const { body, complete } = await stream.rest()
  expect(complete).toBe(true)
  expect(sha256(Buffer.concat([begun, body]))).toBe(sha256(content))
  expect(await stage.seeder.uploaded(infoHash)).toBeLessThan(2 * content.length)
})

test('a stranger cannot speak as a node', async () => {
  const url = node(1).base + playMovie(FILM)
  for (const forged of ['x', 'e30.e30', `${'a'.repeat(3000)}.b`]) {
    const { status, body } = await ask(url, { headers: { 'x-playlink-handed': forged } })
    expect([status, body.toString()]).toEqual([401, expect.stringContaining('NODE_SIGNATURE')])
  }
})
