import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import net, { type AddressInfo, type LookupFunction, type Server } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { pino } from 'pino'
import { createAddressRules } from '../../common/address-rules.ts'
import { Fault } from '../../common/errors.ts'
import { createOutbound } from '../../common/guarded-outbound.ts'
import type { OutboundRequest } from '../../common/outbound.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Answers the port; the server and its sockets end with the test. */
async function listen(server: Server): Promise<number> {
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}
const serve = (answer: RequestListener): Promise<number> => listen(http.createServer(answer))

const lines: string[] = []
const log = pino({ level: 'debug', base: null }, { write: (line: string) => lines.push(line) })
const LOCAL = ['127.0.0.0/8']

function outbound(allow: readonly string[] = LOCAL, lookup?: LookupFunction) {
  lines.length = 0
  const rules = createAddressRules(allow)
  const out = createOutbound({ rules, log, ...(lookup && { lookup }) })
  ends.push(() => out.close())
  return out
}

const ask = (more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  signal: new AbortController().signal,
  timeoutMs: 20_000,
  maxBytes: 1000,
  ...more,
})

/** A name with these addresses, as the system would answer. */
const named =
  (...addresses: string[]): LookupFunction =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: net.isIP(address) })),
    )

async function faultOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
  } catch (thrown) {
    return thrown instanceof Fault ? thrown.code : String(thrown)
  }
  return 'no fault'
}

describe('an allowed address', () => {
  test('is asked by GET without compression; status, headers and body come back', async () => {
    let asked: http.IncomingMessage | undefined
    const port = await serve((req, res) => {
      asked = req
      res.writeHead(404, { 'set-cookie': ['a=1', 'b=2'], 'x-one': 'y' }).end('body')
    })
    const url = `http://127.0.0.1:${port}/x?y=1`
    const answer = await outbound().get(url, ask({ headers: { accept: 'text/x' } }))
    expect(answer).toMatchObject({ status: 404, url, body: Buffer.from('body') })
    expect(answer.headers).toMatchObject({ 'set-cookie': 'a=1, b=2', 'x-one': 'y' })
    expect([asked?.method, asked?.url]).toEqual(['GET', '/x?y=1'])
    expect(asked?.headers).toMatchObject({ accept: 'text/x', 'accept-encoding': 'identity' })
  })

  test('the checked addresses are the ones connected to: a name is asked once', async () => {
    const port = await serve((req, res) => res.end(req.headers.host))
    let times = 0
    const lookup: LookupFunction = (...args) => {
      times++
      named(times === 1 ? '127.0.0.1' : '10.0.0.1')(...args)
    }
    const answer = await outbound(LOCAL, lookup).get(`http://film.test:${port}/`, ask())
    expect([answer.body.toString(), times]).toEqual([`film.test:${port}`, 1])
  })

  test('a look-up which ignores "all" is checked as well', async () => {
    const port = await serve((_req, res) => res.end('here'))
    const single: LookupFunction = (_h, _o, callback) => callback(null, '127.0.0.1', 4)
    const url = `http://film.test:${port}/`
    expect((await outbound(LOCAL, single).get(url, ask())).status).toBe(200)
    expect(await faultOf(outbound([], single).get(url, ask()))).toBe('OUTBOUND_REFUSED')
  })
})

describe('OUTBOUND_REFUSED', () => {
  test.each([
    'http://127.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.0.0.1:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://[::1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://localhost:PORT/',
    'http://0.0.0.0:PORT/',
    'https://127.0.0.1:PORT/',
    'http://u:p@film.test:PORT/',
    'file:///etc/passwd',
    'not a url',
  ])('%s', async (text) => {
    let connected = 0
    const server = net.createServer(() => connected++)
    const port = await listen(server)
    expect(await faultOf(outbound([]).get(text.replace('PORT', `${port}`), ask()))).toBe(
      'OUTBOUND_REFUSED',
    )
    expect(connected).toBe(0)
  })

  test('when any address of the name is refused', async () => {
    let hits = 0
    const port = await serve((_req, res) => res.end(String(hits++)))
    const out = outbound(LOCAL, named('127.0.0.1', '10.0.0.1'))
    expect(await faultOf(out.get(`http://film.test:${port}/?key=secret`, ask()))).toBe(
      'OUTBOUND_REFUSED',
    )
    expect(hits).toBe(0)
    expect(lines.join()).toContain('film.test')
    expect(lines.join()).not.toContain('secret')
  })

  test('when the port is not the allowed one', async () => {
    const port = await serve((_req, res) => res.end())
    const out = outbound([`127.0.0.1/32:${port}`])
    expect((await out.get(`http://127.0.0.1:${port}/`, ask())).status).toBe(200)
    const other = await serve((_req, res) => res.end())
    expect(await faultOf(out.get(`http://127.0.0.1:${other}/`, ask()))).toBe('OUTBOUND_REFUSED')
  })
})

