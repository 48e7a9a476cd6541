import { type ChildProcess, fork } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import http from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { closeServer, listen } from '../../support/server/listening.ts'
import { eventually } from '../../support/wait.ts'

/** Who came, over TCP and by datagrams. */
const came: (string | undefined)[] = []
const tcp = http.createServer((_req, res) => res.end('body'))
tcp.on('connection', (socket) => came.push(socket.remoteAddress))
const udp = dgram.createSocket('udp4')
udp.on('message', (_bytes, from) => came.push(from.address))
const ports = { tcp: 0, udp: 0 }
let child: ChildProcess

beforeAll(async () => {
  ports.tcp = await listen(tcp)
  udp.bind(0, '127.0.0.1')
  await once(udp, 'listening')
  ports.udp = udp.address().port
  const script = fileURLToPath(new URL('./bound-child.ts', import.meta.url))
  child = fork(script, { execArgv: ['--no-warnings'] })
})
afterAll(async () => {
  child.disconnect()
  await once(child, 'exit')
  await closeServer(tcp)
  udp.close()
})

let id = 0
async function go(way: string, host = '127.0.0.1', port = ports.tcp): Promise<string> {
  const mine = ++id
  const answered = new Promise<string>((resolve) => {
    const heard = (message: unknown): void => {
      const { id: of, outcome } = message as { id: number; outcome: string }
      if (of !== mine) return
      child.off('message', heard)
      resolve(outcome)
    }
    child.on('message', heard)
  })
  child.send({ id: mine, way, host, port })
  return answered
}

test.each([
  ['net', '127.0.0.1', 'out'],
  ['net', 'both.test', 'out'],
  ['net options', '127.0.0.1', 'out'],
  ['net any family', 'both.test', 'out'],
  ['net callback', '127.0.0.1', 'out'],
  ['net early write', 'both.test', 'HTTP/1.1'],
  ['http', 'both.test', 'out'],
  ['fetch', '127.0.0.1', 'body'],
])('%s to %s leaves by the one address', async (way, host, outcome) => {
  const before = came.length
  expect(await go(way, host)).toBe(outcome)
  await eventually('somebody came', () => came.length > before)
  expect(new Set(came)).toEqual(new Set(['127.0.0.5']))
})

test.each(['127.0.0.1', 'both.test'])(
  'a datagram to %s leaves by the one address',
  async (host) => {
    const before = came.length
    expect(await go('udp4', host, ports.udp)).toBe('127.0.0.5')
    await eventually('somebody came', () => came.length > before)
    expect(new Set(came)).toEqual(new Set(['127.0.0.5']))
  },
)

test.each([
  ['net', '::1'],
  ['net', 'six.test'],
  ['http', '::1'],
  ['udp6', '::1'],
])('%s to %s fails: there is no address to leave by', async (way, host) => {
  const before = came.length
  expect(await go(way, host)).toBe('EADDRNOTAVAIL')
  expect(came.length).toBe(before)
})

test.each([
  ['net', '10.0.0.1', 'EACCES'],
  ['net', 'gone.test', 'no address'],
  ['destroyed at once', 'both.test', 'closed'],
  ['lookup', 'both.test', '::1'],
  ['lookup', 'gone.test', 'no address'],
])('%s to %s: %s', async (way, host, outcome) => {
  expect(await go(way, host)).toBe(outcome)
})

test.each([
  ['listen', '127.0.0.5'],
  ['listen everywhere', '127.0.0.5'],
  ['listen near', '127.0.0.5'],
  ['bind everywhere', '127.0.0.5'],
  ['bind the group', '239.1.2.3'],
])('%s: at %s only', async (way, address) => {
  expect(await go(way)).toBe(address)
})
