// What 100,000 titles cost each backend of the index: `node bench/stores.ts [titles] [backend]`. Their source lists
// are those of 60 sources, once as popular addons name them and once as somebody who means harm does: 15
// long trackers of its own for each source, and long names. Each backend has a process of its own; Redis is
// started for it (Debian's package redis-server).

import { fork } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { backends } from '../cache/backends/open-index.ts'
import type { CacheIndex } from '../cache/index/cache-index.ts'
import { systemClock } from '../common/clock.ts'
import { createLog } from '../common/log.ts'
import { loadConfig } from '../config/load-config.ts'
import { startCommand } from '../scripts/start-command.ts'
import { boundedSources } from '../sources/lists/bounded-source.ts'
import { storableSourceList } from '../sources/lists/fit-source-list.ts'
import type { Source } from '../sources/source.ts'
import { sourceKey } from '../sources/source-key.ts'
import { startRedis } from '../test/support/server/redis.ts'

const SOURCES = 60
/** Lists that are different; the titles take turns with them. */
const VARIANTS = 200
const AT_ONCE = 10
const HOUR = 3_600_000
const AS_SERVER = [...startCommand().args.slice(0, -1), '--no-warnings']
const MiB = 2 ** 20
const print = (text: string): void => void process.stdout.write(`${text}\n`)
const log = createLog('error')('cache')
const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n))

const SHARED = ['udp://tracker.one.example:1337/announce', 'udp://open.two.example:80/announce']
const ownTrackers = (n: number): string[] =>
  many(15, (i) => `udp://${'t'.repeat(60)}-${n}-${i}.example:80/announce`)

function source(variant: number, n: number, kind: string): Source {
  const infoHash = (variant * SOURCES + n + 1).toString(16).padStart(40, '0')
  const release = `A.Film.Of.Some.Length.${1900 + variant}.1080p.WEB-DL.DDP5.1.x265-GROUP${n}`
  const trackers = kind === 'honest' ? SHARED : ownTrackers(n)
  return {
    locator: { kind: 'magnet', infoHash, trackers, webSeeds: [] },
    selector: {},
    provider: 'an addon',
    label: kind === 'honest' ? release : `${release} ${'x'.repeat(200)}`,
    filename: `${release}.mkv`,
    size: 12_345_678_901,
    seeders: n,
  }
}

const listOf = (variant: number, kind: string) => {
  const { sources } = boundedSources(many(SOURCES, (n) => source(variant, n, kind)))
  const entries = sources.map((one) => {
    return { key: sourceKey(one), listed: true, retired: false, source: one }
  })
  return storableSourceList({ usedAt: Date.now(), entries })
}

function indexOf(backend: keyof typeof backends, dir: string, redisUrl: string) {
  const env = { CACHE_DIR: dir, CACHE_BACKEND: backend, CACHE_PERSISTENT: 'true' }
  const noFiles = (): never => {
    throw Object.assign(new Error('none'), { code: 'ENOENT' })
  }
  const redis = redisUrl === '' ? {} : { REDIS_URL: redisUrl }
  const loaded = loadConfig({ ...env, ...redis }, { cwd: dir, readFile: noFiles })
  if ('faults' in loaded) throw new Error(loaded.faults.join('\n'))
  return backends[backend]({ settings: loaded.config.cache, clock: systemClock, log })
}

/** Linux: bytes that this process has written by any call. */
async function writtenBytes(): Promise<number> {
  return Number(/^wchar: (\d+)/m.exec(await readFile('/proc/self/io', 'utf8'))?.[1])
}

async function bytesIn(dir: string): Promise<number> {
  const sizes = (await readdir(dir)).map(async (name) => (await stat(join(dir, name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

async function fill(index: CacheIndex, titles: number, kind: string): Promise<number> {
  const lists = many(VARIANTS, (variant) => listOf(variant, kind))
  let peak = 0
  for (let from = 0; from < titles; from += AT_ONCE) {
    const writes = many(Math.min(AT_ONCE, titles - from), (i) =>
      index.writeValue(`book:tt${from + i}`, lists[(from + i) % VARIANTS], 0, 30 * 24 * HOUR),
    )
    // A Redis that is slow is out of use for a moment, as it would be for a server.
    const failed = await Promise.all(writes).then(
      () => false,
      () => true,
    )
    if (failed) await new Promise((resolve) => setTimeout(resolve, 250))
    // Timers and the disk have their turn, as between two requests.
    await nextTurn()
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  return peak
}

/** In a process of its own. */
async function measure(kind: string, backend: keyof typeof backends, rest: readonly string[]) {
  const [dir = '', redisUrl = '', titles = ''] = rest
  const index = await indexOf(backend, dir, redisUrl)
  const before = await writtenBytes()
  const began = performance.now()
  const peak = await fill(index, Number(titles), kind)
  const seconds = (performance.now() - began) / 1000
  const { heapUsed } = process.memoryUsage()
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const { used, max } = await index.valueBytes()
  await index.close()
  const written = (await writtenBytes()) - before
  const mib = (bytes: number): string => (bytes / MiB).toFixed(0)
  print(
    `${backend}, ${kind}, ${titles} titles: peak RSS ${mib(peak)} MiB, heap at the end ${mib(heapUsed)} MiB, ` +
      `values ${mib(used)} of ${mib(max)} MiB, written ${mib(written)} MiB, ` +
      `on disk ${mib(await bytesIn(dir))} MiB, ${seconds.toFixed(0)} s`,
  )
}

async function measureAll(titles: number, only: string | undefined): Promise<void> {
  const size = (kind: string): string =>
    `${Buffer.byteLength(JSON.stringify(listOf(1, kind)))} bytes`
  print(`a list of ${SOURCES} sources: honest ${size('honest')}, hostile ${size('hostile')}`)
  for (const backend of only === undefined ? Object.keys(backends) : [only]) {
    for (const kind of ['honest', 'hostile']) {
      const dir = await mkdtemp(join(tmpdir(), 'playlink-stores-'))
      const redis = backend === 'redis' ? await startRedis() : undefined
      const args = [kind, backend, dir, redis?.url ?? '', String(titles)]
      const child = fork(fileURLToPath(import.meta.url), args, { execArgv: AS_SERVER })
      await new Promise((resolve) => child.once('exit', resolve))
      const info = await redis?.client.info('memory')
      if (info) print(`  Redis: used_memory ${/^used_memory_human:(\S+)/m.exec(info)?.[1]}`)
      await redis?.end()
      await rm(dir, { recursive: true, force: true })
    }
  }
}

const [first = '100000', backend, ...rest] = process.argv.slice(2)
// A forked process can send to its parent.
if (process.send === undefined) await measureAll(Number(first), backend)
else await measure(first, backend as keyof typeof backends, rest)
