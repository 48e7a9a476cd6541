import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { IncomingLimit } from '../../../../torrent/engine/peers/incoming-limit.ts'
import { limitIncoming } from '../../../../torrent/engine/webtorrent/limit-incoming.ts'
import { listen } from '../../../support/server/listening.ts'
import { eventually } from '../../../support/wait.ts'

let server: Server
const clients: Socket[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await new Promise((resolve) => server.close(resolve))
})

test('an address has ten connections, and a new one when one of them ends', async () => {
  const taken = new Set<Socket>()
  server = createServer((socket) => {
    // As webtorrent: a socket without an address was closed already.
    if (socket.remoteAddress === undefined) return
    taken.add(socket)
    socket.once('close', () => taken.delete(socket))
    socket.resume()
  })
  limitIncoming(server, new IncomingLimit())
  const port = await listen(server)
  const open = (localAddress: string): Socket => {
    const client = connect({ port, host: '127.0.0.1', localAddress })
    client.on('error', () => {})
    client.resume()
    clients.push(client)
    return client
  }
  const many = Array.from({ length: 100 }, () => open('127.0.0.21'))
  await Promise.all(many.slice(10).map((client) => once(client, 'close')))
  expect(taken.size).toBe(10)

  open('127.0.0.22')
  await eventually('the one of another address', () => taken.size === 11)
  many[0]?.destroy()
  await eventually('its end', () => taken.size === 10)
  open('127.0.0.21')
  await eventually('one in its place', () => taken.size === 11)
})
