import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ConnectionCaps } from '../../../server/http/connection-caps.ts'
import { watchConnections } from '../../../server/http/connections.ts'
import { until } from '../ask.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

let server: Server
let sockets: Socket[]
let refused: string[]
beforeEach(() => {
  sockets = []
  refused = []
})
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server.closeAllConnections()
  server.close()
})

async function start(perAddress: number, inAll = 100, proxies: readonly string[] = []) {
  server = createServer((_req, res) => void res.write('begun'))
  const isProxy = (address: string): boolean => proxies.includes(address)
  const reached = (address: string): void => void refused.push(address)
  watchConnections(server, new ConnectionCaps({ perAddress, inAll, isProxy, reached }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
}

/** `begun`: a request is answered on it. */
async function open(localAddress: string, send = ''): Promise<Socket> {
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  sockets.push(socket)
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))
  if (send !== '') {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.write(send)
    await until('it is answered or cut', () => text.includes('begun') || socket.closed)
  } else socket.resume()
  return socket
}
const count = async (address: string, many: number, send = ''): Promise<Socket[]> => {
  const all: Socket[] = []
  for (let i = 0; i < many; i++) all.push(await open(address, send))
  return all
}
const stay = (all: readonly Socket[]): number => all.filter((socket) => !socket.closed).length

describe('connections', () => {
  test.each([
    ['silent ones', ''],
    ['half a request', 'GET / HTTP/1.1\r\nHost'],
    ['ones that are answered', GET],
  ])('of one address have their number, others come in: %s', async (_, send) => {
    await start(3)
    const many = await count('127.0.0.2', 3, send === GET ? send : '')
    for (const socket of many) if (send !== GET) socket.write(send)
    const late = await count('127.0.0.2', 5)
    await until('the late ones are cut', () => stay(late) === 0)
    expect(stay(many)).toBe(3)
    expect(refused).toEqual(Array(5).fill('127.0.0.2'))
    expect(stay([await open('127.0.0.3', GET)])).toBe(1)
    many[0]?.destroy()
    await until('its place is free', () => refused.length >= 5)
    let again = await open('127.0.0.2', GET)
    while (again.closed) again = await open('127.0.0.2', GET)
    expect(again.closed).toBe(false)
  })

  test('one too many is refused before a socket is made of it', async () => {
    await start(2)
    let made = 0
    server.on('connection', () => made++)
    await count('127.0.0.2', 2)
    const late = await count('127.0.0.2', 5)
    await until('the late ones are cut', () => stay(late) === 0)
    expect([made, refused.length]).toEqual([2, 5])
  })

  test('of a proxy of ours are not counted by its address', async () => {
    await start(2, 100, ['127.0.0.4'])
    const many = await count('127.0.0.4', 10, GET)
    expect(stay(many)).toBe(10)
    expect(refused).toEqual([])
  })

  test('in all: who has the most gives an idle one to who has fewer', async () => {
    await start(8, 10)
    const [idle, busy] = [await count('127.0.0.2', 4), await count('127.0.0.2', 4, GET)]
    const others = await count('127.0.0.3', 2, GET)
    const next = await count('127.0.0.5', 4, GET)
    await until('four have made room', () => stay(idle) === 0)
    expect([stay(busy), stay(others), stay(next)]).toEqual([4, 2, 4])
    expect(refused).toEqual([])
    // None is idle now: the next has to come again.
    const late = await open('127.0.0.6')
    await until('it is cut', () => late.closed)
    expect(refused).toEqual(['127.0.0.6'])
  })
})
