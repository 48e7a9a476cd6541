import { afterAll, beforeAll, jest } from '@jest/globals'
import { startCluster, type TestRedises } from '../support/redis.ts'
import { cacheIndexContract } from './cache-index.ts'
import { emptyIndex } from './redis-index.ts'

jest.setTimeout(30_000)

let cluster: TestRedises
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.end())

cacheIndexContract('redis', () => emptyIndex(cluster.url, cluster.servers))
