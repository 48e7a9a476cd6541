import net, { type LookupFunction } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import {
  ask,
  endAll,
  faultOf,
  LOCAL,
  lines,
  listen,
  named,
  outbound,
  serve,
} from './outbound-stage.ts'

afterEach(endAll)

describe('UPSTREAM_FAILED', () => {
  test('a body that is too large, with and without a content length', async () => {
    const sizes = await serve((req, res) => {
      if (req.url === '/said') res.setHeader('content-length', 1001)
      res.write('x'.repeat(600))
      if (req.url === '/fits') res.end('x'.repeat(400))
      else res.write('x'.repeat(401))
    })
    const out = outbound()
    const base = `http://127.0.0.1:${sizes}`
    expect((await out.get(`${base}/fits`, ask())).body).toHaveLength(1000)
    expect(await faultOf(out.get(`${base}/said`, ask()))).toBe('UPSTREAM_FAILED')
    expect(await faultOf(out.get(`${base}/more`, ask()))).toBe('UPSTREAM_FAILED')
  })

  /** What a raw server sends at first, and then repeatedly. */
  const raw = (first: string, again = '', end = false) =>
    listen(
      net.createServer((socket) => {
        socket.write(first)
        if (end) socket.end()
        const timer = setInterval(() => again && socket.write(again), 5)
        socket.on('close', () => clearInterval(timer)).on('data', () => {})
      }),
    )

  test.each([
    ['silence', '', ''],
    ['a drip of headers', 'HTTP/1.1 200 OK\r\n', 'a: b\r\n'],
    ['a drip of body', 'HTTP/1.1 200 OK\r\n\r\n', 'x'],
    ['a drip of early hints', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('%s ends at the time limit', async (_name, first, again) => {
    const port = await raw(first, again)
    const request = ask({ timeoutMs: 200, maxBytes: 1_000_000 })
    expect(await faultOf(outbound().get(`http://127.0.0.1:${port}/`, request))).toBe(
      'UPSTREAM_FAILED',
    )
    expect(lines.join()).toMatch(/no answer in 200 ms|Header|interim/)
  })

  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['nothing', ''],
    ['a body cut short', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'],
    ['chunks cut short', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'],
    ['an upgrade', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
    ['gzip that is none', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nx'],
    ['endless headers', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`],
  ])('%s', async (_name, text) => {
    const port = await raw(text, '', true)
    expect(await faultOf(outbound().get(`http://127.0.0.1:${port}/`, ask()))).toBe(
      'UPSTREAM_FAILED',
    )
  })

  test('no listener, no such name, no address, no TLS', async () => {
    const closed = await listen(net.createServer())
    endAll()
    const port = await serve((_req, res) => res.end())
    const missing: LookupFunction = (_h, _o, callback) => callback(new Error('ENOTFOUND'), '', 0)
    const codes = [
      await faultOf(outbound().get(`http://127.0.0.1:${closed}/`, ask())),
      await faultOf(outbound(LOCAL, missing).get('http://film.test/', ask())),
      await faultOf(outbound(LOCAL, named()).get('http://film.test/', ask())),
      await faultOf(outbound().get(`https://127.0.0.1:${port}/`, ask())),
    ]
    expect(codes).toEqual(Array(4).fill('UPSTREAM_FAILED'))
  })
})

describe('ending a request', () => {
  test('by a signal, before, during the look-up, or during the body', async () => {
    const port = await serve((_req, res) => res.write('x'))
    const url = `http://127.0.0.1:${port}/`
    expect(await faultOf(outbound().get(url, ask({ signal: AbortSignal.abort() })))).toBe(
      'UPSTREAM_FAILED',
    )
    const never = outbound(LOCAL, () => {})
    for (const asked of [
      (signal: AbortSignal) => never.get('http://film.test/', ask({ signal })),
      (signal: AbortSignal) => outbound().get(url, ask({ signal })),
    ]) {
      const leaving = new AbortController()
      const answer = faultOf(asked(leaving.signal))
      setTimeout(() => leaving.abort(new Error('gone')), 50)
      expect(await answer).toBe('UPSTREAM_FAILED')
    }
  })

  test('close() ends running requests and refuses later ones', async () => {
    const port = await serve((_req, res) => res.write('x'))
    const out = outbound()
    const running = faultOf(out.get(`http://127.0.0.1:${port}/`, ask()))
    setTimeout(() => out.close(), 50)
    expect(await running).toBe('UPSTREAM_FAILED')
    expect(await faultOf(out.get(`http://127.0.0.1:${port}/`, ask()))).toBe('UPSTREAM_FAILED')
  })
})
