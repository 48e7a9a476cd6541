import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { watch, watchAll } from '../../support/cluster/viewers.ts'
import { openWorld, type World } from '../../support/cluster/world.ts'
import { cacheStats } from '../../support/facts.ts'
import { sentDuring } from '../../support/server/redis.ts'
import { begin } from '../../support/server/request.ts'
import { MiB } from '../../support/swarm/payload.ts'
import { playMovie } from '../../support/titles.ts'
import { eventually, sleep } from '../../support/wait.ts'
import { expectFetched, fetcherOf, published } from './chaos/kind.ts'

/** More than the system's sockets hold of one connection, several times over. */
const FILM_BYTES = 48 * MiB
/** Our own: a buffer of the pool, and what one stream of Node holds, on each side of a relay. */
const OWN_BYTES = 4 * MiB

let world: World
beforeAll(async () => {
  world = await openWorld({ films: 4, filmBytes: FILM_BYTES })
})
afterAll(() => world?.end())

/** For longer than a list of sources and a play are remembered. */
const nothingIsSaid = (): Promise<boolean> =>
  eventually('nothing is said', async () => (await commandsOf(() => sleep(1500))).length === 0)

/** Without heartbeats, which beat whether somebody plays or not. */
async function commandsOf(work: () => Promise<unknown>): Promise<string[]> {
  const sent = await sentDuring(world.redis, work)
  return sent.filter((each) => !/:announced|^(?:hello|client|info|ping)\b/i.test(each))
}

test('a cold play asks Redis little, a warm one hardly, and a byte nothing', async () => {
  const [one, two, three] = world.nodes
  // Redis learns the scripts first.
  const other = await world.coldFilm()
  for (const node of [one, two, three]) await (await watch(node, other)).leave()
  await watchAll(one, other)
  await published(world, other)
  const film = await world.coldFilm()
  // The lease of the other film is given back a moment after its end.
  await nothingIsSaid()
  const cold = await commandsOf(async () => (await watch(one, film)).leave())
  expect(cold.length > 12 ? cold : []).toEqual([])
  await watchAll(one, film)
  await published(world, film)
  for (const node of [one, two, three]) {
    await (await watch(node, film)).leave()
    await world.quiet()
    // As by who comes again a moment later; what has ended is written down a little later.
    await nothingIsSaid()
    const warm = await commandsOf(async () => (await watch(node, film)).leave())
    expect(warm.length > 3 ? warm : []).toEqual([])
  }
  const here = await watch(one, film)
  const relayed = await watch(two, film)
  // What their starts have to write down is written a little later.
  await nothingIsSaid()
  const sent = await commandsOf(() =>
    Promise.all([here, relayed].map((each) => each.more(8 * MiB))),
  )
  // On a slow machine the time comes, at most once a second, to say that a file is in use: that is
  // by the clock, where 8 MiB are some hundred reads.
  expect(sent.length > 10 ? sent : []).toEqual([])
  await Promise.all([here.end(), relayed.end()])
})

/** The most that the system holds of a TCP connection, both ends together. */
function inSockets(): number {
  const most = (name: string): number =>
    Number(readFileSync(`/proc/sys/net/ipv4/tcp_${name}`, 'utf8').trim().split(/\s+/)[2])
  return most('rmem') + most('wmem')
}

test('who takes nothing gets nothing more; who leaves is gone at the holder too', async () => {
  const film = await world.coldFilm()
  const [one, two] = world.nodes
  await watchAll(one, film)
  expect(await published(world, film)).toBe(one)
  await world.quiet()
  const before = one.link.sent
  const stream = await begin(two.base + playMovie(film.id))
  expect(stream.status).toBe(200)
  let last = -1
  await eventually('nothing more is sent', async () => {
    const was = last
    last = one.link.sent
    await sleep(500)
    return was === one.link.sent
  })
  // Holder to line, line to node, node to viewer.
  const held = one.link.sent - before
  expect([held, held < Math.min(3 * inSockets() + OWN_BYTES, FILM_BYTES)]).toEqual([held, true])
  stream.leave()
  await eventually(
    'gone at the holder',
    async () => (await cacheStats(one.base)).plays.active === 0,
  )
  expect(one.link.sent - before).toBeLessThan(FILM_BYTES)
  await expectFetched(world, film, 1)
})

test('who leaves a film that another node fetches ends its download there', async () => {
  const film = await world.coldFilm()
  await world.stage.seeder.rate(2_000_000)
  const first = await watch(world.nodes[0], film)
  const fetcher = await fetcherOf(world, film)
  const relayed = await watch(world.nodes[1], film)
  first.leave()
  relayed.leave()
  await eventually(
    'nobody watches',
    async () => (await cacheStats(fetcher.base)).plays.active === 0,
  )
  await world.quiet()
  await world.stage.seeder.rate(0)
  expect(await world.uploaded(film)).toBeLessThan(FILM_BYTES)
})
