import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { usualTimeouts } from '../../cache/backends/redis/redis-calls.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { startCluster, startSentinels, type TestRedises } from '../support/server/redis.ts'
import { eventually } from '../support/wait.ts'
import { entry, key } from './index-entries.ts'
import { connectedAt } from './redis-index.ts'

const HOUR = 3_600_000

let redises: TestRedises
let index: CacheIndex
let backs: number
beforeEach(() => {
  backs = 0
})
afterEach(async () => {
  await index?.close()
  await redises?.end()
})

async function open(): Promise<void> {
  index = await connectedAt(redises.url, {
    onUp: (lost) => void (lost && backs++),
    timeouts: usualTimeouts,
  })
  await index.save(entry(1))
  await index.writeValue('n', 'kept', 0, HOUR)
}

test('sentinels: the master dies, the replica is found and has what was written', async () => {
  redises = await startSentinels()
  await open()
  const [master, replica] = redises.servers
  if (!master || !replica) throw new Error('no replica')
  await master.client.wait(1, 2000)
  await master.kill()
  await eventually('out of use', () => !index.connected)
  await expect(index.readValue('n')).rejects.toThrow(/^Redis/)
  await eventually('the replica in use', () => index.connected)
  expect(backs).toBeGreaterThan(0)
  expect(await replica.client.role()).toContain('master')
  expect((await index.readValue('n'))?.value).toBe('kept')
  expect(await index.find(key(1))).toEqual([entry(1)])
  await index.save(entry(2))
  expect(await index.totals('a')).toEqual({ files: 2, bytes: 203 })
})

test('cluster: a node dies and comes back empty; the others go on', async () => {
  redises = await startCluster()
  await open()
  const [, , last] = redises.servers
  if (!last) throw new Error('no third node')
  await last.kill()
  // With a part of its slots gone a cluster refuses all: out of use at the latest with the next heartbeat.
  await eventually('out of use', () => !index.connected)
  await last.restart()
  await eventually('in use again', () => index.connected)
  expect(backs).toBeGreaterThan(0)
  await index.save(entry(2))
  expect(await index.find(key(2))).toEqual([entry(2)])
})
