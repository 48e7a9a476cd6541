import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startCluster, type TestRedises } from '../support/server/redis.ts'
import { boundedIndexContract, cacheIndexContract } from './cache-index.ts'
import { emptyIndex, openAt } from './redis-index.ts'

let cluster: TestRedises
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.end())

cacheIndexContract('redis', () => emptyIndex(cluster.url, cluster.servers))
boundedIndexContract('redis', (options) => emptyIndex(cluster.url, cluster.servers, options))

const NO_ANSWER_IN_TIME = expect.stringMatching(/^Redis: no answer within/)

test('many calls at once, each the first one to its node', async () => {
  let all = 0
  for (let round = 0; round < 10; round++) {
    const index = await openAt(cluster.url)
    // Names that lie on all three nodes.
    const names = Array.from({ length: 30 }, (_, i) => `n${round}-${i}`)
    const outcomes = await Promise.allSettled(
      names.map((name) => index.writeValue(name, 1, 0, 60_000)),
    )
    // A busy machine may take longer than a call has. None may be refused without being sent.
    const slow = outcomes.filter(({ status }) => status === 'rejected')
    for (const one of slow) expect(one).toMatchObject({ reason: { message: NO_ANSWER_IN_TIME } })
    const written = outcomes.filter(({ status }) => status === 'fulfilled')
    expect(written).not.toContainEqual({ status: 'fulfilled', value: false })
    if (slow.length === 0) expect(index.connected).toBe(true)
    all += written.length
    await index.close()
  }
  // Most of 300.
  expect(all).toBeGreaterThan(150)
})
