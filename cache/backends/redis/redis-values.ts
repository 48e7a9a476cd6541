import { randomBytes } from 'node:crypto'
import type { CacheIndex, StoredValue } from '../../index/cache-index.ts'
import { type RedisCalls, script } from './redis-calls.ts'
import type { RedisKeys } from './redis-keys.ts'

// A note is `<revision> <token of its writer> <JSON>`.
const HEAD = /^([1-9]\d{0,15}) ([0-9a-f]{16}) /

/**
 * KEYS: note. ARGV: expected revision, JSON, milliseconds to live, token. Compare and set in one step:
 * between a GET and a SET another node would write, and one of two new lines of a source list would be lost.
 * A revision is the time in microseconds, and more than the last one: no counter that starts again
 * when Redis is emptied, no key that outlives the note, and never twice the same.
 * The token: sent again after a lost answer (Cluster does), the same write is no conflict with itself.
 */
const WRITE = script(`
local revision, token = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%x+) ')
revision = tonumber(revision) or 0
if token == ARGV[4] then return 1 end
if revision ~= tonumber(ARGV[1]) then return 0 end
local now = redis.call('TIME')
revision = math.max(now[1] * 1000000 + now[2], revision + 1)
local value = string.format('%.0f', revision) .. ' ' .. ARGV[4] .. ' ' .. ARGV[2]
redis.call('SET', KEYS[1], value, 'PX', ARGV[3])
return 1`)

const READ = script(`return redis.call('GET', KEYS[1])`)

/** KEYS: note. ARGV: value. Only what was read: somebody may have written a good one since. */
const DROP = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`)

/** A note of another form is none. */
function storedValueOf<T>(text: string): StoredValue<T> | undefined {
  const [head, revision] = HEAD.exec(text) ?? []
  if (head === undefined || !Number.isSafeInteger(Number(revision))) return undefined
  try {
    // What is inside is the reader's to check: source lists and contents have shapes of their own.
    return { value: JSON.parse(text.slice(head.length)) as T, revision: Number(revision) }
  } catch {
    return undefined
  }
}

export function createRedisValues(
  redis: RedisCalls,
  keys: RedisKeys,
): Pick<CacheIndex, 'readValue' | 'writeValue'> {
  return {
    async readValue<T>(name: string) {
      const text = await redis.run(READ, [keys.note(name)], [])
      if (typeof text !== 'string') return undefined
      const note = storedValueOf<T>(text)
      if (!note) await redis.run(DROP, [keys.note(name)], [text])
      return note
    },
    async writeValue(name, value, expectedRevision, ttlMs) {
      const json = JSON.stringify(value) ?? 'null'
      const ttl = Math.max(1, Math.ceil(ttlMs))
      const token = randomBytes(8).toString('hex')
      const written = await redis.run(
        WRITE,
        [keys.note(name)],
        [expectedRevision, json, ttl, token],
      )
      return written === 1
    },
  }
}
