import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { startRedis, type TestRedis } from '../support/server/redis.ts'
import { entry, key } from './index-entries.ts'
import { connectedAt } from './redis-index.ts'

let server: TestRedis
let index: CacheIndex
beforeAll(async () => {
  server = await startRedis()
  index = await connectedAt(server.url)
})
afterAll(async () => {
  await index?.close()
  await server?.end()
})

const nodesOf = async (n: number): Promise<string[]> =>
  (await index.find(key(n))).map(({ node }) => node).sort()

test('an entry of an earlier lease is refused as soon as one of a later lease was saved', async () => {
  const lease = async (owner: string): Promise<number> => {
    const claim = await index.claim('torrent:1', owner, 20)
    if (!claim.won) throw new Error('not won')
    await new Promise((resolve) => setTimeout(resolve, 40))
    return claim.lease.fence
  }
  const [paused, successor] = [await lease('a'), await lease('b')]
  expect(await index.save(entry(2, { node: 'a', complete: false }), paused)).toBe(true)
  // Nobody has saved anything under the later one yet: nothing says that the earlier one is over.
  expect(await index.save(entry(2, { node: 'a', complete: false, bytes: 7 }), paused)).toBe(true)
  expect(await index.save(entry(2, { node: 'b', complete: false }), successor)).toBe(true)
  expect(await index.save(entry(2, { node: 'a', complete: true, bytes: 9 }), paused)).toBe(false)
  expect(await nodesOf(2)).toEqual(['a', 'b'])
  expect((await index.find(key(2))).every(({ complete }) => !complete)).toBe(true)
  expect(await index.totals('a')).toEqual({ files: 1, bytes: 7 })
  expect(await index.save(entry(2, { node: 'b', complete: true }), successor)).toBe(true)
})

test('what a node finds on its disk it saves without one', async () => {
  await index.save(entry(4, { node: 'b' }), Number.MAX_SAFE_INTEGER)
  expect(await index.save(entry(4, { node: 'a' }))).toBe(true)
  expect(await nodesOf(4)).toEqual(['a', 'b'])
})

test('what another program wrote as a fence is none, and keeps nothing for ever', async () => {
  const name = `playlink:1:{index}:fence:${key(6)}`
  await server.client.set(name, 'x')
  expect(await index.save(entry(6), 5)).toBe(true)
  expect(await server.client.pttl(name)).toBeGreaterThan(0)
})
