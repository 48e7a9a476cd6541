import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import { cacheStats, published } from '../../support/facts.ts'
import { timesAsLong } from '../../support/ratio.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { startRedis } from '../../support/server/redis.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const ID = 'tt9002001'
const OTHER = 'tt9002002'
/** Each answer that waited for the database would take 20 times as long as one that does not. */
const MUCH = 8

let stage: Stage<'film' | 'other'>
beforeAll(async () => {
  stage = await openStage({
    torrents: {
      film: { name: 'film.mkv', size: 1_500_000, pieceLength: 64 * KiB },
      other: { name: 'other.mkv', size: 900_000, pieceLength: 64 * KiB },
    },
    titles: ({ magnet }) => [
      movie(ID, 'Film', { magnet: magnet('film') }),
      movie(OTHER, 'Other', { magnet: magnet('other') }),
    ],
    env: { CACHE_PERSISTENT: 'true' },
  })
})
afterAll(() => stage.end())

async function expectFilm(server: Playlink, name: 'film' | 'other' = 'film'): Promise<void> {
  const answer = await ask(server.base + playMovie(name === 'film' ? ID : OTHER))
  expect(answer.status).toBe(200)
  expect(sha256(answer.body)).toBe(sha256(stage.torrents[name].content))
}

async function expectHit(server: Playlink): Promise<void> {
  await expectFilm(server)
  expect((await cacheStats(server.base)).plays).toMatchObject({ hits: 1, misses: 0 })
}

/** A list, and a play from disk. */
async function listAndHit({ base }: Playlink): Promise<void> {
  await ask(base + streamsOf(ID))
  const { body } = await ask(base + playMovie(ID))
  expect(sha256(body)).toBe(sha256(stage.torrents.film.content))
}

/** Messages of the log about the index. */
const said = (server: Playlink): string[] =>
  server
    .log()
    .split('\n')
    .filter((line) => line.includes('sqlite index'))

test('another CACHE_BACKEND on the same CACHE_DIR keeps the files', async () => {
  await expectFilm(stage.server)
  await published(stage.server.base, ID)
  await stage.server.stop()
  await stage.seeder.pause()
  const CACHE_DIR = stage.server.cacheDir
  const redis = await startRedis()
  try {
    // From memory, and each to each other: a cycle there and one back.
    const there = ['sqlite', 'sqlite', 'redis', 'memory'] as const
    for (const CACHE_BACKEND of [...there, 'redis', 'sqlite', 'memory']) {
      const server = await stage.another({ CACHE_DIR, CACHE_BACKEND, REDIS_URL: redis.url })
      await expectHit(server)
      // A Redis that is slow for a moment, on a busy machine, is out of use for another.
      const { backend, files } = await eventually('the index is in use', async () => {
        const stats = await cacheStats(server.base)
        return stats.status === 'ok' ? stats : undefined
      })
      expect({ ...backend, ...files }).toMatchObject({
        ...{ name: CACHE_BACKEND, connected: true, durable: true, count: 1 },
      })
      await server.stop()
      expect(said(server)).toEqual([])
    }
  } finally {
    await redis.end()
    await stage.seeder.resume()
  }
})

test('locked by another process: plays go on, degraded is said, and it heals alone', async () => {
  const server = await stage.another({ CACHE_BACKEND: 'sqlite' })
  await expectFilm(server)
  await published(server.base, ID)
  const control = await stage.another({ CACHE_BACKEND: 'memory' })
  await expectFilm(control)
  await published(control.base, ID)
  const path = join(server.cacheDir, 'index.sqlite')
  const code = `
    const Sqlite = require('better-sqlite3')
    new Sqlite(process.argv[1]).exec('BEGIN EXCLUSIVE')
    process.stdout.write('held')
    process.stdin.resume()`
  const holder = spawn(process.execPath, ['-e', code, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    await once(holder.stdout, 'data')
    await listAndHit(server)
    // The first may have waited; who comes after it does not.
    const times = await timesAsLong(
      () => listAndHit(server),
      () => listAndHit(control),
    )
    expect([times, times < MUCH]).toEqual([times, true])
    await expectFilm(server, 'other')
    const { files } = await published(server.base, OTHER)
    expect(files.count).toBe(2)
    await eventually('degraded', async () => (await cacheStats(server.base)).status === 'degraded')
    expect((await cacheStats(server.base)).backend.connected).toBe(false)
  } finally {
    const gone = once(holder, 'exit')
    holder.kill('SIGKILL')
    await gone
  }
  await eventually('ok', async () => (await cacheStats(server.base)).status === 'ok')
  await expectFilm(server, 'other')
  await server.stop()
  expect(said(server)).toHaveLength(2)
})

test('a broken database costs the server its source lists, and nothing else', async () => {
  const first = await stage.another({ CACHE_BACKEND: 'sqlite' })
  await expectFilm(first)
  await published(first.base, ID)
  await first.stop()
  await writeFile(join(first.cacheDir, 'index.sqlite'), 'not a database any more')
  const { cacheDir: CACHE_DIR } = first
  const second = await stage.another({ CACHE_DIR, CACHE_BACKEND: 'sqlite' })
  await expectHit(second)
  expect((await cacheStats(second.base)).status).toBe('ok')
  expect(said(second)).toHaveLength(1)
  expect(said(second)[0]).toContain('index.sqlite.corrupt-')
})

test('broken while it serves: plays notice nothing, and the next start mends it', async () => {
  const env = { CACHE_BACKEND: 'sqlite', CACHE_CLEANUP_INTERVAL: '1' }
  const first = await stage.another(env)
  await expectFilm(first)
  await published(first.base, ID)
  const path = join(first.cacheDir, 'index.sqlite')
  for (const each of [path, `${path}-wal`]) await writeFile(each, 'x'.repeat(65_536))
  await expectFilm(first)
  await expectFilm(first, 'other')
  await published(first.base, OTHER)
  expect((await cacheStats(first.base)).files.count).toBe(2)
  await first.stop()
  const second = await stage.another({ ...env, CACHE_DIR: first.cacheDir })
  await expectHit(second)
  await expectFilm(second, 'other')
  const { files, status } = await cacheStats(second.base)
  expect([files.count, status]).toEqual([2, 'ok'])
  await second.stop()
  const index = new Sqlite(path, { readonly: true })
  try {
    expect(index.prepare('SELECT count(*) FROM entries').pluck().get()).toBe(2)
    expect(index.pragma('integrity_check', { simple: true })).toBe('ok')
  } finally {
    index.close()
  }
})

test('not persistent: the database begins empty like the rest', async () => {
  const CACHE_BACKEND = 'sqlite'
  const first = await stage.another({ CACHE_BACKEND, CACHE_PERSISTENT: 'false' })
  await expectFilm(first)
  await published(first.base, ID)
  await first.stop()
  const { cacheDir: CACHE_DIR } = first
  const second = await stage.another({ CACHE_DIR, CACHE_BACKEND, CACHE_PERSISTENT: 'false' })
  const { files, disk, backend } = await cacheStats(second.base)
  expect({ ...files, ...disk, ...backend }).toMatchObject({
    count: 0,
    usedBytes: 0,
    durable: false,
  })
  await expectFilm(second)
})
