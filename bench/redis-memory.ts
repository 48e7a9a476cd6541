// What the index takes of a Redis: memory by file and by title, and its time by question. `node
// bench/redis-memory.ts` prints the table of docs/scaling.md. Everything is written and asked by our own code,
// into a redis-server of its own; `used_memory` and `cmdstat_evalsha` of INFO are what is counted.

import { parseArgs } from 'node:util'
import { openRedisIndex } from '../cache/backends/redis/redis.ts'
import type { CacheEntry, CacheIndex } from '../cache/index/cache-index.ts'
import { type FileKey, fileKey } from '../common/bittorrent/file-key.ts'
import { systemClock } from '../common/clock.ts'
import { createLog } from '../common/log.ts'
import { redisPlace } from '../config/redis-place.ts'
import { SourceListStore } from '../sources/lists/source-list-store.ts'
import type { Source, SourceProvider } from '../sources/source.ts'
import { startRedis, type TestRedis } from '../test/support/server/redis.ts'
import { leaveNothingBehind } from './left-behind.ts'

const SOURCES_OF_A_TITLE = 20
const NODES = [3, 10, 100]
const CALLS = 1000
/** Above what is written, so that nothing is forgotten for other values. */
const MAX_VALUE_BYTES = 2 ** 40
const silent = createLog('silent')('cache')
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '20000' },
    titles: { type: 'string', default: '2000' },
  },
})

/** No two alike, and none that packs better than a real one. */
const hashOf = (n: number): string => (n * 2_654_435_761).toString(16).padStart(40, '5c2e9')
const keyOf = (n: number): FileKey => fileKey(hashOf(n), n % 3)
const nameOf = (n: number): string => `Some.Film.of.${n}.1999.1080p.BluRay.x264-GROUP.mkv`

function entryOf(n: number, node: string): CacheEntry {
  const size = 2_000_000_000 + n * 1237
  const storedAt = Date.now() - n * 1000
  return {
    ...{ key: keyOf(n), node, name: nameOf(n), size, bytes: size, complete: true },
    ...{ storedAt, usedAt: storedAt + 500 },
  }
}

const sourceOf = (title: number, n: number): Source => ({
  locator: { kind: 'magnet', infoHash: hashOf(title * 100 + n), trackers: [], webSeeds: [] },
  selector: { fileIdx: 0 },
  provider: 'torznab',
  label: nameOf(n),
  ...{ quality: '1080p', filename: nameOf(title), size: 2_000_000_000 + n, seeders: n },
})

const infoOf = async ({ client }: TestRedis, name: string, section: string): Promise<string> =>
  new RegExp(`^${name}:(.*)$`, 'm').exec(await client.info(section))?.[1]?.trim() ?? ''

const memoryOf = async (redis: TestRedis): Promise<number> =>
  Number(await infoOf(redis, 'used_memory', 'memory'))

async function fenced(index: CacheIndex, entry: CacheEntry): Promise<void> {
  const claim = await index.claim(`torrent:${entry.key}`, entry.node, 15_000)
  if (!claim.won) throw new Error('nobody else is here')
  await index.save(entry, claim.lease.fence)
  await claim.lease.release()
}

/** Bytes of Redis' memory that each of so many takes. */
async function each(redis: TestRedis, count: number, write: (n: number) => Promise<unknown>) {
  const before = await memoryOf(redis)
  for (let n = 0; n < count; n++) await write(n)
  return (await memoryOf(redis)) - before
}

/** Microseconds of Redis' one thread for each call. */
async function busy(redis: TestRedis, call: (n: number) => Promise<unknown>): Promise<number> {
  await redis.client.config('RESETSTAT')
  for (let n = 0; n < CALLS; n++) await call(n)
  const stats = await infoOf(redis, 'cmdstat_evalsha', 'commandstats')
  return Number(/usec_per_call=([\d.]+)/.exec(stats)?.[1])
}

async function measure(redis: TestRedis, index: CacheIndex): Promise<void> {
  const [files, titles] = [Number(options.files), Number(options.titles)]
  const entries = await each(redis, files, (n) => index.save(entryOf(n, `node-${n % 3}`)))
  print(`| a file that a node has, of ${files} | ${Math.round(entries / files)} bytes |`)
  const fences = await each(redis, files, (n) => fenced(index, entryOf(n, `node-${n % 3}`)))
  print(`| its fence, for a day after it was fetched | ${Math.round(fences / files)} bytes |`)

  const store = new SourceListStore(index, systemClock, silent)
  const provider: SourceProvider = { name: 'torznab', authority: 'network', find: async () => [] }
  const lists = await each(redis, titles, (title) => {
    const sources = Array.from({ length: SOURCES_OF_A_TITLE }, (_, n) => sourceOf(title, n))
    return store.update(`tt${1_000_000 + title}`, [{ provider, sources }])
  })
  const { used } = await index.valueBytes()
  print(
    `| the list of a title with ${SOURCES_OF_A_TITLE} sources, of ${titles} | ` +
      `${Math.round(lists / titles)} bytes, of which CACHE_META_MB counts ${Math.round(used / titles)} |`,
  )
  print(
    `| a list is read | ${await busy(redis, (n) => index.readValue(`book:tt${1_000_000 + n}`))} us |`,
  )
  print(
    `| a use is written | ${await busy(redis, (n) => index.touch(keyOf(n), `node-${n % 3}`, Date.now()))} us |`,
  )
  for (const nodes of NODES) {
    for (let n = 0; n < nodes; n++) await index.save(entryOf(files + n, `node-${n}`))
    print(
      `| who has a file, of ${nodes} nodes | ${await busy(redis, (n) => index.find(keyOf(n)))} us |`,
    )
    const about = {
      url: 'http://10.0.0.4:7000',
      version: 1,
      draining: false,
      freeBytes: 1e11,
      load: 0.5,
    }
    for (let n = 0; n < nodes; n++) await index.announce(`node-${n}`, about, 3_600_000)
    const beat = await busy(redis, (n) => index.announce(`node-${n % nodes}`, about, 3_600_000))
    print(`| a node says that it is there, of ${nodes} | ${beat} us |`)
  }
}

leaveNothingBehind()
const redis = await startRedis()
const index = await openRedisIndex({
  place: redisPlace(redis.url, '/'),
  ...{ clock: systemClock, log: silent, maxValueBytes: MAX_VALUE_BYTES },
  // On a busy machine an answer may take a while.
  timeouts: { slowMs: 5000, timeoutMs: 10_000 },
})
try {
  print(`| Redis ${await infoOf(redis, 'redis_version', 'server')} | takes |\n| --- | --- |`)
  await measure(redis, index)
} finally {
  await index.close()
  await redis.end()
}
