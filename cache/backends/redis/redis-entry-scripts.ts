import { MAX_ENTRY_BYTES, MAX_KEY_BYTES } from '../../index/value-size.ts'
import { script } from './redis-calls.ts'

// An entry is `<bytes> <usedAt> <JSON of the rest>`: scripts need only the two numbers, and Lua's JSON
// would round large ones. The sum of the bytes is a field of the same hash, so that a Redis that evicts
// keys removes both or none. KEYS: entries and order of a node, and all nodes (redis-keys.ts).
const SHARED = `
local SUM = '#bytes'
local function bytes_of(value)
  return tonumber(string.match(value, '^(%d+) '))
end
local function counted()
  return tonumber(redis.call('HGET', KEYS[1], SUM) or 0) or 0
end
local function added_up(key)
  local all = redis.call('HGETALL', KEYS[1])
  local sum = 0
  for i = 1, #all, 2 do
    if all[i] ~= SUM and all[i] ~= key then sum = sum + (bytes_of(all[i + 1]) or 0) end
  end
  return sum
end
-- The bytes of a value that cannot be read are unknown: then the sum is made again from all others.
local function sum_without(key, old)
  if not old then return counted() end
  local gone = bytes_of(old)
  return gone and counted() - gone or added_up(key)
end
local function seen(node)
  redis.call('ZADD', KEYS[3], redis.call('TIME')[1], node)
end
`

/**
 * KEYS, further: the fence of the file. ARGV: key, value, bytes, usedAt, node, fence (or an empty text),
 * milliseconds to keep the fence. Answers 0 when the fence is an old one. One script, because two calls that both HGET before they HINCRBY
 * would count one file twice, and a crash between the commands would leave it without an order.
 */
export const SAVE = script(`${SHARED}
if ARGV[6] ~= '' then
  if (tonumber(redis.call('GET', KEYS[4]) or 0) or 0) > tonumber(ARGV[6]) then return 0 end
  redis.call('SET', KEYS[4], ARGV[6], 'PX', ARGV[7])
end
local sum = sum_without(ARGV[1], redis.call('HGET', KEYS[1], ARGV[1])) + tonumber(ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2], SUM, string.format('%.0f', sum))
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
seen(ARGV[5])
return 1`)

/** ARGV: key, usedAt. One script, because a forget between the commands would leave half an entry. */
export const TOUCH = script(`
local old = redis.call('HGET', KEYS[1], ARGV[1])
local bytes, rest = string.match(old or '', '^(%d+) %S+ (.*)$')
if not bytes then return end
redis.call('HSET', KEYS[1], ARGV[1], bytes .. ' ' .. ARGV[2] .. ' ' .. rest)
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])`)

/**
 * ARGV: key, node, and optionally the value that is to be removed: another one, saved since, must stay.
 * One script, because two forgets at once would both subtract the bytes. With its last entry the keys of
 * a node go too, because nodes come and go.
 */
export const FORGET = script(`${SHARED}
local old = redis.call('HGET', KEYS[1], ARGV[1])
if ARGV[3] and ARGV[3] ~= (old or '') then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
if not old then return 0 end
local sum = ARGV[3] and added_up(ARGV[1]) or sum_without(ARGV[1], old)
redis.call('HDEL', KEYS[1], ARGV[1])
if redis.call('HLEN', KEYS[1]) > 1 then
  redis.call('HSET', KEYS[1], SUM, string.format('%.0f', sum))
else
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('ZREM', KEYS[3], ARGV[2])
end
return 1`)

/**
 * ARGV: node. Files are counted in the order, bytes in the entries. When Redis has evicted one of the two
 * keys, the totals are wrong, and so the node notices and reports everything again (heal-index.ts). A
 * node asks for its own totals at every sweep, which also shows that it is alive.
 */
export const TOTALS = script(`${SHARED}
local files = redis.call('ZCARD', KEYS[2])
if files > 0 then seen(ARGV[1]) end
return {files, string.format('%.0f', counted())}`)

// Another program may write millions of keys, and texts of any length: what is too long to be ours is
// removed where it is, and of the rest a page is read at a time.

/** KEYS: order, entries. ARGV: the first rank and the last. Answers file keys, and how many it passed over. */
export const KEYS_BY_USE = script(`
local page = {}
local removed = 0
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2])) do
  if #key <= ${MAX_KEY_BYTES} then page[#page + 1] = key
  else
    redis.call('ZREM', KEYS[1], key)
    redis.call('HDEL', KEYS[2], key)
    removed = removed + 1
  end
end
return {removed, page}`)

/** KEYS: entries. ARGV: file keys. Answers a value for each, an empty text where there is none. */
export const VALUES = script(`
local values = {}
for i, key in ipairs(ARGV) do
  if redis.call('HSTRLEN', KEYS[1], key) > ${MAX_ENTRY_BYTES} then redis.call('HDEL', KEYS[1], key) end
  values[i] = redis.call('HGET', KEYS[1], key) or ''
end
return values`)

/** Makes the sum again from all entries: another program may have changed it. */
export const COUNT_AGAIN = script(`${SHARED}
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HSET', KEYS[1], SUM, string.format('%.0f', added_up('')))
end`)

// The next three scripts use keys of nodes whose names only Redis knows. These keys have the hash tag of
// the declared key, so they lie in its slot. Keys of another type count as nothing.

/** The nodes that wrote last; another program may have named millions. */
const NODES = "redis.call('ZREVRANGE', KEYS[1], 0, 999)"
const MAX_NODE_BYTES = 1024

/** KEYS: nodes. ARGV: prefix of entries, prefix of orders. */
export const TOTALS_OF_ALL = script(`
local files, bytes = 0, 0
for _, node in ipairs(${NODES}) do
  local count = redis.pcall('ZCARD', ARGV[2] .. node)
  local sum = redis.pcall('HGET', ARGV[1] .. node, '#bytes')
  if type(count) == 'number' then files = files + count end
  if type(sum) == 'string' then bytes = bytes + (tonumber(sum) or 0) end
end
return {files, string.format('%.0f', bytes)}`)

/** KEYS: nodes. ARGV: prefix of entries, file key. Answers node, value, node, value, and so on. */
export const FIND = script(`
local found = {}
for _, node in ipairs(${NODES}) do
  local length = redis.pcall('HSTRLEN', ARGV[1] .. node, ARGV[2])
  local fits = type(length) == 'number' and length <= ${MAX_ENTRY_BYTES}
  local value = fits and #node <= ${MAX_NODE_BYTES} and redis.pcall('HGET', ARGV[1] .. node, ARGV[2])
  if type(value) == 'string' then
    found[#found + 1] = node
    found[#found + 1] = value
  end
end
return found`)

/**
 * KEYS: nodes. ARGV: prefix of entries, prefix of orders, seconds of silence. A container without
 * a volume is a new node at every start, and the entries of the old ones would stay for ever. A node that
 * is removed here and was only quiet finds its totals wrong and reports everything again.
 */
export const DROP_SILENT = script(`
local before = redis.call('TIME')[1] - ARGV[3]
local silent = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', before, 'LIMIT', 0, 100)
for _, node in ipairs(silent) do
  redis.call('UNLINK', ARGV[1] .. node, ARGV[2] .. node)
  redis.call('ZREM', KEYS[1], node)
end
return #silent`)
