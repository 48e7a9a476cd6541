import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { redisKeys } from '../../cache/backends/redis/redis-keys.ts'
import { CleanupStack } from '../../common/cleanup-stack.ts'
import { createLog } from '../../common/log.ts'
import { checkNodes, checkRedis } from '../../doctor/redis-checks.ts'
import { freePort } from '../support/free-port.ts'
import { listen } from '../support/server/listening.ts'
import { sentDuring, startRedis } from '../support/server/redis.ts'
import { startWeb } from '../support/web.ts'
import { configOf, like, never } from './setup.ts'

const log = createLog('silent')('cache')
let ends = new CleanupStack(log)
afterEach(async () => {
  await ends.disposeAsync()
  ends = new CleanupStack(log)
})

async function redisWith(...args: string[]) {
  const redis = await startRedis(args)
  ends.defer('redis', () => redis.end())
  return redis
}

const settings = (url: string, env: Readonly<Record<string, string>> = {}) =>
  configOf({ CACHE_BACKEND: 'redis', REDIS_URL: url, ...env })

describe('Redis', () => {
  test('that does, and is sent nothing that changes it', async () => {
    const redis = await redisWith()
    const sent = await sentDuring(redis, async () => {
      expect(await checkRedis(settings(redis.url), never)).toEqual(
        like('ok', 'maxmemory-policy noeviction'),
      )
    })
    const words = sent.map((line) => line.split(' ')[0]?.toLowerCase())
    expect([...new Set(words)].sort()).toEqual(['client', 'info', 'time', 'zrangebyscore'])
  })

  test.each([
    ['warning', ['--maxmemory-policy', 'allkeys-lru'], 'removes what is needed', 'noeviction'],
    ['warning', ['--maxmemory', '1mb'], 'less than what CACHE_META_MB takes', 'CACHE_META_MB'],
    ['ok', ['--maxmemory-policy', 'volatile-ttl'], 'volatile-ttl', undefined],
    ['fault', ['--requirepass', 'other'], 'NOAUTH', 'REDIS_URL'],
  ] as const)('%s with %j', async (state, args, text, todo) => {
    const { url } = await redisWith(...args)
    expect(await checkRedis(settings(url), never)).toEqual(like(state, text, todo))
  })

  test('that is a replica takes no writes', async () => {
    const { url } = await redisWith('--replicaof', `127.0.0.1 ${await freePort()}`)
    const found = await checkRedis(settings(url), never)
    expect(found).toEqual(like('fault', 'is a replica', 'Name the master'))
  })

  test('that is away', async () => {
    const found = await checkRedis(settings(`redis://127.0.0.1:${await freePort()}`), never)
    expect(found).toEqual(like('fault', 'ECONNREFUSED', 'Start it, or mend REDIS_URL'))
  })

  test('that is too old', async () => {
    const info = 'redis_version:5.0.14\r\nmaxmemory_policy:noeviction\r\n'
    const old: Readonly<Record<string, string>> = {
      INFO: `$${info.length}\r\n${info}\r\n`,
      TIME: '*2\r\n$1\r\n1\r\n$1\r\n1\r\n',
      ZRANGEBYSCORE: '*0\r\n',
    }
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        for (const [, name = ''] of bytes.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
          socket.write(old[name.toUpperCase()] ?? '+OK\r\n')
        }
      })
    })
    const port = await listen(server)
    ends.defer('old redis', () => new Promise<void>((resolve) => server.close(() => resolve())))
    const found = await checkRedis(settings(`redis://127.0.0.1:${port}`), never)
    expect(found).toEqual(like('fault', 'version 5.0.14', 'Redis 6 or later'))
  })
})

describe('the nodes of a cluster', () => {
  const NOW = Date.UTC(2026, 0, 1)
  const own = 'http://127.0.0.1:1'

  async function nodesAt(nodes: Readonly<Record<string, string>>) {
    const { url, client } = await redisWith()
    const { announced, present } = redisKeys()
    for (const [node, at] of Object.entries(nodes)) {
      const about = { url: at, version: '1', draining: false, freeBytes: 1 }
      await client.hset(announced, node, JSON.stringify(about))
      await client.zadd(present, node === 'gone' ? 1 : '+inf', node)
    }
    const config = settings(url, { NODE_URL: own, CLUSTER_SECRET: 's'.repeat(40) })
    return checkNodes(config, { wall: () => NOW }, never)
  }

  /** A node whose clock is so many seconds off; undefined: it tells no time. */
  async function nodeAt(seconds: number | undefined): Promise<string> {
    const web = await startWeb((_req, res) => {
      res.sendDate = false
      if (seconds !== undefined) {
        res.setHeader('Date', new Date(NOW + seconds * 1000).toUTCString())
      }
      res.end()
    })
    ends.defer('node', () => web.close())
    return web.base
  }

  test('are each asked for their time', async () => {
    const found = await nodesAt({
      a: await nodeAt(0),
      b: await nodeAt(15),
      c: await nodeAt(-3600),
      d: await nodeAt(undefined),
      e: `http://127.0.0.1:${await freePort()}`,
      gone: 'http://127.0.0.1:2',
      self: own,
    })
    const byName = Object.fromEntries(found.map((one) => [one.name, one]))
    expect(byName).toEqual({
      'node a': like('ok', "its clock is as this one's"),
      'node b': like('warning', "before this one's", 'NTP'),
      'node c': like('fault', "behind this one's", '30 seconds apart they refuse each other'),
      'node d': like('warning', 'without its time', 'Date'),
      'node e': like('fault', 'ECONNREFUSED', 'NODE_URL of that node'),
    })
  })

  test('this one is alone', async () => {
    expect(await nodesAt({ self: own })).toEqual([like('ok', 'no other one is there')])
  })
})
