import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { startCluster, type TestRedises } from '../support/server/redis.ts'
import { cacheIndexContract } from './cache-index.ts'
import { emptyIndex, openAt } from './redis-index.ts'

jest.setTimeout(30_000)

let cluster: TestRedises
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.end())

cacheIndexContract('redis', () => emptyIndex(cluster.url, cluster.servers))

test('many calls at once, each the first one to its node', async () => {
  for (let round = 0; round < 10; round++) {
    const index = await openAt(cluster.url)
    // Names that lie on all three nodes.
    const names = Array.from({ length: 30 }, (_, i) => `n${round}-${i}`)
    const written = await Promise.all(names.map((name) => index.writeValue(name, 1, 0, 60_000)))
    expect(written).not.toContain(false)
    expect(index.connected).toBe(true)
    await index.close()
  }
})
