// What the backends of the index cost. `node bench/index-backends.ts [entries ...]`, by default 1000
// and 100000; then a start and a sweep with 10,000 held files, and a sweep that removes them. Redis only
// with the REDIS_URL of an empty one. Figures drift with the machine: compare those of one run.

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { backends } from '../cache/backends/open-index.ts'
import type { CacheEntry, CacheIndex } from '../cache/index/cache-index.ts'
import { createJanitor } from '../cache/limits/disk-janitor.ts'
import { openFileStore } from '../cache/store/disk-file-store.ts'
import { type FileKey, fileKey } from '../common/bittorrent/file-key.ts'
import { systemClock } from '../common/clock.ts'
import { createLog } from '../common/log.ts'
import { loadConfig } from '../config/load-config.ts'
import { storeFiles } from '../test/cache/stored-folder.ts'

const CALLS = 3000
const HELD = 10_000
const log = createLog('error')('cache')
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const keyOf = (n: number): FileKey => fileKey(n.toString(16).padStart(40, '0'), 0)
const entryOf = (n: number): CacheEntry => ({
  ...{ key: keyOf(n), node: 'bench', name: `A film of some name (${n}) 1080p.mkv`, size: 2e9 },
  ...{ bytes: 1e9, complete: true, storedAt: Date.now(), usedAt: Date.now() - n },
})

async function indexOf(backend: keyof typeof backends, dir: string): Promise<CacheIndex> {
  const { REDIS_URL } = process.env
  const env = { CACHE_DIR: dir, CACHE_BACKEND: backend, CACHE_PERSISTENT: 'true', REDIS_URL }
  const noFiles = (): never => {
    throw Object.assign(new Error('none'), { code: 'ENOENT' })
  }
  const loaded = loadConfig(env, { cwd: dir, readFile: noFiles })
  if ('faults' in loaded) throw new Error(loaded.faults.join('\n'))
  return backends[backend]({ settings: loaded.config.cache, clock: systemClock, log })
}

async function timed(name: string, call: (i: number) => Promise<unknown>): Promise<void> {
  const times = new Float64Array(CALLS)
  const began = performance.now()
  for (let i = 0; i < CALLS; i++) {
    const before = performance.now()
    await call(i)
    times[i] = (performance.now() - before) * 1000
  }
  const perSecond = Math.round(CALLS / ((performance.now() - began) / 1000))
  times.sort()
  const at = (part: number): string => (times[Math.floor(CALLS * part)] ?? 0).toFixed(0).padStart(6)
  print(
    `  ${name.padEnd(12)}${String(perSecond).padStart(9)}/s  p50${at(0.5)} us  p99${at(0.99)} us`,
  )
}

async function operations(index: CacheIndex, entries: number): Promise<void> {
  for (let n = 0; n < entries; n++) await index.save(entryOf(n))
  const any = (i: number): number => (i * 7919) % entries
  const sourceList = {
    entries: Array.from({ length: 20 }, (_, n) => ({ key: `source ${n}`, number: n })),
  }
  await timed('find', (i) => index.find(keyOf(any(i))))
  await timed('save', (i) => index.save({ ...entryOf(any(i)), bytes: i }))
  await timed('touch', (i) => index.touch(keyOf(any(i)), 'bench', Date.now()))
  await timed('writeValue', (i) => index.writeValue(`book:tt${i}`, sourceList, 0, 1e9))
  await timed('readValue', (i) => index.readValue(`book:tt${i}`))
  await timed('claim', async (i) => {
    const claim = await index.claim(`fetch:${i}`, 'bench', 1000)
    if (claim.won) await claim.lease.release()
  })
  await timed('forget', (i) => index.forget(keyOf(i % entries), 'bench'))
  const began = performance.now()
  await index.totals('bench')
  const summed = performance.now() - began
  const all = await index.leastRecent('bench', entries)
  const listed = performance.now() - began - summed
  print(`  totals ${summed.toFixed(1)} ms, a list of ${all.length} ${listed.toFixed(1)} ms`)
}

/** @param ttlSeconds 0: the sweep removes every file */
async function startAndSweep(
  backend: keyof typeof backends,
  dir: string,
  ttlSeconds: number,
): Promise<void> {
  const index = await indexOf(backend, dir)
  const began = performance.now()
  const clock = systemClock
  const store = await openFileStore({ dir, persistent: true, index, clock, log })
  const started = performance.now() - began
  const count = [...store.records()].length
  const limits = { ttlSeconds, maxFiles: HELD, maxBytes: 1e15 }
  const janitor = createJanitor({ store, index, limits, clock, log, freeBytes: async () => 1e15 })
  // Wrong by one entry, so that the sweep compares them all.
  await index.save({ ...entryOf(HELD), node: store.node })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await janitor.sweep()
  delay.disable()
  const steps = janitor.lastSweep?.steps.map(({ name, ms }) => `${name} ${ms}`).join(', ')
  print(
    `${backend}: start with ${count} held files ${(started / 1000).toFixed(2)} s; sweep (ms): ${steps}; ` +
      `event loop blocked ${(delay.max / 1e6).toFixed(0)} ms at most`,
  )
  await store.close()
  await index.close()
}

const folder = await mkdtemp(join(tmpdir(), 'playlink-bench-'))
const all = Object.keys(backends) as (keyof typeof backends)[]
const names = all.filter((name) => name !== 'redis' || process.env.REDIS_URL !== undefined)
const counts = process.argv.slice(2).map(Number)
try {
  for (const entries of counts.length > 0 ? counts : [1000, 100_000]) {
    for (const name of names) {
      print(`${name}, ${entries} entries`)
      const dir = join(folder, `${name}-${entries}`)
      await mkdir(dir)
      const index = await indexOf(name, dir)
      await operations(index, entries)
      await index.close()
    }
  }
  const dir = join(folder, 'held')
  await storeFiles(
    dir,
    'bench',
    Array.from({ length: HELD }, (_, n) => keyOf(n)),
  )
  // The first start of a durable backend writes what the second one finds.
  for (const name of names) for (const _ of [1, 2]) await startAndSweep(name, dir, 1e6)
  await startAndSweep('sqlite', dir, 0)
} finally {
  await rm(folder, { recursive: true, force: true })
}
