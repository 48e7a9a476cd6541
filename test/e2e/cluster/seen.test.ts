import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { ClusterStats } from '../../../common/cluster-stats.ts'
import { startBrowser, type Window } from '../../support/clients/browser.ts'
import { cacheStats, published } from '../../support/facts.ts'
import { type ClusterStage, openClusterStage } from '../../support/server/cluster.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { sentDuring } from '../../support/server/redis.ts'
import { ask, begin } from '../../support/server/request.ts'
import { MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const [FILM, SLOW] = ['tt9132001', 'tt9132002'] as const
/** Where pictures go; without it they are made and thrown away. */
const KEPT = process.env.PLAYLINK_PICTURES

let stage: ClusterStage<'film' | 'slow'>
let browser: Window
beforeAll(async () => {
  stage = await openClusterStage(2, {
    torrents: {
      film: { name: 'film.mkv', size: 3 * MiB },
      slow: { name: 'slow.mkv', size: 8 * MiB },
    },
    titles: ({ magnet }) => [
      movie(FILM, 'One Film', { magnet: magnet('film') }),
      movie(SLOW, 'A slow one', { magnet: magnet('slow') }),
    ],
    env: { SPREAD_AFTER: '0' },
  })
  browser = await startBrowser()
  await eventually('the nodes know each other', async () =>
    stage.nodes.every(({ log }) => log().includes('a node has come')),
  )
  const { body } = await ask(node(0).base + playMovie(FILM))
  expect(sha256(body)).toBe(sha256(stage.torrents.film.content))
  await published(node(0).base, FILM)
})
afterAll(async () => {
  await browser?.close()
  await stage?.end()
})

const node = (i: number): Playlink => stage.nodes[i] as Playlink
const idOf = async ({ base }: Playlink): Promise<string> => (await cacheStats(base)).node
const clusterOf = async ({ base }: Playlink): Promise<ClusterStats> => {
  const { cluster } = (await ask(`${base}/api/cache-stats`)).json() as { cluster?: ClusterStats }
  if (!cluster) throw new Error('no cluster in the stats')
  return cluster
}
const stageOf = async ({ base }: Playlink, id: string): Promise<Record<string, unknown>> =>
  (await ask(`${base}/api/play-state${playMovie(id).slice('/play'.length)}`)).json() as never
const firstLine = async (headers: Record<string, string>): Promise<string> => {
  const stream = await begin(`${node(1).base}/api/live`, { headers })
  let text = ''
  while (!text.includes('\n')) text += `${await stream.read(1)}`
  stream.leave()
  return text
}

test('a list says that it is ready where another node has it, and asks Redis nothing for it the next time', async () => {
  await published(node(1).base, FILM)
  expect((await cacheStats(node(1).base)).files.count).toBe(0)
  expect(await stageOf(node(1), FILM)).toEqual({ stage: 'ready', from: 'node' })
  const { infoHash } = stage.torrents.film
  // The node that has it writes what it has found out of it, a little later.
  await eventually('a list that asks Redis nothing for it', async () => {
    const sent = await sentDuring(stage.redis, () => ask(node(1).base + streamsOf(FILM)))
    return !sent.some((each) => each.includes(infoHash))
  })
})

test('how far a play is that another node fetches is told as that node tells it', async () => {
  await stage.seeder.rate(300_000)
  const first = await begin(node(0).base + playMovie(SLOW), { timeout: 60_000 })
  await first.read(10_000)
  expect(await stageOf(node(1), SLOW)).toEqual({ stage: 'idle' })
  const relayed = await begin(node(1).base + playMovie(SLOW), { timeout: 60_000 })
  await relayed.read(10_000)
  expect(await clusterOf(node(1))).toMatchObject({ handedOver: 1 })
  await eventually('as the other node tells it', async () => {
    const { stage: told, size } = await stageOf(node(1), SLOW)
    return told === 'arriving' && size === stage.torrents.slow.content.length
  })
  const fetching = await clusterOf(node(0))
  expect([fetching.handedOver, fetching.leases > 0]).toEqual([0, true])
  first.leave()
  relayed.leave()
  await stage.seeder.rate(0)
  await eventually('over', async () => (await clusterOf(node(1))).handedOver === 0)
})

test('both nodes tell what goes between them, in the stats and as metrics', async () => {
  const before = await clusterOf(node(1))
  const sentBefore = await clusterOf(node(0))
  const { body } = await ask(node(1).base + playMovie(FILM))
  const size = stage.torrents.film.content.length
  expect(body.length).toBe(size)
  const here = await clusterOf(node(1))
  expect(here.totals.relayedBytes - before.totals.relayedBytes).toBe(size)
  const there = await clusterOf(node(0))
  expect(there.totals.handedBytes - sentBefore.totals.handedBytes).toBe(size)
  const [other] = here.others
  expect(here.others.length).toBe(1)
  expect(other).toMatchObject({ node: await idOf(node(0)), state: 'there', version: here.version })
  await eventually('what it holds', async () => {
    const [now] = (await clusterOf(node(1))).others
    return (now?.files ?? 0) >= 1 && (now?.bytes ?? 0) >= size
  })
  const metrics = `${(await ask(`${node(1).base}/metrics`)).body}`
  const total = here.totals.relayedBytes
  expect(metrics).toContain(`playlink_cluster_relayed_bytes_total ${total}`)
  expect(metrics).toContain('playlink_cluster_nodes 2')
})

test('where the nodes are is for administrators', async () => {
  const url = node(0).base
  expect(await firstLine({})).toContain(url)
  const strangers = { 'X-Forwarded-For': '203.0.113.1' }
  expect(await firstLine(strangers)).not.toContain(url)
  for (const path of ['/api/cache-stats', '/api/cache-config', '/metrics']) {
    expect(`${(await ask(node(1).base + path)).body}`).not.toContain(url)
  }
})

test.each([
  ['phone', { width: 360, height: 740 }],
  ['desktop', { width: 1280, height: 900 }],
] as const)('the page shows both nodes (%s)', async (name, viewport) => {
  const viewer = await browser.open(`${node(1).base}/test-source-selection`, { viewport })
  const { page } = viewer
  const card = page.locator('#cluster-card')
  await card.getByText('2 nodes with one cache').waitFor()
  await card.getByText((await idOf(node(0))).slice(0, 8)).waitFor()
  expect(await card.locator('li').count()).toBe(2)
  const isWide = 'document.documentElement.scrollWidth > innerWidth'
  expect(await page.evaluate(isWide)).toBe(false)
  await card.screenshot(KEPT ? { path: join(KEPT, `cluster-${name}.png`) } : {})
  expect(viewer.complaints).toEqual([])
  await viewer.close()
})
