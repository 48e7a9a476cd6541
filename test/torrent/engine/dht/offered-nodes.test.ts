import type { LookupFunction } from 'node:net'
import { afterEach, expect, jest, test } from '@jest/globals'
import { createAddressRules } from '../../../../common/network/address-rules.ts'
import { OfferedNodes } from '../../../../torrent/engine/dht/offered-nodes.ts'

const names: Readonly<Record<string, readonly string[]>> = {
  'both.example': ['192.0.2.7', '2001:db8::7'],
  'inside.example': ['192.0.2.8', '10.0.0.8'],
  'slow.example': ['192.0.2.5'],
  'many.example': Array.from({ length: 50 }, (_, n) => `192.0.2.${n + 20}`),
}
const lookup: LookupFunction = (name, _options, callback) => {
  const found = names[name]?.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  if (found) callback(null, found)
  else callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '')
}

let nodes: OfferedNodes | undefined
afterEach(() => {
  nodes?.close()
  jest.useRealTimers()
})
function open(offered: readonly string[] = [], names = lookup) {
  jest.useFakeTimers()
  const asked: string[] = []
  const rules = createAddressRules(['192.0.2.0/24', '2001:db8::/32'])
  nodes = new OfferedNodes(({ host, port }) => asked.push(`${host} ${port}`), rules, names)
  nodes.offer(offered)
  return { nodes, asked, passes: (ms: number) => jest.advanceTimersByTimeAsync(ms) }
}

test('who answers is asked once, who is silent three times, and what the rules refuse never', async () => {
  const { nodes, asked, passes } = open()
  nodes.offer(['192.0.2.1:6881', '10.0.0.1:6881', '127.0.0.1:1', '[2001:db8::1]:2'])
  nodes.offer(['192.0.2.1:6881'])
  await passes(1000)
  expect(asked).toEqual(['192.0.2.1 6881', '2001:db8::1 2'])
  nodes.answered({ host: '192.0.2.1', port: 6881 })
  await passes(5000)
  nodes.offer(['192.0.2.1:6881', '[2001:db8::1]:2'])
  expect(asked.slice(2)).toEqual(['2001:db8::1 2'])
  await passes(120_000)
  expect(asked.slice(2)).toEqual(['2001:db8::1 2', '2001:db8::1 2'])
  expect(nodes.has({ host: '192.0.2.1', port: 6881 })).toBe(true)
  expect(nodes.has({ host: '192.0.2.2', port: 6881 })).toBe(false)
})

test('a few at a time, and not without end', async () => {
  const { nodes, asked, passes } = open()
  nodes.offer(Array.from({ length: 200 }, (_, n) => `192.0.2.1:${n + 1}`))
  await passes(1)
  expect(asked).toHaveLength(4)
  await passes(2500)
  expect(asked).toHaveLength(8)
  await passes(600_000)
  expect(asked).toHaveLength(300)
  expect(new Set(asked).size).toBe(100)
})

test('a name is looked up; what leads into the own network is left from there on', async () => {
  const { nodes, asked, passes } = open()
  nodes.offer(['both.example:1', 'inside.example:2', 'gone.example:3'])
  await passes(1)
  expect(asked).toEqual(['192.0.2.7 1', '2001:db8::7 1', '192.0.2.8 2'])
  expect(nodes.has({ host: '192.0.2.7', port: 1 })).toBe(true)
})

test('of a name with many addresses a few are asked, and who was not asked yet goes first', async () => {
  const { nodes, asked, passes } = open()
  nodes.offer(['many.example:1', ...Array.from({ length: 99 }, (_, n) => `192.0.2.1:${n + 1}`)])
  await passes(60_000)
  expect(asked.filter((one) => one.startsWith('192.0.2.9 '))).toHaveLength(0)
  expect(asked.filter((one) => one.endsWith(' 1')).length).toBeLessThanOrEqual(3 * (4 + 1))
  const before = asked.length
  // All places are taken by those that are silent.
  nodes.offer(['192.0.2.99:7'])
  await passes(2500)
  expect(asked.slice(before)).toContain('192.0.2.99 7')
})

test('a name that takes long to find is asked again too', async () => {
  const slow: LookupFunction = (name, options, callback) =>
    void setTimeout(() => lookup(name, options, callback), 6000)
  const { asked, passes } = open(['slow.example:1'], slow)
  await passes(60_000)
  expect(asked).toEqual(Array(3).fill('192.0.2.5 1'))
})

test('when it is closed nobody is asked any more', async () => {
  const { nodes, asked, passes } = open()
  nodes.offer(Array.from({ length: 9 }, (_, n) => `192.0.2.1:${n + 1}`))
  nodes.close()
  nodes.offer(['192.0.2.3:1'])
  await passes(10_000)
  expect(asked).toHaveLength(0)
})
