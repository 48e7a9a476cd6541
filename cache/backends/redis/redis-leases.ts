import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { CacheIndex, Lease } from '../../index/cache-index.ts'
import { longestOf, NOW_MS, script } from './redis-calls.ts'
import { FENCE_MS } from './redis-entries.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'

// A lease is a hash with token, owner, until and fence. Its time is Redis' clock, because the clocks of
// nodes differ. The key lives longer than `until`, so that the fence outlives the lease.

/**
 * KEYS: lease. ARGV: token, owner, milliseconds, milliseconds to keep the fence. Answers 1 and the fence,
 * or 0 and the owner, unless that is who asks. One script, because between a GET and a SET two nodes could both win.
 * One that ends later than any that is asked for was claimed before the clock of Redis was set back: its owner, if
 * there is one, renews it within seconds, and else it would keep the name for hours.
 * A fence is the time in microseconds, and greater than the last one: a counter would start again when
 * Redis is flushed, and then a paused owner would look newer than its successor.
 */
const CLAIM = script(`${NOW_MS}
local lease = redis.call('HMGET', KEYS[1], 'token', 'owner', 'until', 'fence')
local ends = tonumber(lease[3]) or 0
if lease[1] and ends > now and ends <= now + ${longestOf('ARGV[3]')} then
  if lease[1] == ARGV[1] then return {1, lease[4]} end
  if lease[2] ~= ARGV[2] then return {0, string.sub(lease[2] or '', 1, 200)} end
end
local fence = math.max(time[1] * 1000000 + time[2], (tonumber(lease[4]) or 0) + 1)
fence = string.format('%.0f', fence)
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'owner', ARGV[2],
  'until', string.format('%.0f', now + ARGV[3]), 'fence', fence)
redis.call('PEXPIRE', KEYS[1], ARGV[3] + ARGV[4])
return {1, fence}`)

/**
 * ARGV: token, milliseconds, milliseconds to keep the fence. Compares token and time: an owner that slept
 * past the end of its lease must not get it back.
 */
const RENEW = script(`${NOW_MS}
local lease = redis.call('HMGET', KEYS[1], 'token', 'until')
if lease[1] ~= ARGV[1] or (tonumber(lease[2]) or 0) <= now then return 0 end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2] + ARGV[3])
return 1`)

/** ARGV: token. Compares before it deletes: a late release must not end the successor's lease. */
const RELEASE = script(`
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[1], 'token', 'owner', 'until')`)

const reply = z.union([
  z.tuple([z.literal(1), z.coerce.number<string>().int().positive()]),
  z.tuple([z.literal(0), z.string()]),
])

export function createRedisLeases(redis: RedisLink, keys: RedisKeys): Pick<CacheIndex, 'claim'> {
  function leaseOf(key: string, token: string, fence: number, ttl: number): Lease {
    return {
      fence,
      renew: async () => (await redis.run(RENEW, [key], [token, ttl, FENCE_MS])) === 1,
      release: async () => void (await redis.run(RELEASE, [key], [token])),
    }
  }

  return {
    async claim(name, owner, ttlMs) {
      const key = keys.lease(name)
      const token = randomBytes(16).toString('hex')
      const ttl = Math.max(1, Math.ceil(ttlMs))
      try {
        const [won, what] = reply.parse(
          await redis.run(CLAIM, [key], [token, owner, ttl, FENCE_MS]),
        )
        return won
          ? { won: true, lease: leaseOf(key, token, what, ttl) }
          : { won: false, owner: what }
      } catch (error) {
        // Perhaps the lease was won and only the answer lost: then nobody else could have it.
        redis.post(RELEASE, [key], [token])
        throw error
      }
    },
  }
}
