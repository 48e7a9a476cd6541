import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import express from 'express'
import { type RawConnection, rawConnect, until } from '../ask.ts'
import { startServer, type TestServer } from '../fakes.ts'

const request = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
const CONNECT = 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n'
const UPGRADES = {
  websocket: 'Connection: Upgrade\r\nUpgrade: websocket\r\n',
  'HTTP/2': 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n',
}
const statuses = (text: string): readonly number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))

let server: TestServer
/** Answers of `/slow` that wait until they are told. */
let slow: (() => void)[]
/** Paths that came to the app. */
let asked: string[]
beforeEach(async () => {
  slow = []
  asked = []
  const addonRoutes = express.Router()
  addonRoutes.use((req, res, next) => {
    asked.push(req.path)
    if (req.path !== '/slow') return next()
    slow.push(() => res.end('slow'))
  })
  server = await startServer({ addonRoutes })
})
afterEach(() => server.stop())

const isServing = async (): Promise<void> => {
  const raw = rawConnect(server.port, request('/health', 'Connection: close\r\n'))
  expect(statuses(await raw.ended)).toEqual([200])
}

describe('CONNECT', () => {
  test.each([
    ['with a Host', CONNECT],
    ['without', CONNECT.replace('Host: a\r\n', '')],
    ['with what would go through the tunnel', CONNECT + 'x'.repeat(300_000)],
  ])('is refused, and its connection ends: %s', async (_, text) => {
    const answer = await rawConnect(server.port, text).ended
    expect(statuses(answer)).toEqual([405])
    await isServing()
  })

  test('in one breath with a request, the connection ends with or without its answer', async () => {
    const answer = await rawConnect(server.port, request('/health') + CONNECT).ended
    expect([[], [200]]).toContainEqual(statuses(answer))
    await isServing()
  })

  test('never answers the request before it', async () => {
    const raw = rawConnect(server.port, request('/slow'))
    await until('the request has come', () => slow.length === 1)
    raw.socket.write(CONNECT)
    expect(await raw.ended).toBe('')
    slow[0]?.()
    await isServing()
  })
})

describe.each(Object.entries(UPGRADES))('an upgrade to %s', (_, upgrade) => {
  test('is answered as if none was asked for, and ends the connection', async () => {
    const answer = await rawConnect(server.port, request('/health', upgrade)).ended
    expect(statuses(answer)).toEqual([200])
    expect(answer).toMatch(/^connection: close\r$/im)
  })

  test.each([
    ['in the same breath', 0],
    ['later', 1],
  ])('what comes behind it is never a request: %s', async (_when, chunks) => {
    const raw = rawConnect(server.port)
    const behind = request('/slow') + request('/nothing')
    raw.socket.write(request('/slow', upgrade) + (chunks === 0 ? behind : ''))
    await until('it has come', () => slow.length === 1)
    if (chunks === 1) raw.socket.write(behind)
    await isServing()
    slow[0]?.()
    expect(statuses(await raw.ended)).toEqual([200])
    expect(asked.filter((path) => path === '/slow' || path === '/nothing')).toEqual(['/slow'])
  })

  test('a body behind it is not read as a request', async () => {
    const raw = rawConnect(server.port)
    const post = `POST /api/cache-config HTTP/1.1\r\nHost: a\r\n${upgrade}Content-Length: 60\r\n\r\n`
    raw.socket.write(post)
    raw.socket.write(request('/slow'))
    await raw.ended
    expect(asked).not.toContain('/slow')
    await isServing()
  })
})

describe('a client that has sent all it will', () => {
  const halfClosed = (text: string): RawConnection => {
    const raw = rawConnect(server.port, text)
    raw.socket.end()
    return raw
  }

  test.each([
    ['nothing', '', []],
    ['half a request', 'GET / HTTP/1.1\r\nHo', [400]],
    ['a request', request('/health'), [200]],
    ['an upgrade', request('/health', UPGRADES.websocket), [200]],
    ['CONNECT', CONNECT, [405]],
  ])('has its answer, and its connection ends: %s', async (_, text, expected) => {
    expect(statuses(await halfClosed(text).ended)).toEqual(expected)
    await isServing()
  })

  test.each([
    ['a request that takes its time', request('/slow')],
    ['many of them', request('/slow').repeat(50)],
    ['a live page', request('/api/live')],
    ['half a body', 'POST /api/cache-config HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{'],
  ])('keeps nothing open: %s', async (_, text) => {
    const many = Array.from({ length: 30 }, () => halfClosed(text))
    await Promise.all(many.map(({ ended }) => ended))
    for (const end of slow) end()
    await isServing()
    // Nobody is left to wait for.
    await server.drain()
  })
})
