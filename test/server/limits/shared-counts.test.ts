import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { connectForLibrary } from '../../../cache/backends/redis/redis-client.ts'
import { redisPlace } from '../../../config/redis-place.ts'
import { RateLimiter } from '../../../server/limits/rate-limiter.ts'
import { startRedis, type TestRedis } from '../../support/server/redis.ts'
import { eventually } from '../../support/wait.ts'

describe('counts that nodes share', () => {
  let redis: TestRedis
  const ends: (() => void)[] = []
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(async () => {
    for (const end of ends) end()
    await redis.end()
  })

  async function node(name: string, isUp = () => true): Promise<RateLimiter> {
    const client = connectForLibrary(redisPlace(redis.url, ''), 1000)
    const rate = new RateLimiter({ name, max: 3, windowSeconds: 60, shared: { client, isUp } })
    ends.push(() => client.disconnect())
    ends.push(() => rate.close())
    await eventually('a connection', () => client.status === 'ready')
    return rate
  }
  const take = async (rate: RateLimiter, times: number): Promise<boolean[]> => {
    const all: boolean[] = []
    for (let i = 0; i < times; i++) all.push((await rate.consume('192.0.2.1')) === undefined)
    return all
  }

  test('an address has its share of all nodes together, under keys of ours', async () => {
    const [a, b] = [await node('lists'), await node('lists')]
    expect(await take(a, 2)).toEqual([true, true])
    expect(await take(b, 2)).toEqual([true, false])
    expect(await take(a, 1)).toEqual([false])
    const keys = await redis.client.keys('*')
    expect(keys.filter((key) => !key.startsWith('playlink:'))).toEqual([])
    expect(keys).toHaveLength(1)
    expect(await redis.client.pttl(keys[0] ?? '')).toBeGreaterThan(0)
  })

  test('while Redis is out of use each node counts for itself, and does not ask it', async () => {
    let up = false
    const [a, b] = [await node('searches', () => up), await node('searches', () => up)]
    expect(await take(a, 4)).toEqual([true, true, true, false])
    expect(await take(b, 4)).toEqual([true, true, true, false])
    expect(await redis.client.keys('*searches*')).toEqual([])
    up = true
    expect(await take(a, 1)).toEqual([true])
  })

  test('a Redis that dies costs nobody an answer, and no address its limit', async () => {
    const rate = await node('coldStarts')
    expect(await take(rate, 1)).toEqual([true])
    await redis.kill()
    expect(await take(rate, 4)).toEqual([true, true, true, false])
  })
})
