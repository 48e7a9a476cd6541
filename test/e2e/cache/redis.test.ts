import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import { connectedAt } from '../../contracts/redis-index.ts'
import { cacheStats, published, settled } from '../../support/facts.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { sentDuring, startRedis, type TestRedis } from '../../support/server/redis.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually, sleep } from '../../support/wait.ts'

const [BOTH, ONE] = ['tt9002701', 'tt9002702'] as const

describe('two servers on one Redis, each with its own cache', () => {
  let redis: TestRedis
  let index: CacheIndex
  let stage: Stage<'first' | 'second'>
  let other: Playlink
  let folder: string
  const titles = (magnet: Stage<'first' | 'second'>['magnet'], order: ('first' | 'second')[]) => [
    movie(BOTH, 'Both', ...order.map((name) => ({ magnet: magnet(name) }))),
    movie(ONE, 'One', { magnet: magnet('first') }),
  ]

  beforeAll(async () => {
    redis = await startRedis()
    index = await connectedAt(redis.url)
    folder = await mkdtemp(join(tmpdir(), 'playlink-two-'))
    const env = { CACHE_BACKEND: 'redis', REDIS_URL: redis.url }
    stage = await openStage({
      env,
      torrents: {
        first: { name: 'first.mkv', size: 2 * MiB },
        second: { name: 'second.mkv', size: MiB + 7 },
      },
      titles: ({ magnet }) => titles(magnet, ['first', 'second']),
    })
    // The same sources the other way round: left alone it would number them the other way round.
    const reversed = join(folder, 'reversed.json')
    const turned = titles(stage.magnet, ['second', 'first'])
    await writeFile(reversed, JSON.stringify({ version: 1, titles: turned }))
    other = await stage.another({ CATALOGUE: reversed })
  })
  afterAll(async () => {
    await stage?.end()
    await index?.close()
    await redis?.end()
    await rm(folder, { recursive: true, force: true })
  })

  const numbersOf = async ({ base }: Playlink): Promise<string[]> => {
    const list = (await ask(base + streamsOf(BOTH))).json() as { streams: { url: string }[] }
    return (
      list.streams
        .map(({ url }) => url.slice(url.indexOf('/play/')))
        // Auto is no source and has no number.
        .filter((path) => !path.includes('/auto'))
        .toSorted()
    )
  }

  test('they list equal numbers for a title', async () => {
    const numbers = await numbersOf(stage.server)
    expect(numbers).toHaveLength(2)
    expect(await numbersOf(other)).toEqual(numbers)
    for (const server of [stage.server, other]) {
      const { body } = await ask(server.base + playMovie(BOTH, 1))
      expect(sha256(body)).toBe(sha256(stage.torrents.second.content))
    }
  })

  test('each fetches its own copy, and the index knows both', async () => {
    for (const { base } of [stage.server, other]) {
      const { body } = await ask(base + playMovie(ONE))
      expect(sha256(body)).toBe(sha256(stage.torrents.first.content))
      await published(base, ONE)
      await settled(base)
    }
    const all = { files: 0, bytes: 0 }
    for (const { base } of [stage.server, other]) {
      const { node, files, disk, backend, status } = (await cacheStats(base)) as Awaited<
        ReturnType<typeof cacheStats>
      > & { node: string }
      expect(backend).toMatchObject({ name: 'redis', shared: true, connected: true })
      expect(status).toBe('ok')
      const told = { files: files.count, bytes: disk.usedBytes }
      await eventually(
        'the index knows what the node holds',
        async () => JSON.stringify(await index.totals(node)) === JSON.stringify(told),
      )
      all.files += told.files
      all.bytes += told.bytes
    }
    expect(all.files).toBe(4)
    expect(await index.totals()).toEqual(all)
  })

  test('no command goes to Redis for bytes: a film costs as many as its first one', async () => {
    const play = async (headers: Record<string, string>): Promise<number> => {
      const { body } = await ask(stage.server.base + playMovie(ONE), { headers })
      return body.length
    }
    // What a use is written down with comes after the answer.
    const sentFor = (headers: Record<string, string>, length: number) =>
      sentDuring(redis, async () => {
        expect(await play(headers)).toBe(length)
        await sleep(300)
      })
    const one = await sentFor({ range: 'bytes=0-0' }, 1)
    const all = await sentFor({}, 2 * MiB)
    // A command a read would be dozens. None at all is fine: what was played before is remembered.
    // What the first use is written down with may come late, and count for the second.
    expect([all, all.length - one.length < 6]).toEqual([all, true])
  })

  test('cleaning one does not touch the other', async () => {
    const cleaned = await ask(`${stage.server.base}/api/cache-config`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"forceCleanup":true}',
    })
    expect(cleaned.json()).toMatchObject({ removedFiles: 2 })
    expect((await cacheStats(other.base)).files.count).toBe(2)
    await eventually('the index forgot them', async () => (await index.totals()).files === 2)
  })
})
