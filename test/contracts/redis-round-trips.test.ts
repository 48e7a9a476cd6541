import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { sentDuring, startRedis, type TestRedis } from '../support/server/redis.ts'
import { entry, key } from './index-entries.ts'
import { connectedAt } from './redis-index.ts'

let redis: TestRedis
let index: CacheIndex
beforeAll(async () => {
  redis = await startRedis()
  index = await connectedAt(redis.url)
})
afterAll(async () => {
  await index?.close()
  await redis?.end()
})

/** The calls of a play; a list for a sweep may take more round trips. */
const calls: readonly [string, () => Promise<unknown>][] = [
  ['save', () => index.save(entry(1))],
  ['find', () => index.find(key(1))],
  ['touch', () => index.touch(key(1), 'a', 1_800_000_000_000)],
  ['totals', () => index.totals('a')],
  ['writeValue', () => index.writeValue('book', { a: 1 }, 0, 60_000)],
  ['readValue', () => index.readValue('book')],
  ['claim', () => index.claim('fetch', 'a', 60_000)],
  ['forget', () => index.forget(key(1), 'a')],
]

test.each(calls)('%s is one round trip', async (_name, call) => {
  // The first call of a script sends it to Redis, which costs one more round trip once.
  await call()
  const sent = await sentDuring(redis, call)
  expect(sent).toHaveLength(1)
})
