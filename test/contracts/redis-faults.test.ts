import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals'
import { usualTimeouts } from '../../cache/backends/redis/redis-calls.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { createLog, type Log } from '../../common/log.ts'
import { freePort } from '../support/free-port.ts'
import { startRedis, type TestRedis } from '../support/server/redis.ts'
import { startSlowWay } from '../support/swarm/slow-way.ts'
import { pass, passUntil, stopTime } from '../support/virtual-time.ts'
import { eventually } from '../support/wait.ts'
import { entry, key } from './index-entries.ts'
import { openAt } from './redis-index.ts'

const HOUR = 3_600_000

/** What was logged, without the levels below info. */
function listeningLog(): { log: Log; lines: string[] } {
  const lines: string[] = []
  const log = createLog('silent')('cache')
  const keep = (...args: unknown[]) => void lines.push(args.map((a) => JSON.stringify(a)).join(' '))
  return { log: Object.assign(Object.create(log), { info: keep, warn: keep, error: keep }), lines }
}

interface Opened {
  readonly index: CacheIndex
  readonly lines: string[]
  readonly backs: () => number
}

let server: TestRedis
const opened: Opened[] = []
beforeAll(async () => {
  server = await startRedis()
})
beforeEach(async () => {
  await server.client.flushall()
})
afterEach(async () => {
  jest.useRealTimers()
  for (const { index } of opened.splice(0)) await index.close()
})
afterAll(() => server.end())

async function open(url = server.url): Promise<Opened> {
  const { log, lines } = listeningLog()
  let count = 0
  const index = await openAt(url, {
    log,
    onUp: (lost) => void (lost && count++),
    timeouts: usualTimeouts,
  })
  const one = { index, lines, backs: () => count }
  opened.push(one)
  return one
}
const isUp = ({ index }: Opened) => eventually('Redis in use', () => index.connected)
const isDown = ({ index }: Opened) => eventually('Redis out of use', () => !index.connected)
async function openUp(url?: string): Promise<Opened> {
  const one = await open(url)
  await isUp(one)
  return one
}

/** The same while time stands still: the heartbeat follows the clock of the test. */
async function openStill(url?: string): Promise<Opened> {
  let isOpen = false
  const opening = open(url).finally(() => {
    isOpen = true
  })
  await passUntil('open', () => isOpen)
  const one = await opening
  await passUntil('Redis in use', () => one.index.connected)
  return one
}

/** Calls every method; each has to be refused without sending anything or waiting. */
async function allRefused(index: CacheIndex): Promise<void> {
  const calls: (() => Promise<unknown>)[] = [
    () => index.readValue('n'),
    () => index.writeValue('n', 1, 0, HOUR),
    () => index.find(key(1)),
    () => index.save(entry(1)),
    () => index.touch(key(1), 'a', 1),
    () => index.forget(key(1), 'a'),
    () => index.leastRecent('a', 1),
    () => index.totals('a'),
    () => index.totals(),
    () => index.claim('x', 'a', 1000),
  ]
  for (const call of calls) await expect(call()).rejects.toThrow(/^Redis cannot be used/)
}

describe('down at the start', () => {
  test('opens without Redis, refuses calls at once, and finds Redis later', async () => {
    const port = await freePort()
    const one = await open(`redis://127.0.0.1:${port}`)
    expect(one.index.connected).toBe(false)
    await allRefused(one.index)
    expect(one.lines).toHaveLength(1)
    expect(one.lines[0]).toContain('ECONNREFUSED')
    const late = await startRedis([], port)
    try {
      await isUp(one)
      await one.index.save(entry(1))
      expect(one.backs()).toBe(1)
      expect(one.lines).toHaveLength(2)
    } finally {
      await late.end()
    }
  })

  test('a wrong password is logged without showing it', async () => {
    const guarded = await startRedis(['--requirepass', 'right-one'])
    try {
      const one = await open(guarded.url.replace('//', '//:wrong-one@'))
      expect(one.index.connected).toBe(false)
      expect(one.lines).toHaveLength(1)
      expect(one.lines[0]).toMatch(/WRONGPASS/)
      expect(one.lines[0]).not.toContain('wrong-one')
      await openUp(guarded.url.replace('//', '//:right-one@'))
    } finally {
      await guarded.end()
    }
  })
})

