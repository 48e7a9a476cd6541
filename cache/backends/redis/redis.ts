import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import type { RedisPlace } from '../../../config/redis-place.ts'
import type { CacheIndex } from '../../index/cache-index.ts'
import { connectRedis } from './redis-client.ts'
import { createRedisEntries } from './redis-entries.ts'
import { redisKeys } from './redis-keys.ts'
import { createRedisLeases } from './redis-leases.ts'
import { createRedisLink } from './redis-link.ts'
import { createRedisValues } from './redis-values.ts'

/**
 * The index in a Redis that nodes share: one server, a Cluster, or a master that Sentinels know.
 * Waits for it half a second at most and comes back with or without it; from then on every call
 * answers or rejects within 240 ms, and at once while Redis cannot be used.
 * @param onBack Redis may lack what it was told: this node should tell it again what it holds
 */
export async function openRedisIndex(deps: {
  place: RedisPlace
  clock: Clock
  log: Log
  onBack?: (() => void) | undefined
}): Promise<CacheIndex> {
  const { clock, log } = deps
  const keys = redisKeys()
  const link = createRedisLink({
    ...{ clock, log, pulseKey: keys.pulse, client: connectRedis(deps.place) },
    onUp(lost) {
      if (lost) deps.onBack?.()
      entries.dropSilent().catch((err: unknown) => log.debug({ err }, 'silent nodes not dropped'))
    },
  })
  const entries = createRedisEntries(link, keys)
  await link.tried
  const { dropSilent: _, ...ofEntries } = entries
  return {
    name: 'redis',
    shared: true,
    durable: true,
    get connected() {
      return link.up
    },
    ...ofEntries,
    ...createRedisValues(link, keys),
    ...createRedisLeases(link, keys),
    close: async () => link.close(),
  }
}
