import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createJanitor } from '../../cache/limits/disk-janitor.ts'
import { type CacheReport, createCacheReport } from '../../cache/stats.ts'
import type { ClusterStats } from '../../common/cluster-stats.ts'
import type { PlayStats } from '../../common/play-stats.ts'
import type { Config } from '../../config/config.ts'
import { key, layout, log, type World, world } from './fixture.ts'

let w: World
beforeEach(async () => {
  w = await world()
})
afterEach(() => w.end())

const counts: PlayStats = {
  total: 5,
  hits: 3,
  misses: 2,
  active: 1,
  firstByteMs: { p50: 20, p99: 900 },
  arrivals: { running: 1, waiting: 0, max: 16, bytesPerSecond: 1000 },
  conversions: null,
}

function report(
  more: {
    cache?: Partial<Config['cache']>
    rest?: Partial<Config>
    nodeEnv?: string
    cluster?: ClusterStats
  } = {},
): CacheReport {
  const cache = {
    backend: 'memory',
    dir: w.dir,
    ttlSeconds: 3600,
    maxFiles: 2,
    maxDiskBytes: 20_000,
    cleanupIntervalSeconds: 300,
    persistent: false,
    fill: 'whole',
    ...more.cache,
  }
  const settings = { cache, adminToken: undefined, publicUrl: undefined }
  const limits = { ttlSeconds: 3600, maxFiles: cache.maxFiles, maxBytes: cache.maxDiskBytes }
  return createCacheReport({
    config: { ...settings, ...more.rest } as Config,
    ...w,
    janitor: createJanitor({ ...w, limits, log }),
    nodeEnv: more.nodeEnv,
    status: () => 'ok',
    plays: () => counts,
    ...(more.cluster && { cluster: { stats: async () => more.cluster as ClusterStats } }),
  })
}

test('stats have exactly the documented shape and no titles', async () => {
  await w.put(key(1), layout(5000))
  const stats = report()
  w.clock.pass(7900)
  const answer = await stats.stats()
  expect(answer).toEqual({
    status: 'ok',
    backend: { name: 'memory', shared: false, durable: false, connected: true },
    node: w.store.node,
    files: { count: 1, max: 2 },
    disk: {
      usedBytes: 5000,
      maxBytes: 20_000,
      configuredBytes: 20_000,
      segmentBytes: 0,
      reservedBytes: 0,
      freeOnVolumeBytes: expect.any(Number),
    },
    meta: { usedBytes: 0, maxBytes: 64_000_000 },
    arrivals: counts.arrivals,
    plays: {
      ...{ total: 5, hits: 3, misses: 2, active: 1, conversions: null },
      firstByteMs: { p50: 20, p99: 900 },
    },
    evictions: { ttl: 0, count: 0, disk: 0 },
    lastSweep: null,
    scaling: { nodes: 1, recommendation: expect.any(String) },
    productionReady: { ready: false, reasons: expect.any(Array) },
    uptimeSeconds: 7,
  })
  expect(JSON.stringify(answer)).not.toContain('film')
  expect(JSON.stringify(answer)).not.toContain(w.dir)
})

test('config repeats the settings', async () => {
  const answer = await report().config()
  expect(Object.keys(answer).sort()).toEqual(
    ['backend', 'config', 'disk', 'productionReady', 'scaling', 'status'].sort(),
  )
  expect(answer.config).toEqual({
    ttlSeconds: 3600,
    maxFiles: 2,
    maxDiskBytes: 20_000,
    cleanupIntervalSeconds: 300,
    persistent: false,
    fill: 'whole',
  })
})

test('names everything that is not ready for production', async () => {
  const { reasons } = (await report().config()).productionReady
  for (const word of ['CACHE_PERSISTENT', 'temporary', 'ADMIN_TOKEN', 'PUBLIC_URL', 'NODE_ENV']) {
    expect(reasons.join('\n')).toContain(word)
  }
})

test('names nothing when all is well', async () => {
  const { index } = w
  Object.assign(index, { durable: true })
  const good = report({
    // a folder on a disk and outside the temporary one, wherever this checkout lies; it is not changed
    cache: { persistent: true, dir: '/usr' },
    rest: { adminToken: 'x'.repeat(32), publicUrl: 'https://x.example' },
    nodeEnv: 'production',
  })
  expect((await good.config()).productionReady).toEqual({ ready: true, reasons: [] })
  const large = report({ cache: { maxDiskBytes: 1e18 } })
  expect((await large.config()).productionReady.reasons.join()).toContain('CACHE_MAX_DISK_MB')
})

test('with other nodes: what is told of them is in the stats, and how many share the cache', async () => {
  const of = { version: '1', state: 'there', freeBytes: 1, plays: 0, files: 2, bytes: 3 } as const
  const others = [
    { node: 'b', ...of },
    { node: 'c', ...of },
  ]
  const totals = { relayedBytes: 1, handedBytes: 2, leasesLost: 0, takeovers: 0, copies: 0 }
  const cluster = { node: 'a', version: '1', others, handedOver: 1, leases: 1, totals }
  const all = report({ cluster })
  expect(await all.stats()).toMatchObject({ cluster, scaling: { nodes: 3 } })
  expect(await all.config()).toMatchObject({
    scaling: { nodes: 3, recommendation: expect.stringContaining('share one cache') },
  })
})
