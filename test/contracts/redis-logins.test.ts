import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { createLog, type Log } from '../../common/log.ts'
import { startCluster, startRedis, type TestRedis } from '../support/server/redis.ts'
import { eventually } from '../support/wait.ts'
import { entry, key } from './index-entries.ts'
import { connectedAt, openAt } from './redis-index.ts'

let server: TestRedis
const open: CacheIndex[] = []
beforeAll(async () => {
  server = await startRedis()
})
afterEach(async () => {
  for (const index of open.splice(0)) await index.close()
  await server.client.flushall()
})
afterAll(() => server.end())

const urlOf = (user: string, database = ''): string =>
  `${server.url.replace('//', `//${user}:open@`)}${database}`
const letIn = (user: string, ...rules: string[]): Promise<unknown> =>
  server.client.call('ACL', 'SETUSER', user, 'on', '>open', ...rules)

/** Why that Redis is not used, as the log says first. */
async function reasonAt(url: string): Promise<string> {
  const lines: string[] = []
  const warn = ({ reason }: { reason: string }): void => void lines.push(reason)
  const log: Log = Object.assign(Object.create(createLog('silent')('cache')), { warn })
  const index = await openAt(url, { log })
  open.push(index)
  const reason = await eventually('a line in the log', () => lines[0])
  expect(index.connected).toBe(false)
  return reason
}

/** The same calls as a play's, and what they come to. */
async function used(index: CacheIndex): Promise<unknown[]> {
  open.push(index)
  await index.save(entry(1))
  const { won } = await index.claim('x', 'a', 1000)
  await index.writeValue('v', 1, 0, 1000)
  const nodes = await index.announce('a', {}, 1000)
  return [won, nodes.length, (await index.find(key(1))).length, (await index.totals('a')).files]
}

test('a user who may do what docs/backends/redis.md says can be used', async () => {
  const groups = ['+@read', '+@write', '+@scripting', '+@connection', '+info', '+time']
  await letIn('enough', '~playlink:*', ...groups)
  expect(await used(await connectedAt(urlOf('enough')))).toEqual([true, 1, 1, 1])
})

test.each([
  ['TIME', ['~playlink:*', '+@read', '+@write', '+@scripting', '+info']],
  ['HSET', ['~playlink:*', '+@all', '-hset']],
])(
  'a user who may not use %s: Redis is not used, and the log says what is missing',
  async (missing, rules) => {
    await letIn('few', 'reset', ...rules, '>open', 'on')
    expect(await reasonAt(urlOf('few'))).toMatch(new RegExp(`^NOPERM .* may not use ${missing} `))
  },
)

test('a database that is not there, or not for this user: it is not database 0 instead', async () => {
  expect(await reasonAt(`${server.url}/99`)).toMatch(/^database 99: ERR DB index is out of range/)
  await letIn('fixed', '~playlink:*', '+@all', '-select')
  expect(await reasonAt(urlOf('fixed', '/3'))).toMatch(/^database 3: NOPERM/)
  expect(await server.client.dbsize()).toBe(0)
})

test('a database that the user may use after all: it is used without a restart', async () => {
  await letIn('later', '~playlink:*', '+@all', '-select')
  const index = await openAt(urlOf('later', '/3'), {})
  open.push(index)
  expect(index.connected).toBe(false)
  await letIn('later', '+select')
  await eventually('it is used', () => index.connected)
})

test('a node of a Redis Cluster by the URL of a single server: the log says what to write', async () => {
  const cluster = await startCluster()
  try {
    // The slot of what is asked first decides which of them can be used at all.
    const lines: string[] = []
    const warn = ({ reason }: { reason: string }): void => void lines.push(reason)
    const log: Log = Object.assign(Object.create(createLog('silent')('cache')), { warn })
    for (const { url } of cluster.servers) open.push(await openAt(url, { log }))
    const used = async (): Promise<boolean> => {
      for (const [i, index] of open.entries()) await index.readValue(`v${i}`).catch(() => {})
      for (let n = 0; n < 20; n++)
        await open[n % 3]?.writeValue(`w${n}`, 1, 0, 1000).catch(() => {})
      return open.every(({ connected }) => !connected)
    }
    await eventually('none is used', used)
    const hints = lines.filter((line) => line.includes('write redis+cluster://'))
    expect(hints.length).toBe(cluster.servers.length)
  } finally {
    for (const index of open.splice(0)) await index.close()
    await cluster.end()
  }
})

test('who is not ready yet is named as such, not by what ioredis says of its settings', async () => {
  const [{ port }] = [server]
  server.signal('SIGSTOP')
  try {
    expect(await reasonAt(server.url)).toContain(`127.0.0.1:${port}`)
  } finally {
    server.signal('SIGCONT')
  }
})
