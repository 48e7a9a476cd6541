import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { Request, Response } from 'express'
import { pino } from 'pino'
import type { ShownAddresses } from '../../../common/network/short-address.ts'
import { createAccessCheck } from '../../../server/access/access-check.ts'
import { Limits, type Visitor } from '../../../server/limits/limits.ts'

const figures = {
  lists: 3,
  searches: 2,
  states: 2,
  coldStarts: 1,
  streams: 1,
  live: 1,
  connections: 1,
}

let limits: Limits
afterEach(() => limits.close())

function start(logIp: ShownAddresses = 'short') {
  const lines: Record<string, unknown>[] = []
  const kinds: string[] = []
  const clock = { now: 0, steady: () => clock.now }
  limits = new Limits({
    figures,
    clientAddress: ({ socket }) => socket.remoteAddress ?? '',
    isProxy: (address) => address === '10.0.0.1',
    limited: (kind) => kinds.push(kind),
    clock,
    log: pino({}, { write: (line: string) => lines.push(JSON.parse(line)) }),
    logIp,
  })
  return { lines, kinds, clock }
}

const requestFrom = (address: string, headers: IncomingMessage['headers'] = {}): Request =>
  ({ ip: address, headers, socket: { remoteAddress: address } }) as unknown as Request
const from = (address: string): Visitor => limits.visitorOf(requestFrom(address))
const outcomes = async (count: number, ask: () => Promise<void>): Promise<string[]> => {
  const all: string[] = []
  for (let i = 0; i < count; i++) {
    all.push(
      await ask().then(
        () => 'yes',
        (error) => error.code,
      ),
    )
  }
  return all
}

describe('limits for each address', () => {
  test('so many in their time, and others notice nothing', async () => {
    const { kinds } = start()
    const [yes, no] = ['yes', 'TOO_MANY_REQUESTS']
    expect(await outcomes(5, () => from('192.0.2.1').askProviders())).toEqual([
      yes,
      yes,
      yes,
      no,
      no,
    ])
    expect(await outcomes(3, () => from('192.0.2.2').askProviders())).toEqual([yes, yes, yes])
    expect(await outcomes(3, () => from('192.0.2.1').search())).toEqual([yes, yes, no])
    expect(await outcomes(2, () => from('192.0.2.1').startCold())).toEqual([yes, no])
    expect(kinds).toEqual(['lists', 'lists', 'searches', 'coldStarts'])
    expect(limits.reached).toEqual({ lists: 2, searches: 1, coldStarts: 1 })
  })

  test('a refusal says when to come again, within its window', async () => {
    start()
    await from('192.0.2.1').startCold()
    const refusal = await from('192.0.2.1')
      .startCold()
      .catch((error) => error)
    expect(refusal.status).toBe(429)
    expect(refusal.details.retryAfterSeconds).toBeGreaterThan(0)
    expect(refusal.details.retryAfterSeconds).toBeLessThanOrEqual(600)
  })

  test.each([
    ['an IPv4 address, however it is written', '192.0.2.1', '::ffff:192.0.2.1', false],
    ['the /64 of an IPv6 address', '2001:db8::1', '2001:db8::ffff:1', false],
    ['another /64', '2001:db8::1', '2001:db8:0:1::1', true],
    ['another IPv4 address', '192.0.2.1', '192.0.2.2', true],
  ])('%s', async (_, first, second, isAnother) => {
    start()
    await from(first).startCold()
    const [outcome] = await outcomes(1, () => from(second).startCold())
    expect(outcome).toBe(isAnother ? 'yes' : 'TOO_MANY_REQUESTS')
  })
})

test('a token counts in place of the address', async () => {
  start()
  const token = { name: 'anna', sha256: '', streams: 1, added: '' }
  const check = createAccessCheck({ find: () => token })
  const withToken = (address: string): Visitor => {
    const req = Object.assign(requestFrom(address), { url: '/t/any-token-of-hers/manifest.json' })
    check(req, {} as Response, () => {})
    return limits.visitorOf(req)
  }
  await from('192.0.2.1').startCold()
  await withToken('192.0.2.1').startCold()
  const others = await outcomes(1, () => withToken('192.0.2.2').startCold())
  expect(others).toEqual(['TOO_MANY_REQUESTS'])
  expect(withToken('192.0.2.3').address).toBe('token anna')
})

describe('the log', () => {
  test('has one line a minute at most, with how many it stands for', async () => {
    const { lines, clock } = start()
    await from('192.0.2.1').startCold()
    await outcomes(5, () => from('192.0.2.1').startCold())
    expect(lines).toMatchObject([{ kind: 'coldStarts', address: '192.0.2.x', times: 1 }])
    clock.now = 60_000
    await outcomes(2, () => from('192.0.2.1').startCold())
    expect(lines.slice(1)).toMatchObject([{ kind: 'coldStarts', times: 5 }])
  })

  test.each([
    ['full', '2001:db8:1:2::/64'],
    ['short', '2001:db8:1::x'],
    ['off', undefined],
  ] as const)('with LOG_IP=%s names who it was as %s', async (logIp, address) => {
    const { lines } = start(logIp)
    await from('2001:db8:1:2::3').startCold()
    await outcomes(1, () => from('2001:db8:1:2::4').startCold())
    expect(lines).toHaveLength(1)
    expect(lines[0]?.address).toBe(address)
  })

  test.each(['short', 'off'] as const)('with LOG_IP=%s still names a token', async (logIp) => {
    const { lines } = start(logIp)
    limits.reach('streams', 'token anna')
    expect(lines).toMatchObject([{ kind: 'streams', address: 'token anna' }])
  })

  test('names a proxy that may be a viewer as LOG_IP wants it', () => {
    const { lines } = start()
    limits.visitorOf(requestFrom('8.8.4.4', { 'x-forwarded-for': '192.0.2.1' }))
    expect(lines).toMatchObject([{ address: '8.8.4.x' }])
  })

  test('names a proxy that is not trusted, once', () => {
    const { lines } = start()
    const forwarded = { 'x-forwarded-for': '192.0.2.1' }
    limits.visitorOf(requestFrom('10.0.0.1', forwarded))
    limits.visitorOf(requestFrom('10.0.0.2'))
    expect(lines).toEqual([])
    limits.visitorOf(requestFrom('10.0.0.2', forwarded))
    limits.visitorOf(requestFrom('10.0.0.3', forwarded))
    expect(lines).toMatchObject([
      { address: '10.0.0.2', msg: expect.stringContaining('TRUST_PROXY') },
    ])
  })
})
