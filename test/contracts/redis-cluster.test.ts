import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { connectForLibrary } from '../../cache/backends/redis/redis-client.ts'
import { redisPlace } from '../../config/redis-place.ts'
import { openTimers } from '../support/open-timers.ts'
import { startCluster, type TestRedises } from '../support/server/redis.ts'
import { eventually, sleep } from '../support/wait.ts'
import { boundedIndexContract, cacheIndexContract } from './cache-index.ts'
import { connectedAt, emptyIndex } from './redis-index.ts'

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
    const index = await connectedAt(cluster.url)
    try {
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
    } finally {
      await index.close()
    }
  }
  // Most of 300.
  expect(all).toBeGreaterThan(150)
})

test('closed while it asks for the slots, it leaves no timer', async () => {
  const before = openTimers()
  const client = connectForLibrary(redisPlace(cluster.url, ''), 1000)
  await eventually('it is connected', () => client.status === 'ready')
  for (const server of cluster.servers) server.signal('SIGSTOP')
  try {
    // It asks once a second, and waits a second for each of the three.
    await sleep(1500)
    client.disconnect()
    await eventually('it has ended', () => client.status === 'end')
  } finally {
    for (const server of cluster.servers) server.signal('SIGCONT')
  }
  await eventually('no timer is left', () => openTimers() <= before)
})
