import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { afterEach, expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../../cache/backends/memory/memory.ts'
import type { AccessToken } from '../../../common/access-tokens.ts'
import { TokenUsage, type TokenUsageParts } from '../../../server/access/token-usage.ts'
import { handClock, silent } from '../../sources/fakes.ts'

const token: AccessToken = {
  name: 'ann',
  sha256: 'a'.repeat(64),
  streams: 100,
  monthlyBytes: 1000,
  added: '2026-01-01T00:00:00.000Z',
}
const DAY = 24 * 3600 * 1000

const open: TokenUsage[] = []
afterEach(async () => {
  for (const usage of open.splice(0)) await usage.close()
})

function stage() {
  const clock = handClock()
  clock.now = Date.UTC(2026, 0, 31, 12)
  const index = createMemoryIndex({ clock })
  const start = (from: TokenUsageParts['index'] = index): TokenUsage => {
    const usage = new TokenUsage({ index: from, clock, log: silent })
    open.push(usage)
    return usage
  }
  return { clock, index, start }
}

const admit = (usage: TokenUsage): Promise<void> =>
  usage.admit(token, '/play/x', new EventEmitter() as unknown as ServerResponse)

test('a month begins anew (UTC)', async () => {
  const { clock, start } = stage()
  const usage = start()
  await admit(usage)
  usage.took(token, 1000)
  await expect(admit(usage)).rejects.toMatchObject({ code: 'TOKEN_BYTES' })
  clock.now += DAY
  await admit(usage)
})

test('two nodes count together, none of the bytes twice', async () => {
  const { index, start } = stage()
  const [one, two] = [start(), start()]
  await Promise.all([admit(one), admit(two)])
  one.took(token, 300)
  two.took(token, 500)
  await Promise.all([one.close(), two.close(), one.close()])
  const { value } = (await index.readValue<number>(`access:${'a'.repeat(32)}:2026-01`)) ?? {}
  expect(value).toBe(800)
  const next = start()
  await admit(next)
  expect(() => next.took(token, 201)).toThrow('bytes of this token')
})

test('what the index forgot for other values is still counted', async () => {
  const { clock, start } = stage()
  const index = createMemoryIndex({ clock, maxValueBytes: 10_000 })
  const usage = start(index)
  await admit(usage)
  usage.took(token, 700)
  await usage.save()
  for (let n = 0; n < 50; n++) await index.writeValue(`book:${n}`, 'x'.repeat(1000), 0, DAY)
  const name = `access:${'a'.repeat(32)}:2026-01`
  expect(await index.readValue(name)).toBeUndefined()
  usage.took(token, 100)
  await usage.save()
  expect((await index.readValue<number>(name))?.value).toBe(800)
})

test('without a limit the month is not counted', async () => {
  const { index, start } = stage()
  const usage = start()
  const { monthlyBytes: _, ...free } = token
  usage.took(free, 1e15)
  await usage.close()
  expect(await index.readValue(`access:${'a'.repeat(32)}:2026-01`)).toBeUndefined()
})

test('what a token uses is told: films here, bytes of all nodes, of the day and the month', async () => {
  const { clock, start } = stage()
  const [one, two] = [start(), start()]
  await admit(one)
  one.took(token, 300)
  two.took(token, 400)
  await two.save()
  // Not saved yet, and counted all the same.
  expect(await one.usedBy(token)).toEqual({ streams: 1, dayBytes: 700, monthBytes: 700 })
  expect(await two.usedBy(token)).toMatchObject({ streams: 0, dayBytes: 400 })
  await one.save()
  // The next day is of another month.
  clock.now += DAY
  one.took(token, 5)
  expect(await one.usedBy(token)).toEqual({ streams: 1, dayBytes: 5, monthBytes: 5 })
  clock.now += DAY
  expect(await one.usedBy(token)).toEqual({ streams: 1, dayBytes: 0, monthBytes: 5 })
})

test('without a limit the day is told; what was sent before midnight is saved after it', async () => {
  const { clock, index, start } = stage()
  const usage = start()
  const { monthlyBytes: _, ...free } = token
  usage.took(free, 20)
  clock.now += DAY
  usage.took(free, 3)
  await usage.save()
  const stored = async (day: string) =>
    (await index.readValue<number>(`access:${'a'.repeat(32)}:${day}`))?.value
  expect([await stored('2026-01-31'), await stored('2026-02-01')]).toEqual([20, 3])
  expect(await usage.usedBy(free)).toEqual({ streams: 0, dayBytes: 3, monthBytes: null })
})

test('a backend that is away costs no play; what it missed is written later', async () => {
  const { index, start } = stage()
  let away = true
  const usage = start({
    readValue: (name) => (away ? Promise.reject(new Error('away')) : index.readValue(name)),
    writeValue: (...args) => index.writeValue(...args),
  })
  await admit(usage)
  usage.took(token, 700)
  await usage.save()
  away = false
  await usage.close()
  expect((await index.readValue<number>(`access:${'a'.repeat(32)}:2026-01`))?.value).toBe(700)
})

test.each<[string, unknown]>([
  ['a text', '999'],
  ['less than nothing', -5000],
  ['a part of a byte', 0.5],
  ['more than numbers can say', Number.POSITIVE_INFINITY],
  ['more than anybody can take', 2 ** 60],
  ['nothing', null],
  ['a list', [900]],
  ['an object with a prototype of its own', JSON.parse('{"__proto__":900}')],
])('what is no number of bytes in the index counts as none: %s', async (_, value) => {
  const { index, start } = stage()
  const name = `access:${'a'.repeat(32)}:2026-01`
  const foreign: TokenUsageParts['index'] = {
    readValue: async <T>(of: string) => {
      const own = await index.readValue<T>(of)
      return own ?? ({ value, revision: 0 } as { value: T; revision: number })
    },
    writeValue: (...args) => index.writeValue(...args),
  }
  const usage = start(foreign)
  await admit(usage)
  usage.took(token, 400)
  await usage.save()
  expect((await index.readValue(name))?.value).toBe(400)
  expect(() => usage.took(token, 601)).toThrow('bytes of this token')
})
