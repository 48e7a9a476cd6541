import { describe, expect, test } from '@jest/globals'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { TestRedis } from '../support/server/redis.ts'
import { eventually } from '../support/wait.ts'
import { entry, key } from './index-entries.ts'
import { connectedAt, withRedis } from './redis-index.ts'

const HOUR = 3_600_000
const BASE = 'playlink:1:'
const [ENTRIES, ORDER, NODES] = ['entries:a', 'order:a', 'nodes'].map(
  (name) => `${BASE}{index}:${name}`,
) as [string, string, string]
const LARGE = 'x'.repeat(2 ** 20)

let server: TestRedis
let index: CacheIndex
withRedis((...redis) => {
  ;[server, index] = redis
})

/** Bytes that Redis sent to anybody while the work ran. */
async function sentWhile<T>(work: () => Promise<T>): Promise<{ sent: number; result: T }> {
  const total = async (): Promise<number> =>
    Number(/total_net_output_bytes:(\d+)/.exec(await server.client.info('stats'))?.[1])
  const before = await total()
  const result = await work()
  return { sent: (await total()) - before, result }
}

/** A twentieth of what is there. */
const FEW = LARGE.length / 20

describe('of what another program wrote only as much is read as may be ours', () => {
  test('a value of 5 MB: a miss, removed, and written anew', async () => {
    const json = JSON.stringify(LARGE.repeat(5))
    await server.client.set(`${BASE}note:n`, `5 0123456789abcdef ${json}`)
    const { sent, result } = await sentWhile(() => index.readValue('n'))
    expect(result).toBe(undefined)
    expect(sent).toBeLessThan(FEW)
    expect(await server.client.exists(`${BASE}note:n`)).toBe(0)
    expect(await index.writeValue('n', 1, 0, HOUR)).toBe(true)
    expect((await index.readValue('n'))?.value).toBe(1)
  })

  test('a write over it compares without reading it', async () => {
    await server.client.set(`${BASE}note:n`, LARGE)
    const { sent, result } = await sentWhile(() => index.writeValue('n', 1, 0, HOUR))
    expect(result).toBe(true)
    expect(sent).toBeLessThan(FEW)
  })

  test.each([
    ['the value of an entry', () => server.client.hset(ENTRIES, key(1), `5 1 "${LARGE}"`)],
    ['a key in the order', () => server.client.zadd(ORDER, 1, LARGE)],
    [
      'a key in both',
      async () => {
        await server.client.hset(ENTRIES, LARGE, '5 1 {}')
        await server.client.zadd(ORDER, 1, LARGE)
      },
    ],
    ['the name of a node', () => server.client.zadd(NODES, 9e15, LARGE)],
    ['a sum', () => server.client.hset(ENTRIES, '#bytes', LARGE)],
  ])('%s of a megabyte', async (_, write) => {
    for (const n of [1, 2]) await index.save(entry(n))
    await write()
    const { sent, result } = await sentWhile(async () => ({
      found: [await index.find(key(1)), await index.find(key(2))],
      all: await index.leastRecent('a', 1_000_000),
      totals: await index.totals('a').catch(() => undefined),
    }))
    expect(sent).toBeLessThan(FEW)
    expect(result.found[1]).toEqual([entry(2)])
    expect(result.all.map((each) => each.key)).toContain(key(2))
    expect(await index.leastRecent('a', 1)).toHaveLength(1)
  })

  test('12,000 foreign keys before ours are passed over, and ours are found in their order', async () => {
    const foreign = Array.from({ length: 12_000 }, (_, n) => [n, `${'f'.repeat(70)}${n}`]).flat()
    await server.client.zadd(ORDER, ...foreign)
    for (const n of [3, 1, 2]) await index.save(entry(n))
    const all = await index.leastRecent('a', 1_000_000)
    expect(all).toEqual([entry(1), entry(2), entry(3)])
    expect(await server.client.zcard(ORDER)).toBe(3)
  })

  test('the name of a value of a megabyte in the order of uses', async () => {
    const small = await connectedAt(server.url, { maxValueBytes: 40_000 })
    try {
      await server.client.zadd(`${BASE}{index}:uses`, 1, LARGE)
      const { sent } = await sentWhile(async () => {
        for (let n = 0; n < 8; n++) await small.writeValue(`n${n}`, 'x'.repeat(9000), 0, HOUR)
        await eventually('the foreign name gone', async () => {
          const names = await server.client.zcount(`${BASE}{index}:uses`, 0, 2)
          return names === 0
        })
      })
      expect(sent).toBeLessThan(FEW)
    } finally {
      await small.close()
    }
  })

  test('the owner of a lease', async () => {
    const [seconds] = await server.client.time()
    const until = `${Number(seconds) * 1000 + HOUR}`
    await server.client.hset(`${BASE}lease:x`, { token: 't', owner: LARGE, until })
    const { sent, result } = await sentWhile(() => index.claim('x', 'a', HOUR))
    expect(result.won).toBe(false)
    expect(sent).toBeLessThan(FEW)
  })
})