describe('redirects', () => {
  const to = (location: string, status = 302): RequestListener => {
    return (_req, res) => res.writeHead(status, { location }).end('x'.repeat(5000))
  }

  test('three are followed, a fourth is not', async () => {
    const port = await serve((req, res) => {
      const left = Number(req.url?.slice(1))
      if (left === 0) res.end('done')
      else res.writeHead(301 + (left % 2), { location: `${left - 1}` }).end()
    })
    const out = outbound()
    const answer = await out.get(`http://127.0.0.1:${port}/3`, ask())
    expect([answer.body.toString(), answer.url]).toEqual(['done', `http://127.0.0.1:${port}/0`])
    expect(await faultOf(out.get(`http://127.0.0.1:${port}/4`, ask()))).toBe('UPSTREAM_FAILED')
  })

  test.each([
    ['http://127.0.0.2:1/', 'OUTBOUND_REFUSED'],
    ['http://localhost:1/', 'OUTBOUND_REFUSED'],
    ['http://u:p@127.0.0.1/', 'OUTBOUND_REFUSED'],
    ['file:///etc/passwd', 'OUTBOUND_REFUSED'],
    ['http://[', 'UPSTREAM_FAILED'],
  ])('to %s is %s', async (location, code) => {
    const port = await serve(to(location, 307))
    const out = outbound([`127.0.0.1/32:${port}`])
    expect(await faultOf(out.get(`http://127.0.0.1:${port}/`, ask()))).toBe(code)
  })

  test('to another origin takes no secret along; to the same one does', async () => {
    const seen: (string | undefined)[] = []
    const note: RequestListener = (req, res) => {
      seen.push(`${req.headers.authorization} ${req.headers.accept}`)
      res.end()
    }
    const other = await serve(note)
    const port = await serve((req, res) => {
      if (req.url === '/far') to(`http://127.0.0.1:${other}/`)(req, res)
      else if (req.url === '/near') to('/here')(req, res)
      else note(req, res)
    })
    const request = ask({ headers: { Authorization: 'Bearer x', Accept: 'y' } })
    const out = outbound()
    await out.get(`http://127.0.0.1:${port}/far`, request)
    await out.get(`http://127.0.0.1:${port}/near`, request)
    expect(seen).toEqual(['undefined y', 'Bearer x y'])
  })

  test('without a location it is an answer', async () => {
    const port = await serve((_req, res) => res.writeHead(302).end('see'))
    const answer = await outbound().get(`http://127.0.0.1:${port}/`, ask())
    expect([answer.status, answer.body.toString()]).toEqual([302, 'see'])
  })
})

describe('UPSTREAM_FAILED', () => {
  test('a body that says it is too large, and one that does not', async () => {
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

  /** What a raw server sends at once, and then again and again. */
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
  ])('%s ends with the time', async (_name, first, again) => {
    const port = await raw(first, again)
    const request = ask({ timeoutMs: 200, maxBytes: 1_000_000 })
    expect(await faultOf(outbound().get(`http://127.0.0.1:${port}/`, request))).toBe(
      'UPSTREAM_FAILED',
    )
    expect(lines.join()).toMatch(/no answer in 200 ms|Header/)
  })

  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['nothing', ''],
    ['a body cut short', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'],
    ['chunks cut short', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'],
    ['an upgrade', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
    ['gzip, not asked for', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nx'],
    ['endless headers', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`],
  ])('%s', async (_name, text) => {
    const port = await raw(text, '', true)
    expect(await faultOf(outbound().get(`http://127.0.0.1:${port}/`, ask()))).toBe(
      'UPSTREAM_FAILED',
    )
  })

  test('nobody there, no such name, no address, no TLS', async () => {
    const port = await serve((_req, res) => res.end())
    const closed = await listen(net.createServer())
    for (const end of ends.splice(-1)) end()
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

describe('who asked may leave', () => {
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

  test('close ends what runs and refuses what comes', async () => {
    const port = await serve((_req, res) => res.write('x'))
    const out = outbound()
    const running = faultOf(out.get(`http://127.0.0.1:${port}/`, ask()))
    setTimeout(() => out.close(), 50)
    expect(await running).toBe('UPSTREAM_FAILED')
    expect(await faultOf(out.get(`http://127.0.0.1:${port}/`, ask()))).toBe('UPSTREAM_FAILED')
  })
})

test('mayRedirect looks at the text alone', () => {
  const out = outbound([])
  expect(out.mayRedirect('https://film.test/a.mp4')).toBe(true)
  expect(out.mayRedirect('http://192.168.1.5/a.mp4')).toBe(true)
  expect(out.mayRedirect('https://u:p@film.test/a.mp4')).toBe(false)
  expect(out.mayRedirect('udp://film.test:1')).toBe(false)
})
