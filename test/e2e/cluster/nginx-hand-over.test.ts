import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cacheStats, published } from '../../support/facts.ts'
import { type ClusterStage, openClusterStage } from '../../support/server/cluster.ts'
import { type Nginx, startNginx } from '../../support/server/nginx.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'
import { MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const FILM = 'tt9140001'
const SIZE = 5 * MiB + 321

let stage: ClusterStage<'film'>
/** In front of the second node; the first one has the film. */
let nginx: Nginx
beforeAll(async () => {
  stage = await openClusterStage(2, {
    torrents: { film: { name: 'film.mkv', size: SIZE } },
    titles: ({ magnet }) => [movie(FILM, 'One Film', { magnet: magnet('film') })],
    env: { SENDFILE: 'nginx', TRUST_PROXY: 'loopback' },
  })
  const [holder, other] = stage.nodes as [Playlink, Playlink]
  nginx = await startNginx(stage.folder, other)
  stage.own(() => nginx.stop())
  await eventually('the nodes know each other', () =>
    stage.nodes.every(({ log }) => log().includes('a node has come')),
  )
  expect((await ask(holder.base + playMovie(FILM))).status).toBe(200)
  await published(holder.base, FILM)
})
afterAll(() => stage?.end())

const content = (): Buffer => stage.torrents.film.content
const get = (headers: Record<string, string> = {}) => ask(nginx.base + playMovie(FILM), { headers })
/** What nginx has asked the other node for so far. */
const atNode = async (): Promise<string[]> =>
  (await nginx.log()).split('\n').filter((line) => line.includes(' /playlink-node/'))
/** A line is written when its answer is out. */
const askedNode = (times: number): Promise<unknown> =>
  eventually('nginx has asked the other node', async () => (await atNode()).length === times)

test('a complete film of another node goes through nginx alone, with the headers of a film from here', async () => {
  const [holder, other] = stage.nodes as [Playlink, Playlink]
  const own = await ask(holder.base + playMovie(FILM))
  const before = (await atNode()).length
  const answer = await get()
  expect([answer.status, sha256(answer.body)]).toEqual([200, sha256(content())])
  for (const name of [
    ...['etag', 'content-type', 'content-length', 'content-disposition', 'accept-ranges'],
    ...['access-control-allow-origin', 'access-control-expose-headers', 'timing-allow-origin'],
    ...['cache-control', 'x-content-type-options', 'last-modified'],
  ]) {
    expect([name, answer.headers[name]]).toEqual([name, own.headers[name]])
  }
  for (const name of ['x-accel-redirect', 'x-playlink-handed', 'x-accel-buffering']) {
    expect(answer.headers).not.toHaveProperty(name)
  }
  await askedNode(before + 1)
  expect((await cacheStats(other.base)).files.count).toBe(0)
})

test.each([
  ['bytes=0-9', 0, 10],
  [`bytes=${MiB - 5}-${MiB + 5}`, MiB - 5, MiB + 6],
  ['bytes=1000000-4000000', 1_000_000, 4_000_001],
  [`bytes=${SIZE - 10}-`, SIZE - 10, SIZE],
  ['bytes=-7', SIZE - 7, SIZE],
])('%s is exact, across slices', async (range, start, end) => {
  const before = (await atNode()).length
  const answer = await get({ Range: range })
  expect([answer.status, answer.headers['content-range']]).toEqual([
    206,
    `bytes ${start}-${end - 1}/${SIZE}`,
  ])
  expect(answer.body.equals(content().subarray(start, end))).toBe(true)
  await askedNode(before + 1)
})

test('If-Range, 304, 416, HEAD and odd ranges are as everywhere', async () => {
  const head = await ask(nginx.base + playMovie(FILM), { method: 'HEAD' })
  const etag = `${head.headers.etag}`
  expect(head.headers['content-length']).toBe(`${SIZE}`)
  const same = await get({ Range: 'bytes=5-9', 'If-Range': etag })
  expect([same.status, same.body.equals(content().subarray(5, 10))]).toEqual([206, true])
  const others = await get({ Range: 'bytes=5-9', 'If-Range': '"other"' })
  expect([others.status, others.body.length]).toEqual([200, SIZE])
  expect((await get({ 'If-None-Match': etag })).status).toBe(304)
  expect((await get({ Range: `bytes=${SIZE}-` })).status).toBe(416)
  const two = await get({ Range: 'bytes=0-1,5-6' })
  expect([two.status, two.body.length]).toEqual([200, SIZE])
})

/** Asks for the first bytes of a slice until nginx has kept it, which it does when all of it has come. */
const keepSlice = (at: number): Promise<unknown> =>
  eventually('a hit', async () => {
    const { body } = await get({ Range: `bytes=${at}-${at + 9}` })
    expect(body.equals(content().subarray(at, at + 10))).toBe(true)
    return (await atNode()).at(-1)?.endsWith(' HIT')
  })

test('a slice that is asked for again comes from nginx, and the other node is not asked', () =>
  keepSlice(2 * MiB))

test('the addresses of nodes are closed to strangers, and so are tickets', async () => {
  const [holder, other] = stage.nodes as [Playlink, Playlink]
  const inside = `/playlink-node/127.0.0.1:${holder.port}${playMovie(FILM)}`
  expect((await ask(nginx.base + inside)).status).toBe(404)
  expect((await ask(`${nginx.base}/x/%2e%2e${inside}`)).status).toBe(404)
  const forged = await get({ 'X-Playlink-Handed': 'ticket.e30.e30' })
  expect(forged.status).toBe(401)
  const plain = await ask(other.base + playMovie(FILM))
  expect(plain.headers).not.toHaveProperty('x-playlink-handed')
})

test('the other node has died: what nginx has kept breaks off, and the player goes on at this one', async () => {
  const [holder] = stage.nodes as [Playlink, Playlink]
  await keepSlice(0)
  const before = (await atNode()).length
  await holder.kill()
  const had: Buffer[] = []
  let at = 0
  for (let tries = 0; at < SIZE && tries < 8; tries++) {
    const { status, body } = await get({ Range: `bytes=${at}-` })
    expect(status).toBe(206)
    had.push(body)
    at += body.length
  }
  // Where the node knew of it first, nginx was not sent there, and nothing broke off.
  const wasSentThere = (await atNode()).length > before
  if (wasSentThere) expect(had.length).toBeGreaterThan(1)
  expect(sha256(Buffer.concat(had))).toBe(sha256(content()))
})
