import { once } from 'node:events'
import type http from 'node:http'
import type { RequestListener } from 'node:http'
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

describe('an allowed address', () => {
  test('gets a GET without compression; status, headers and body come back', async () => {
    let asked: http.IncomingMessage | undefined
    const port = await serve((req, res) => {
      asked = req
      res.writeHead(404, { 'set-cookie': ['a=1', 'b=2'], 'x-one': 'y' }).end('body')
    })
    const url = `http://127.0.0.1:${port}/x?y=1`
    const answer = await outbound().get(url, ask({ headers: { accept: 'text/x' } }))
    expect(answer).toMatchObject({ status: 404, body: Buffer.from('body') })
    expect(answer.headers).toMatchObject({ 'set-cookie': 'a=1, b=2', 'x-one': 'y' })
    expect([asked?.method, asked?.url]).toEqual(['GET', '/x?y=1'])
    expect(asked?.headers).toMatchObject({ accept: 'text/x', 'accept-encoding': 'identity' })
  })

  test('the address that was checked is connected to: a name is looked up once', async () => {
    const port = await serve((req, res) => res.end(req.headers.host))
    let times = 0
    const lookup: LookupFunction = (...args) => {
      times++
      named(times === 1 ? '127.0.0.1' : '10.0.0.1')(...args)
    }
    const answer = await outbound(LOCAL, lookup).get(`http://film.test:${port}/`, ask())
    expect([answer.body.toString(), times]).toEqual([`film.test:${port}`, 1])
  })

  test('a look-up that ignores "all" is checked as well', async () => {
    const port = await serve((_req, res) => res.end('here'))
    const single: LookupFunction = (_h, _o, callback) => callback(null, '127.0.0.1', 4)
    const url = `http://film.test:${port}/`
    expect((await outbound(LOCAL, single).get(url, ask())).status).toBe(200)
    expect(await faultOf(outbound([], single).get(url, ask()))).toBe('OUTBOUND_REFUSED')
  })
})

