import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bencode } from '../../../support/bencode.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { eventually } from '../../../support/wait.ts'
import { startLoneEngine } from '../../lone-engine.ts'

const id = payload('a node', 20)
const hash = payload('a torrent', 20)
const query = (q: string, a: Parameters<typeof bencode>[0]) => bencode({ a, q, t: 'aa', y: 'q' })

/** One datagram each; what each did to bittorrent-dht alone is in brackets. */
const DATAGRAMS: readonly (readonly [what: string, datagram: Uint8Array])[] = [
  ['a string of negative length (hung)', Buffer.from('l-3:')],
  ['lists in lists', Buffer.from('l'.repeat(1400))],
  ['a kind that is a dictionary (died)', Buffer.from('d1:yd8:toStringi1eee')],
  [
    'a query that is a dictionary (died)',
    bencode({ a: { id }, q: { toString: 1 }, t: 'a', y: 'q' }),
  ],
  ['a number as info hash (died)', query('get_peers', { id, info_hash: 5 })],
  ['a list as info hash (died)', query('get_peers', { id, info_hash: [] })],
  ['a short info hash', query('get_peers', { id, info_hash: 'ab' })],
  ['a number as target (died)', query('find_node', { id, target: 5 })],
  ['a number as token (died)', query('announce_peer', { id, info_hash: hash, port: 5, token: 5 })],
  ['a number as key (died)', query('get', { id, target: 5 })],
  ['a number as token of a value (died)', query('put', { id, token: 5, v: 'x' })],
  ['a number as id', query('ping', { id: 5 })],
  ['no transaction', bencode({ a: { id }, q: 'ping', y: 'q' })],
  ['arguments by inheritance', Buffer.from('d1:ad9:__proto__d2:idi5eee1:q4:ping1:t2:aa1:y1:qe')],
  ['an answer that nobody asked for', bencode({ r: { id }, t: 'aa', y: 'r' })],
  ['an answer with a number as nodes', bencode({ r: { id, nodes: 5 }, t: 'aa', y: 'r' })],
  ['an error of dictionaries', bencode({ e: [{ toString: 1 }], t: '\0\x01', y: 'e' })],
  ['nothing', Buffer.alloc(0)],
  ['noise', payload('noise', 1400)],
]

let node: Awaited<ReturnType<typeof startLoneEngine>>
let socket: Socket
let port = 0
const answers: Buffer[] = []
const send = (datagram: Uint8Array): void => socket.send(datagram, port, '127.0.0.1')

/** Resolves when the node has answered: it has read what was sent before, too. */
async function answered(): Promise<void> {
  const before = answers.length
  await eventually('an answer of the node', () => {
    send(query('ping', { id }))
    return answers.length > before
  })
}

beforeAll(async () => {
  node = await startLoneEngine({ dht: true })
  port = (await eventually('the port of the node', () => node.udpPort())) ?? 0
  socket = createSocket('udp4', (message) => answers.push(message))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  await answered()
})
afterAll(async () => {
  socket.close()
  await node.engine.close()
})

test.each(DATAGRAMS)('%s: the node goes on', async (_, datagram) => {
  send(datagram)
  await answered()
  expect(node.deaths).toBe(0)
})
