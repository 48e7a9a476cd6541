import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import type { RedisPlace } from '../../../config/redis-place.ts'
import type { CacheIndex } from '../../index/cache-index.ts'
import { USUAL_VALUE_BYTES } from '../../index/value-size.ts'
import type { CallTimeouts } from './redis-calls.ts'
import { connectRedis } from './redis-client.ts'
import { RedisEntries } from './redis-entries.ts'
import { redisKeys } from './redis-keys.ts'
import { createRedisLeases } from './redis-leases.ts'
import { RedisLink } from './redis-link.ts'
import { createRedisNodes } from './redis-nodes.ts'
import { RedisValueRoom } from './redis-value-room.ts'
import { RedisValues } from './redis-values.ts'

/**
 * The index in a Redis that several nodes share: one server, a Cluster, or a master found by Sentinels.
 * Waits for it at most half a second and resolves with or without it. From then on every call settles
 * within 240 ms, and rejects at once while Redis cannot be used.
 * @param deps.onUp Redis can be used; `lost`: true if it may have lost its data, so that this node should
 * report again what it holds
 */
export async function openRedisIndex(deps: {
  place: RedisPlace
  clock: Clock
  log: Log
  /** What the values of all nodes may take. */
  maxValueBytes?: number
  onUp?: ((lost: boolean) => void) | undefined
  /** Longer times on a busy machine, for tests that are not about faults. */
  timeouts?: CallTimeouts | undefined
}): Promise<CacheIndex> {
  const { clock, log } = deps
  const keys = redisKeys()
  const link = new RedisLink({
    clock,
    log,
    heartbeatKey: keys.heartbeat,
    timeouts: deps.timeouts,
    client: connectRedis(deps.place, deps.timeouts?.timeoutMs),
    onUp(lost) {
      deps.onUp?.(lost)
      entries.dropSilent().catch((err: unknown) => log.debug({ err }, 'silent nodes not dropped'))
    },
  })
  const entries = new RedisEntries(link, keys)
  const maxBytes = deps.maxValueBytes ?? USUAL_VALUE_BYTES
  const room = new RedisValueRoom({ redis: link, keys, maxBytes, log })
  const values = new RedisValues(link, keys, room)
  await link.tried
  return {
    name: 'redis',
    shared: true,
    durable: true,
    get connected() {
      return link.up
    },
    find: (key) => entries.find(key),
    save: (entry, fence) => entries.save(entry, fence),
    touch: (key, node, usedAt) => entries.touch(key, node, usedAt),
    forget: (key, node) => entries.forget(key, node),
    leastRecent: (node, limit) => entries.leastRecent(node, limit),
    totals: (node) => entries.totals(node),
    readValue: (name) => values.read(name),
    writeValue: (name, value, expected, ttlMs) => values.write(name, value, expected, ttlMs),
    valueBytes: () => room.size(),
    ...createRedisLeases(link, keys),
    ...createRedisNodes(link, keys),
    async close() {
      room.close()
      link.close()
    },
  }
}