test.each([
  ['line ends without CR', 'HTTP/1.0 200 OK\nX-One: y\n\nbody'],
  ['a control character in a header', 'HTTP/1.1 200 OK\r\nX: a\x01b\r\nX-One: y\r\n\r\nbody'],
  [
    'a length beside chunks',
    'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nX-One: y\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
  ],
])('an answer with %s is read', async (_what, text) => {
  const port = await listen(
    net.createServer((socket) => {
      socket.on('error', () => {}).once('data', () => socket.end(text, 'latin1'))
    }),
  )
  const answer = await outbound().get(`http://127.0.0.1:${port}/`, ask())
  expect([answer.status, answer.headers['x-one'], `${answer.body}`]).toEqual([200, 'y', 'body'])
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
      if (left === 0) res.end(`done at ${req.url}`)
      else res.writeHead(301 + (left % 2), { location: `${left - 1}` }).end()
    })
    const out = outbound()
    const answer = await out.get(`http://127.0.0.1:${port}/3`, ask())
    expect(answer.body.toString()).toBe('done at /0')
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

  test('to another origin sends no secret on; to the same origin does', async () => {
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

  test.each([
    [
      'UTF-8',
      Buffer.from('/Фильм é 100%.torrent'),
      '/%D0%A4%D0%B8%D0%BB%D1%8C%D0%BC%20%C3%A9%20100%.torrent',
    ],
    ['Latin-1', Buffer.from('/caf\xe9', 'latin1'), '/caf%C3%A9'],
    ['percent signs', Buffer.from('/%C3%A9?a=%2F'), '/%C3%A9?a=%2F'],
  ])('to an address in %s', async (_name, location, path) => {
    const port = await serve(({ url, socket }, res) => {
      if (url !== '/') return void res.end(url)
      socket.write('HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ')
      socket.end(Buffer.concat([location, Buffer.from('\r\n\r\n')]))
    })
    const answer = await outbound().get(`http://127.0.0.1:${port}/`, ask())
    expect(answer.body.toString()).toBe(path)
  })

  test('cookies that are set on the way come back to their origin, and to no other', async () => {
    const seen: string[] = []
    const other = await serve(({ headers }, res) => {
      seen.push(`other ${headers.cookie}`)
      res.end('there')
    })
    const port = await serve(({ url, headers }, res) => {
      seen.push(`${url} ${headers.cookie}`)
      const set = ['a=1; Path=/; HttpOnly', 'b=x y', 'bad', `long=${'x'.repeat(5000)}`, 'c=1\xff']
      if (url === '/far')
        res.writeHead(302, { 'set-cookie': set, location: `http://127.0.0.1:${other}/` })
      else if (!headers.cookie?.includes('a=1'))
        res.writeHead(302, { 'set-cookie': set, location: '/' })
      else res.write('welcome')
      res.end()
    })
    const out = outbound()
    const answer = await out.get(`http://127.0.0.1:${port}/`, ask({ headers: { Cookie: 'own=2' } }))
    expect(answer.body.toString()).toBe('welcome')
    await out.get(`http://127.0.0.1:${port}/far`, ask())
    expect(seen).toEqual(['/ own=2', '/ own=2; a=1; b=x y', '/far undefined', 'other undefined'])
  })

  test('a cookie that is set anew stands in place of the request’s, and one that is taken back is gone', async () => {
    const seen: (string | undefined)[] = []
    const sets = [
      ['own=3', 'a=1', 'b=2'],
      ['a=; Max-Age=0', 'b=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
    ]
    const port = await serve(({ headers }, res) => {
      seen.push(headers.cookie)
      const set = sets[seen.length - 1]
      if (set) res.writeHead(302, { 'set-cookie': set, location: '/' })
      res.end('there')
    })
    const asked = ask({ headers: { Cookie: 'own=2; other=1' } })
    await outbound().get(`http://127.0.0.1:${port}/`, asked)
    expect(seen).toEqual(['own=2; other=1', 'other=1; own=3; a=1; b=2', 'other=1; own=3'])
  })

  test('a redirect without a location is an answer', async () => {
    const port = await serve((_req, res) => res.writeHead(302).end('see'))
    const answer = await outbound().get(`http://127.0.0.1:${port}/`, ask())
    expect([answer.status, answer.body.toString()]).toEqual([302, 'see'])
  })
})

test('mayRedirect looks at the text alone', () => {
  const out = outbound([])
  expect(out.mayRedirect('https://film.test/a.mp4')).toBe(true)
  expect(out.mayRedirect('http://192.168.1.5/a.mp4')).toBe(true)
  expect(out.mayRedirect('https://u:p@film.test/a.mp4')).toBe(false)
  expect(out.mayRedirect('udp://film.test:1')).toBe(false)
})

test('a name that leads to what clouds serve is refused, also where a range opens it', async () => {
  for (const address of ['169.254.169.254', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254']) {
    const out = outbound(['0.0.0.0/0', '::/0'], named('127.0.0.1', address))
    const asked = out.get('http://metadata.google.internal/computeMetadata/v1/', ask())
    expect([address, await faultOf(asked)]).toEqual([address, 'OUTBOUND_REFUSED'])
    const opened = out.open('http://metadata.google.internal/computeMetadata/v1/', ask())
    expect([address, await faultOf(opened)]).toEqual([address, 'OUTBOUND_REFUSED'])
  }
})

describe('a body that comes as it is read', () => {
  const endless = () =>
    serve((_req, res) => {
      const more = (): void => void res.write(Buffer.alloc(65_536), (error) => !error && more())
      more()
    })

  test('ends with its reader', async () => {
    const out = outbound()
    const { status, body } = await out.open(`http://127.0.0.1:${await endless()}/`, ask())
    expect(status).toBe(200)
    const [chunk] = (await once(body, 'data')) as [Buffer]
    expect(chunk.length).toBeGreaterThan(0)
    body.destroy()
    await once(body, 'close')
  })

  test('ends when nothing may go out any more', async () => {
    const out = outbound()
    const { body } = await out.open(`http://127.0.0.1:${await endless()}/`, ask())
    const closed = new Promise((resolve) => body.once('close', resolve))
    out.close()
    await closed
    expect(body.destroyed).toBe(true)
  })

  test('is not begun for who has gone', async () => {
    const signal = AbortSignal.abort(new Error('gone'))
    const asked = outbound().open(`http://127.0.0.1:${await endless()}/`, ask({ signal }))
    expect(await faultOf(asked)).toBe('UPSTREAM_FAILED')
  })
})