describe('while in use', () => {
  test('killed: every call is refused; back and empty: the node is asked to report again', async () => {
    const one = await openUp()
    await one.index.save(entry(1))
    await server.kill()
    await isDown(one)
    await allRefused(one.index)
    await server.restart()
    await isUp(one)
    expect(one.backs()).toBe(1)
    expect(one.lines.map((line) => /cannot|again/.exec(line)?.[0])).toEqual(['cannot', 'again'])
    expect(await one.index.totals()).toEqual({ files: 0, bytes: 0 })
  })

  test('frozen: the first call waits, the next ones do not; thawed: in use again', async () => {
    const way = await startSlowWay(server.port)
    try {
      const one = await openUp(way.url)
      // Answered after whatever was asked when it came up.
      await one.index.readValue('before')
      way.keys.length = 0
      server.signal('SIGSTOP')
      try {
        await expect(one.index.readValue('first')).rejects.toThrow('no answer')
        await allRefused(one.index)
        expect(one.index.connected).toBe(false)
        // What a refused claim gives back is sent all the same, last of all.
        await eventually('the last one', () => way.keys.some((key) => key.includes('lease')))
        expect(way.keys).toEqual([
          expect.stringContaining('first'),
          expect.stringContaining('lease'),
        ])
      } finally {
        server.signal('SIGCONT')
      }
      await isUp(one)
      expect(one.backs()).toBe(1)
      expect(one.lines).toHaveLength(2)
    } finally {
      await way.end()
    }
  })

  test('slow: out of use after two slow answers, in use when it is quick again', async () => {
    stopTime()
    const way = await startSlowWay(server.port)
    try {
      const one = await openStill(way.url)
      let alone = true
      for (let slow = 1; slow <= 2 && one.index.connected; slow++) {
        const before = way.questions
        way.hold()
        const asked = one.index.readValue('n')
        await eventually('the answer', () => way.held >= 1)
        await pass(150)
        // A heartbeat may have been asked too, or just before, and its answer be the second slow one.
        alone &&= way.questions - before === 1 && way.held === 1
        way.release()
        await asked
        if (slow === 1 && alone) expect(one.index.connected).toBe(true)
      }
      expect(one.index.connected).toBe(false)
      expect(one.lines[0]).toContain('more than')
      await passUntil('in use again', () => one.index.connected)
    } finally {
      await way.end()
    }
  })

  test('a claim whose answer came too late is given back', async () => {
    stopTime()
    const way = await startSlowWay(server.port)
    try {
      const one = await openStill(way.url)
      const other = await openStill()
      // Redis learns the script; else it is that answer which is late, and nothing was claimed.
      await one.index.claim('another', 'a', HOUR)
      way.hold()
      const claimed = one.index.claim('x', 'a', HOUR).catch(String)
      await eventually('the answer', () => way.held === 1)
      await pass(240)
      expect(await claimed).toContain('no answer')
      const again = async () => (await other.index.claim('x', 'b', HOUR)).won
      await eventually('it is free', again)
    } finally {
      await way.end()
    }
  })

  test('full: noticed by the heartbeat, no change is half done, in use again when there is room', async () => {
    const one = await openUp()
    await one.index.save(entry(1))
    await server.client.config('SET', 'maxmemory', '1')
    await one.index.save(entry(2)).catch(() => {})
    await isDown(one)
    expect(one.lines[0]).toContain('OOM')
    await server.client.config('SET', 'maxmemory', '0')
    await isUp(one)
    expect(await one.index.totals('a')).toEqual({ files: 1, bytes: 101 })
    expect(await one.index.leastRecent('a', 9)).toEqual([entry(1)])
    expect(one.backs()).toBe(1)
  })

  test('flushed: noticed without a call', async () => {
    const one = await openUp()
    await one.index.save(entry(1))
    await server.client.flushall()
    await eventually('asked to tell again', () => one.backs() === 1)
    expect(one.index.connected).toBe(true)
    expect(one.lines).toHaveLength(1)
  })

  test('its scripts forgotten: sent again', async () => {
    const one = await openUp()
    await one.index.save(entry(1))
    await server.client.script('FLUSH')
    await one.index.save(entry(2))
    expect(await one.index.totals('a')).toEqual({ files: 2, bytes: 203 })
  })

  test('a read-only replica is not used', async () => {
    const replica = await startRedis(['--replicaof', `127.0.0.1 ${server.port}`])
    try {
      const one = await open(replica.url)
      expect(one.index.connected).toBe(false)
      await replica.client.call('REPLICAOF', 'NO', 'ONE')
      await isUp(one)
    } finally {
      await replica.end()
    }
  })

  test('closed: calls are refused, nothing is logged', async () => {
    const one = await openUp()
    await one.index.close()
    expect(one.index.connected).toBe(false)
    await allRefused(one.index)
    expect(one.lines).toEqual([])
  })
})
