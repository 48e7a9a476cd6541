import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { inOrder, MOST_WAITING, parseUntilCut } from '../../../server/http/pipelining.ts'
import { rawConnect, until } from '../ask.ts'

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

let server: Server
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function serving(app: RequestListener): Promise<number> {
  server = createServer(inOrder(app))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

describe('pipelined requests', () => {
  test('are answered one after the other, in their order', async () => {
    let running = 0
    let most = 0
    const port = await serving((req, res) => {
      most = Math.max(most, ++running)
      res.once('close', () => running--)
      setTimeout(() => res.end(`<${req.url}>`), 1)
    })
    const raw = rawConnect(port, Array.from({ length: 20 }, (_, i) => get(`/${i}`)).join(''))
    await until('the last is answered', () => raw.text().includes('</19>'))
    expect([...raw.text().matchAll(/<\/(\d+)>/g)].map(([, n]) => Number(n))).toEqual([
      ...Array(20).keys(),
    ])
    expect(most).toBe(1)
  })

  test('behind an answer that nobody reads are not begun', async () => {
    let asked = 0
    const body = Buffer.alloc(32 << 20)
    const port = await serving((_req, res) => {
      asked++
      res.end(body)
    })
    const raw = rawConnect(port)
    raw.socket.pause()
    raw.socket.write(get('/').repeat(MOST_WAITING))
    await until('one is asked', () => asked > 0)
    // A second client is served meanwhile: whatever the first one's requests began has begun by then.
    const other = rawConnect(port, get('/').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    expect((await other.ended).length).toBeGreaterThan(body.length)
    expect(asked).toBe(2)
    raw.socket.destroy()
  })

  test.each([MOST_WAITING + 2, 2000])('%i at once end the connection', async (count) => {
    let asked = 0
    const held: ServerResponse[] = []
    const port = await serving((_req, res) => {
      asked++
      held.push(res)
    })
    await rawConnect(port, get('/').repeat(count)).ended
    expect(asked).toBe(1)
    await until('the answer is let go', () => held[0]?.destroyed === true)
  })

  test('behind a cut are not even parsed', async () => {
    let parsed = 0
    const port = await serving(() => {})
    server.prependListener('request', () => parsed++)
    parseUntilCut(server)
    await rawConnect(port, get('/').repeat(1900)).ended
    // One is being answered, so many wait, and the next is one too many.
    expect(parsed).toBe(MOST_WAITING + 2)
  })

  test('end with their connection', async () => {
    let asked = 0
    const closed: string[] = []
    const port = await serving((req, res) => {
      asked++
      res.once('close', () => closed.push(req.url ?? ''))
    })
    const raw = rawConnect(port, get('/a') + get('/b'))
    await until('the first is asked', () => asked === 1)
    raw.socket.destroy()
    await until('the first has ended', () => closed.includes('/a'))
    expect(asked).toBe(1)
  })
})
