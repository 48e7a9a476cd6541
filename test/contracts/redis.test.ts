import { afterAll, beforeAll } from '@jest/globals'
import { startRedis, type TestRedis } from '../support/server/redis.ts'
import { boundedIndexContract, cacheIndexContract } from './cache-index.ts'
import { emptyIndex } from './redis-index.ts'

let server: TestRedis
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.end())

cacheIndexContract('redis', () => emptyIndex(server.url, [server]))
boundedIndexContract('redis', (options) => emptyIndex(server.url, [server], options))
