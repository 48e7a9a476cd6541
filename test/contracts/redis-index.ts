import { openRedisIndex } from '../../cache/backends/redis/redis.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { systemClock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { redisPlace } from '../../config/redis-place.ts'
import { log as silent } from '../cache/fixture.ts'
import type { TestRedis } from '../support/server/redis.ts'
import { sleep } from '../support/wait.ts'
import type { IndexUnderTest } from './cache-index.ts'

export const openAt = (
  url: string,
  more: { log?: Log; onBack?: () => void } = {},
): Promise<CacheIndex> =>
  openRedisIndex({ place: redisPlace(url, '/'), clock: systemClock, log: silent, ...more })

/** Real time passes, so a busy machine has to be allowed for: everything takes so many times longer. */
const STRETCH = 2

/** For the contract: an index on servers that are emptied first. */
export async function emptyIndex(
  url: string,
  servers: readonly TestRedis[],
): Promise<IndexUnderTest> {
  for (const { client } of servers) await client.call('FLUSHALL').catch(() => {}) // a replica refuses
  const index = await openAt(url)
  const stretched: CacheIndex = {
    ...index,
    get connected() {
      return index.connected
    },
    writeValue: (name, value, expected, ttlMs) =>
      index.writeValue(name, value, expected, ttlMs * STRETCH),
    claim: (name, owner, ttlMs) => index.claim(name, owner, ttlMs * STRETCH),
  }
  return { index: stretched, pass: (ms) => sleep(ms * STRETCH), end: () => index.close() }
}
