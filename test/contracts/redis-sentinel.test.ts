import { afterAll, beforeAll } from '@jest/globals'
import { startSentinels, type TestRedises } from '../support/server/redis.ts'
import { boundedIndexContract, cacheIndexContract } from './cache-index.ts'
import { emptyIndex } from './redis-index.ts'

let watched: TestRedises
beforeAll(async () => {
  watched = await startSentinels()
})
afterAll(() => watched.end())

cacheIndexContract('redis', () => emptyIndex(watched.url, watched.servers))
boundedIndexContract('redis', (options) => emptyIndex(watched.url, watched.servers, options))
