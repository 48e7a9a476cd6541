import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { guardDht } from '../../../../torrent/engine/webtorrent/guard-dht.ts'
import { bencode } from '../../../support/bencode.ts'
import { payload } from '../../../support/swarm/payload.ts'

const id = payload('a node', 20)
const from = (address: string) => ({ address, port: 1, family: 'IPv4', size: 0 })
const query = bencode({ a: { id }, q: 'ping', t: 'aa', y: 'q' })
const answer = bencode({ r: { id }, t: 'aa', y: 'r' })

let socket: Socket
let received: number
/** Milliseconds: time stands still. */
let now = 0
beforeEach(() => {
  socket = createSocket('udp4')
  received = 0
})
afterEach(async () => {
  socket.close()
  await once(socket, 'close')
})

function guard(receive: () => void = () => {}) {
  socket.on('message', () => {
    received++
    receive()
  })
  const peers = Array.from({ length: 9000 }, (_, n) => n)
  const _peers = { get: (_: string, most?: number) => peers.slice(0, most) }
  guardDht({ _rpc: { socket: { socket } }, _peers }, () => now)
  return _peers
}
const hear = (datagram: Buffer, times: number, address: (n: number) => string): void => {
  for (let n = 0; n < times; n++) socket.emit('message', datagram, from(address(n)))
}

test('one address is answered twenty queries at once, many addresses two hundred', () => {
  guard()
  hear(query, 1000, () => '198.51.100.1')
  expect(received).toBe(20)
  hear(query, 1000, (n) => `198.51.${n >> 8}.${n & 255}`)
  expect(received).toBe(200)
  now += 1000
  hear(query, 1000, () => '198.51.100.1')
  expect(received).toBe(220)
})

test('answers are not counted: a flood of queries must not cost us those', () => {
  guard()
  hear(query, 1000, () => '198.51.100.1')
  hear(answer, 100, () => '198.51.100.1')
  expect(received).toBe(120)
})

test('an answer names fifty peers, however many announced themselves', () => {
  expect(guard().get('a torrent')).toHaveLength(50)
})

test('what the node cannot take is thrown away, and it hears the next one', () => {
  guard(() => {
    if (received === 1) throw new TypeError('id is not a Uint8Array')
  })
  hear(query, 2, () => '198.51.100.1')
  expect(received).toBe(2)
})

test('a datagram longer than any message of the DHT is not read', () => {
  guard()
  hear(bencode({ r: { id, nodes: 'x'.repeat(5000) }, t: 'aa', y: 'r' }), 1, () => '198.51.100.1')
  expect(received).toBe(0)
})
