import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import { openRedisIndex } from '../../cache/backends/redis/redis.ts'
import type { CallTimeouts } from '../../cache/backends/redis/redis-calls.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { systemClock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { redisPlace } from '../../config/redis-place.ts'
import { log as silent } from '../cache/fixture.ts'
import { startRedis, type TestRedis } from '../support/server/redis.ts'
import { eventually } from '../support/wait.ts'
import type { IndexUnderTest } from './cache-index.ts'

/** On a busy machine an answer may take a while; only tests of slow answers have the usual timeouts. */
const PATIENT: CallTimeouts = { slowMs: 60_000, timeoutMs: 120_000 }

export const openAt = (
  url: string,
  more: {
    log?: Log
    onUp?: (lost: boolean) => void
    timeouts?: CallTimeouts
    maxValueBytes?: number
  } = {},
): Promise<CacheIndex> =>
  openRedisIndex({
    place: redisPlace(url, '/'),
    clock: systemClock,
    log: silent,
    timeouts: PATIENT,
    ...more,
  })

/** The same, in use: a start waits for Redis only so long, which a busy machine may take to connect. */
export async function connectedAt(...at: Parameters<typeof openAt>): Promise<CacheIndex> {
  const index = await openAt(...at)
  await eventually('Redis in use', () => index.connected)
  return index
}

/** For each test of the file an index on an empty Redis. */
export function withRedis(use: (server: TestRedis, index: CacheIndex) => void): void {
  let server: TestRedis
  let index: CacheIndex
  beforeAll(async () => {
    server = await startRedis()
  })
  beforeEach(async () => {
    await server.client.flushall()
    index = await connectedAt(server.url)
    use(server, index)
  })
  afterEach(() => index.close())
  afterAll(() => server.end())
}

/**
 * The test lets time pass (below), but real time passes as well. Every time to live is longer by this
 * factor, so that real time hardly counts.
 */
const STRETCH = 100

/** Shortens every time to live, because the clock of Redis cannot be moved. */
async function age({ client }: TestRedis, ms: number): Promise<void> {
  for (const key of await client.keys('*')) {
    const left = await client.pttl(key)
    if (left >= 0) await client.pexpire(key, left - ms)
    const isLease = (await client.type(key)) === 'hash' && (await client.hexists(key, 'until'))
    if (isLease) await client.hincrby(key, 'until', -ms)
    if (!key.endsWith(':present')) continue
    for (const node of await client.zrange(key, '0', '-1')) await client.zincrby(key, -ms, node)
  }
}

/** For the contract: an index on servers that are flushed first. */
export async function emptyIndex(
  url: string,
  servers: readonly TestRedis[],
  options: { maxValueBytes?: number } = {},
): Promise<IndexUnderTest> {
  for (const { client } of servers) await client.call('FLUSHALL').catch(() => {}) // a replica refuses
  const index = await connectedAt(url, options)
  const stretched: CacheIndex = {
    ...index,
    get connected() {
      return index.connected
    },
    writeValue: (name, value, expected, ttlMs) =>
      index.writeValue(name, value, expected, ttlMs * STRETCH),
    claim: (name, owner, ttlMs) => index.claim(name, owner, ttlMs * STRETCH),
    announce: (node, about, ttlMs) => index.announce(node, about, ttlMs * STRETCH),
  }
  const pass = async (ms: number): Promise<void> => {
    for (const server of servers) {
      const [role] = (await server.client.call('ROLE')) as [string]
      if (role === 'master') await age(server, ms * STRETCH)
    }
  }
  return { index: stretched, pass, end: () => index.close() }
}
