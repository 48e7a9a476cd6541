import { describe, expect, test } from '@jest/globals'
import { FileRecord } from '../../cache/disk/file-record.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { healIndex } from '../../cache/store/heal-index.ts'
import { fakeClock, layout } from '../cache/fixture.ts'
import type { TestRedis } from '../support/server/redis.ts'
import { eventually } from '../support/wait.ts'
import { entry, key } from './index-entries.ts'
import { connectedAt, withRedis } from './redis-index.ts'

const HOUR = 3_600_000
const ENTRIES = 'playlink:1:{index}:entries:a'
const ORDER = 'playlink:1:{index}:order:a'
const NODES = 'playlink:1:{index}:nodes'

let server: TestRedis
let index: CacheIndex
withRedis((...redis) => {
  ;[server, index] = redis
})

describe('a bad value is a miss and is deleted', () => {
  test.each([
    'x',
    '',
    '5',
    '-5 1 {}',
    '5 x {"name":"n","size":1,"complete":true,"storedAt":1}',
    '5 1 {"name":"n","size":1,"complete":true,"storedAt":1',
    '5 1 {"name":1,"size":1,"complete":true,"storedAt":1}',
    '5 1 {"name":"n","size":-1,"complete":true,"storedAt":1}',
    '99999999999999999999 1 {"name":"n","size":1,"complete":true,"storedAt":1}',
  ])('entry %j', async (value) => {
    await index.save(entry(1))
    await index.save(entry(2))
    await server.client.hset(ENTRIES, key(1), value)
    expect(await index.find(key(1))).toEqual([])
    expect(await server.client.hexists(ENTRIES, key(1))).toBe(0)
    expect((await index.leastRecent('a', 9)).map((each) => each.key)).toEqual([key(2)])
    expect((await index.totals('a')).files).toBe(1)
  })

  test('the sum is right after an unreadable entry was found or saved over', async () => {
    for (const n of [1, 2, 3]) await index.save(entry(n))
    await server.client.hset(ENTRIES, key(1), 'x', key(2), 'y')
    await index.find(key(1))
    await index.save(entry(2))
    expect(await index.totals('a')).toEqual({ files: 2, bytes: 102 + 103 })
  })

  test('a wrong sum is corrected by the next healing', async () => {
    for (const n of [1, 2]) await index.save(entry(n))
    await server.client.hset(ENTRIES, '#bytes', '-12')
    await index.leastRecent('a', 9)
    expect(await index.totals('a')).toEqual({ files: 2, bytes: 203 })
  })

  test('an entry whose key is no file key', async () => {
    await index.save(entry(1))
    const value = (await server.client.hget(ENTRIES, key(1))) ?? ''
    await server.client.hset(ENTRIES, '../etc/0', value)
    await server.client.zadd(ORDER, 1, '../etc/0')
    expect(await index.leastRecent('a', 9)).toEqual([entry(1)])
    expect(await server.client.hexists(ENTRIES, '../etc/0')).toBe(0)
  })

  test.each(['x', '1 2 3', '0 0123456789abcdef 1', '5 0123456789abcdef {'])(
    'value %j',
    async (text) => {
      await server.client.set('playlink:1:note:n', text)
      expect(await index.readValue('n')).toBeUndefined()
      expect(await server.client.exists('playlink:1:note:n')).toBe(0)
      expect(await index.writeValue('n', 1, 0, HOUR)).toBe(true)
    },
  )

  test('keys of another type', async () => {
    for (const name of [ENTRIES, ORDER, NODES, 'playlink:1:note:n', 'playlink:1:lease:x']) {
      await server.client.lpush(name, 'x')
    }
    await index.save(entry(1))
    expect(await index.find(key(1))).toEqual([entry(1)])
    expect(await index.readValue('n')).toBeUndefined()
    expect((await index.claim('x', 'a', HOUR)).won).toBe(true)
    expect(await index.totals()).toEqual({ files: 1, bytes: 101 })
    expect(index.connected).toBe(true)
  })
})

describe('what Redis lost is reported again', () => {
  const clock = fakeClock()
  function records() {
    return [1, 2, 3].map((n) => {
      const record = new FileRecord(key(n), `film ${n}`, layout(1024 * n), clock)
      record.mark(0)
      return record
    })
  }
  const whole = { files: 3, bytes: 3 * 1024 }

  test.each([[[ENTRIES]], [[ORDER]], [[ENTRIES, ORDER]], [[NODES]]])('%j', async (lost) => {
    await healIndex(index, 'a', records())
    expect(await index.totals('a')).toEqual(whole)
    await server.client.del(...lost)
    await healIndex(index, 'a', records())
    expect(await index.totals('a')).toEqual(whole)
    expect(await index.totals()).toEqual(whole)
    expect(await index.leastRecent('a', 9)).toHaveLength(3)
    expect(await index.find(key(2))).toHaveLength(1)
    expect(await healIndex(index, 'a', records())).toBe(0)
  })

  test('entries that the disk does not have are forgotten; an empty node leaves no key', async () => {
    await healIndex(index, 'a', records())
    await index.save(entry(9))
    await server.client.zadd(ORDER, 1, key(8))
    await healIndex(index, 'a', records())
    expect(await index.totals('a')).toEqual(whole)
    await healIndex(index, 'a', [])
    expect(await server.client.keys('*')).toEqual(['playlink:1:{index}:pulse'])
  })
})

test('entries of a node that was silent for a week are removed at the next connection', async () => {
  await index.save(entry(1))
  await index.save(entry(2, { node: 'gone' }))
  const [now] = (await server.client.time()).map(Number) as [number]
  await server.client.zadd(NODES, now - 8 * 24 * 3600, 'gone')
  const another = await connectedAt(server.url)
  await eventually('the silent one dropped', async () => (await index.totals()).files === 1)
  await another.close()
  expect(await index.find(key(2))).toEqual([])
  expect(await index.totals('gone')).toEqual({ files: 0, bytes: 0 })
  expect(await index.totals('a')).toEqual({ files: 1, bytes: 101 })
})

test('sums of petabytes are exact', async () => {
  const bytes = 4_000_000_000_000_001
  await index.save(entry(1, { bytes }))
  await index.save(entry(2, { bytes: 3 }))
  expect(await index.totals('a')).toEqual({ files: 2, bytes: bytes + 3 })
  expect(await index.totals()).toEqual({ files: 2, bytes: bytes + 3 })
})

test('fences and revisions grow although Redis was flushed', async () => {
  await index.writeValue('n', 1, 0, HOUR)
  const before = await index.claim('x', 'a', HOUR)
  const revision = (await index.readValue('n'))?.revision ?? 0
  await server.client.flushall()
  await index.writeValue('n', 1, 0, HOUR)
  const after = await index.claim('x', 'a', HOUR)
  if (!before.won || !after.won) throw new Error('not won')
  expect(after.lease.fence).toBeGreaterThan(before.lease.fence)
  expect((await index.readValue('n'))?.revision).toBeGreaterThan(revision)
  expect(await before.lease.renew()).toBe(false)
})
