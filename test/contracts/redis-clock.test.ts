import { expect, test } from '@jest/globals'
import { redisKeys } from '../../cache/backends/redis/redis-keys.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { TestRedis } from '../support/server/redis.ts'
import { withRedis } from './redis-index.ts'

const HOUR = 3_600_000
const TTL = 15_000
const LEASE = redisKeys().lease('torrent:x')
const { present, announced } = redisKeys()

let server: TestRedis
let index: CacheIndex
withRedis((...opened) => {
  ;[server, index] = opened
})

/** What it says of its end looks as when the clock of Redis has been set back by an hour. */
const setBackLease = (): Promise<unknown> => server.client.hincrby(LEASE, 'until', HOUR)

test('a lease of who has died does not last until the hour comes again', async () => {
  const first = await index.claim('torrent:x', 'a', TTL)
  expect(await index.claim('torrent:x', 'b', TTL)).toEqual({ won: false, owner: 'a' })
  await setBackLease()
  const second = await index.claim('torrent:x', 'b', TTL)
  if (!first.won || !second.won) throw new Error('not won')
  expect(second.lease.fence).toBeGreaterThan(first.lease.fence)
  expect(await first.lease.renew()).toBe(false)
})

test('who lives renews its own, and nobody gets it', async () => {
  const mine = await index.claim('torrent:x', 'a', TTL)
  await setBackLease()
  if (!mine.won) throw new Error('not won')
  expect(await mine.lease.renew()).toBe(true)
  expect(await index.claim('torrent:x', 'b', TTL)).toEqual({ won: false, owner: 'a' })
})

test('who has died is not there for another hour', async () => {
  const names = async (node: string): Promise<string[]> =>
    (await index.announce(node, {}, TTL)).map((one) => one.node).sort()
  await names('a')
  expect(await names('b')).toEqual(['a', 'b'])
  for (const node of ['a', 'b']) await server.client.zincrby(present, HOUR, node)
  expect(await names('b')).toEqual(['b'])
  expect(await server.client.hkeys(announced)).toEqual(['b'])
})
