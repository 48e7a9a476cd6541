import { randomBytes } from 'node:crypto'
import type { StoredValue } from '../../index/cache-index.ts'
import { MAX_VALUE_BYTES } from '../../index/value-size.ts'
import { script } from './redis-calls.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import type { RedisValueRoom } from './redis-value-room.ts'

// A value is the text `<revision> <token of its writer> <JSON>`.
const HEAD = /^([1-9]\d{0,15}) ([0-9a-f]{16}) /
const HEAD_BYTES = 34

/**
 * KEYS: value. ARGV: expected revision, JSON, milliseconds to live (0: it is not kept), token. One script, because between a
 * GET and a SET another node could write, and one of two new sources of a title would be lost.
 * A revision is the time in microseconds, and greater than the last one. So it needs no counter, which
 * would start again when Redis is flushed, no key that outlives the value, and is never used twice.
 * The token recognises a write that is sent again after a lost answer (Cluster does that): such a write
 * must not conflict with itself.
 */
const WRITE = script(`
local revision, token = string.match(redis.call('GETRANGE', KEYS[1], 0, ${HEAD_BYTES - 1}), '^(%d+) (%x+) ')
revision = tonumber(revision) or 0
if token == ARGV[4] then return 1 end
if revision ~= tonumber(ARGV[1]) then return 0 end
local now = redis.call('TIME')
revision = math.max(now[1] * 1000000 + now[2], revision + 1)
local value = string.format('%.0f', revision) .. ' ' .. ARGV[4] .. ' ' .. ARGV[2]
if ARGV[3] == '0' then redis.call('DEL', KEYS[1])
else redis.call('SET', KEYS[1], value, 'PX', ARGV[3]) end
return 1`)

/** What is too large to be ours is removed where it is: it may have half a gigabyte. */
const READ = script(`
if redis.call('STRLEN', KEYS[1]) > ${MAX_VALUE_BYTES + HEAD_BYTES} then
  redis.call('UNLINK', KEYS[1])
  return false
end
return redis.call('GET', KEYS[1])`)

/** KEYS: value. ARGV: its text. Removes only what was read: somebody may have written a good one since. */
const DROP = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`)

/** Undefined for a text of any other form. */
function storedValueOf<T>(text: string): (StoredValue<T> & { json: string }) | undefined {
  const [head, revision] = HEAD.exec(text) ?? []
  if (head === undefined || !Number.isSafeInteger(Number(revision))) return undefined
  try {
    const json = text.slice(head.length)
    // The reader checks the shape of the value itself.
    return { value: JSON.parse(json) as T, revision: Number(revision), json }
  } catch {
    return undefined
  }
}

/** The key-value store in Redis, one key a value. */
export class RedisValues {
  readonly #redis: RedisLink
  readonly #keys: RedisKeys
  readonly #room: RedisValueRoom

  constructor(redis: RedisLink, keys: RedisKeys, room: RedisValueRoom) {
    this.#redis = redis
    this.#keys = keys
    this.#room = room
  }

  async read<T>(name: string): Promise<StoredValue<T> | undefined> {
    const key = this.#keys.value(name)
    const text = await this.#redis.run(READ, [key], [])
    if (typeof text !== 'string') return undefined
    const stored = storedValueOf<T>(text)
    if (!stored) {
      await this.#redis.run(DROP, [key], [text])
      return undefined
    }
    const { json, ...found } = stored
    this.#room.noteRead(name, json)
    return found
  }

  async write(
    name: string,
    value: unknown,
    expectedRevision: number,
    ttlMs: number,
  ): Promise<boolean> {
    const json = JSON.stringify(value) ?? 'null'
    const isKept = this.#room.mayHold(name, json)
    const ttl = isKept ? Math.max(1, Math.ceil(ttlMs)) : 0
    const token = randomBytes(8).toString('hex')
    const args = [expectedRevision, json, ttl, token]
    const written = (await this.#redis.run(WRITE, [this.#keys.value(name)], args)) === 1
    if (written && isKept) this.#room.noteWrite(name, json, ttl)
    return written
  }
}
