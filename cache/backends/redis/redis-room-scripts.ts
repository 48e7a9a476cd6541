import { NOW_MS, script } from './redis-calls.ts'

// KEYS of all: uses, sizes and ends of values (redis-keys.ts). They lie in one slot, values in any: so a
// value and what is told of it are two calls, and what is told may be a second late. Fields of `sizes`
// begin with `:`, because names can be any text; `sum` is the sum.
const SHARED = `
local uses, sizes, ends = KEYS[1], KEYS[2], KEYS[3]
local function count(name, bytes)
  local old = tonumber(redis.call('HGET', sizes, ':' .. name) or 0) or 0
  if bytes > 0 then redis.call('HSET', sizes, ':' .. name, bytes)
  else redis.call('HDEL', sizes, ':' .. name) end
  redis.call('HINCRBY', sizes, 'sum', string.format('%.0f', bytes - old))
end
local function forget(name)
  count(name, 0)
  redis.call('ZREM', uses, name)
  redis.call('ZREM', ends, name)
end
`

/**
 * ARGV: bytes that all values may take, milliseconds that a value lives when its end is not known; then name,
 * bytes and milliseconds to live (or an empty text) of each value that was used. Answers the sum and, when
 * that is too much, the least recently used values, each with its last use.
 * One script, because two nodes that both read the old size would count a value twice.
 */
export const TELL = script(`${SHARED}${NOW_MS}
local function ms(number) return string.format('%.0f', number) end
for i = 3, #ARGV, 3 do
  local name, ttl = ARGV[i], tonumber(ARGV[i + 2])
  count(name, tonumber(ARGV[i + 1]))
  redis.call('ZADD', uses, ms(now), name)
  if ttl then redis.call('ZADD', ends, ms(now + ttl), name)
  else redis.call('ZADD', ends, 'NX', ms(now + tonumber(ARGV[2])), name) end
end
for _, name in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', ms(now), 'LIMIT', 0, 200)) do
  forget(name)
end
local sum = tonumber(redis.call('HGET', sizes, 'sum') or 0) or 0
local over = sum - tonumber(ARGV[1])
local answer = {ms(sum)}
if over <= 0 then return answer end
local oldest = redis.call('ZRANGE', uses, 0, 199, 'WITHSCORES')
-- Redis has evicted one of our keys: the sum stands for nothing any more.
if #oldest == 0 then redis.call('DEL', sizes, ends) end
for i = 1, #oldest, 2 do
  if over <= 0 then break end
  over = over - (tonumber(redis.call('HGET', sizes, ':' .. oldest[i]) or 0) or 0)
  -- No name of ours is as long: another program wrote it.
  if #oldest[i] > 8192 then forget(oldest[i])
  else
    answer[#answer + 1] = oldest[i]
    answer[#answer + 1] = oldest[i + 1]
  end
end
return answer`)

/**
 * ARGV: name and last use of each value that was removed. One that was used since stays counted: another
 * node may have written it again.
 */
export const REMOVED = script(`${SHARED}
for i = 1, #ARGV, 2 do
  if redis.call('ZSCORE', uses, ARGV[i]) == ARGV[i + 1] then forget(ARGV[i]) end
end`)

/** Answers the sum. */
export const SUM = script(`return string.sub(redis.call('HGET', KEYS[2], 'sum') or '0', 1, 40)`)
