import { z } from 'zod'
import type { AnnouncedNode, CacheIndex } from '../../index/cache-index.ts'
import { longestOf, NOW_MS, script } from './redis-calls.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'

/** Of one node, as JSON; another program may have written more. */
const MAX_ABOUT_BYTES = 4096
const MAX_NODE_BYTES = 1024
const MAX_NODES = 1000

/**
 * KEYS: announced, present. ARGV: node, JSON, milliseconds. Answers what stood there for that node, or nothing, then
 * node, JSON, node, JSON, and so on. Time is Redis' clock, because the clocks of nodes differ; who is there for longer
 * than any says was so before that one was set back. One script, because a node that ends between two commands would
 * stay announced for ever.
 */
const ANNOUNCE = script(`${NOW_MS}
local before = redis.call('HSTRLEN', KEYS[1], ARGV[1]) <= ${MAX_ABOUT_BYTES} and redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1])
local latest = string.format('%.0f', now + ${longestOf('ARGV[3]')})
for _, span in ipairs({{'-inf', now}, {'(' .. latest, '+inf'}}) do
  for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], span[1], span[2], 'LIMIT', 0, 100)) do
    redis.call('HDEL', KEYS[1], node)
    redis.call('ZREM', KEYS[2], node)
  end
end
local found = {before or ''}
for _, node in ipairs(redis.call('ZREVRANGE', KEYS[2], 0, ${MAX_NODES - 1})) do
  local fits = #node <= ${MAX_NODE_BYTES} and redis.call('HSTRLEN', KEYS[1], node) <= ${MAX_ABOUT_BYTES}
  local about = fits and redis.call('HGET', KEYS[1], node)
  if about then
    found[#found + 1] = node
    found[#found + 1] = about
  end
end
return found`)

/** KEYS: announced, present. ARGV: node. */
const WITHDRAW = script(`
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])`)

const pairsShape = z.array(z.string())

export function createRedisNodes(
  redis: RedisLink,
  { announced, present }: RedisKeys,
): Pick<CacheIndex, 'announce' | 'withdraw'> {
  return {
    async announce(node, about, ttlMs) {
      const args = [node, JSON.stringify(about), Math.max(1, Math.ceil(ttlMs))]
      const [before = '', ...reply] = pairsShape.parse(
        await redis.run(ANNOUNCE, [announced, present], args),
      )
      const mine = before === '' ? undefined : readAbout(node, before)
      const found: AnnouncedNode[] = []
      for (let at = 0; at + 1 < reply.length; at += 2) {
        const one = readAbout(reply[at] ?? '', reply[at + 1] ?? '')
        if (one) found.push(one.node === node && mine ? { ...one, before: mine.about } : one)
      }
      return found
    },
    async withdraw(node) {
      await redis.run(WITHDRAW, [announced, present], [node])
    },
  }
}

/** Undefined: what stands there is no JSON. */
export function readAbout(node: string, json: string): AnnouncedNode | undefined {
  try {
    return { node, about: JSON.parse(json) }
  } catch {
    return undefined
  }
}
