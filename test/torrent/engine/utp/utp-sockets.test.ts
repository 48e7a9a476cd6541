import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createAddressRules } from '../../../../common/network/address-rules.ts'
import { IncomingLimit } from '../../../../torrent/engine/peers/incoming-limit.ts'
import {
  type Packet,
  PacketType,
  packetOf,
  readPacket,
} from '../../../../torrent/engine/utp/utp-packet.ts'
import { UtpSockets } from '../../../../torrent/engine/utp/utp-sockets.ts'
import type { UtpStream } from '../../../../torrent/engine/utp/utp-stream.ts'
import { freePort } from '../../../support/free-port.ts'
import { payload, sha1 } from '../../../support/swarm/payload.ts'
import { eventually, sleep } from '../../../support/wait.ts'

const LOOPBACK = ['127.0.0.0/8', '::1']
const film = payload('film', 3_000_000)

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Somebody who speaks no uTP but what the test says. */
async function rawSocket(address = '127.0.0.1') {
  const socket: Socket = createSocket('udp4')
  const heard: Packet[] = []
  let bytes = 0
  socket.on('message', (datagram) => {
    bytes += datagram.length
    const packet = readPacket(datagram)
    if (packet) heard.push(packet)
  })
  socket.bind(0, address)
  await once(socket, 'listening')
  return { socket, heard, port: (socket.address() as AddressInfo).port, bytes: () => bytes }
}

async function open(allow = LOOPBACK, limit = new IncomingLimit()) {
  const port = await freePort()
  const streams: UtpStream[] = []
  const sockets = new UtpSockets({
    port,
    rules: createAddressRules(allow),
    hasRoom: (address) => limit.hasRoom(address),
    incoming(stream) {
      stream.on('error', () => {})
      streams.push(stream)
      const left = limit.enter(stream.remoteAddress)
      if (left) stream.once('close', left)
      else stream.destroy()
    },
  })
  closers.push(() => sockets.close())
  return { sockets, port, streams }
}

/** A SYN that has been answered. */
async function knock() {
  const { socket, heard } = await rawSocket()
  closers.push(() => socket.close())
  const { port, streams } = await open()
  const say = (packet: Buffer): void => socket.send(packet, port, '127.0.0.1')
  say(packetOf(header(PacketType.syn)))
  await eventually('the answer', () => heard.length === 1)
  return { socket, heard, say, streams }
}

function collect(stream: UtpStream) {
  const chunks: Buffer[] = []
  let ended = false
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => {
    ended = true
  })
  return { bytes: () => Buffer.concat(chunks), ended: () => ended }
}

describe('two of them', () => {
  test.each(['127.0.0.1', '::1'])('speak to each other by %s, both ways', async (host) => {
    const [here, there] = [await open(), await open()]
    const stream = here.sockets.connect(there.port, host)
    await once(stream, 'connect')
    const got = collect(stream)
    stream.end(Buffer.from('who is there'))
    await eventually('the other side', () => there.streams.length === 1)
    const [theirs] = there.streams as [UtpStream]
    const asked = collect(theirs)
    theirs.end(film)
    await eventually('all of it', () => got.ended() && asked.ended())
    expect(asked.bytes().toString()).toBe('who is there')
    expect(sha1(got.bytes()).equals(sha1(film))).toBe(true)
    await eventually('the end', () => stream.closed && theirs.closed)
  })

  test('a reader that waits holds up who sends, and gets everything later', async () => {
    const [here, there] = [await open(), await open()]
    const stream = here.sockets.connect(there.port, '127.0.0.1')
    await once(stream, 'connect')
    stream.write('begin')
    await eventually('the other side', () => there.streams.length === 1)
    const [theirs] = there.streams as [UtpStream]
    stream.end(film)
    await eventually('some of it', () => theirs.readableLength > 100_000)
    await sleep(200)
    expect(theirs.readableLength).toBeLessThanOrEqual(256 << 10)
    const all = collect(theirs)
    await eventually('all of it', () => all.bytes().length === film.length + 5)
  })

  test('one that is destroyed tells the other', async () => {
    const [here, there] = [await open(), await open()]
    const stream = here.sockets.connect(there.port, '127.0.0.1')
    await once(stream, 'connect')
    stream.write('begin')
    await eventually('the other side', () => there.streams.length === 1)
    stream.destroy()
    await eventually('its end', () => there.streams[0]?.closed === true)
  })

  test('where the port is taken, others are still connected to', async () => {
    const there = await open()
    const sockets = new UtpSockets({
      port: there.port,
      rules: createAddressRules(LOOPBACK),
      hasRoom: () => true,
      incoming: () => {},
    })
    closers.push(() => sockets.close())
    // The system tells it a moment later.
    await sleep(20)
    const stream = sockets.connect(there.port, '127.0.0.1')
    await once(stream, 'connect')
  })
})

describe('addresses that must not be reached', () => {
  test('are not connected to', async () => {
    const { socket, port, heard } = await rawSocket()
    closers.push(() => socket.close())
    const { sockets } = await open(['127.0.0.9'])
    const stream = sockets.connect(port, '127.0.0.1')
    const [error] = await once(stream, 'error')
    await sleep(20)
    expect([error.code, heard]).toEqual(['EACCES', []])
  })

  test('are not answered, whoever writes in their name', async () => {
    const { socket, heard } = await rawSocket()
    closers.push(() => socket.close())
    const { port } = await open(['127.0.0.9'])
    socket.send(packetOf(header(PacketType.syn)), port, '127.0.0.1')
    await sleep(50)
    expect(heard).toEqual([])
  })
})

const header = (type: number, more: object = {}) => ({
  ...{ type, connectionId: 7, timestamp: 1, delay: 0, window: 1 << 20, sequence: 1, ack: 0 },
  ...more,
})

describe('strangers', () => {
  test('a SYN is answered each time, by as many bytes, and nothing is made of it', async () => {
    const { socket, heard, bytes } = await rawSocket()
    closers.push(() => socket.close())
    const { port, streams } = await open()
    for (let id = 0; id < 100; id++) {
      socket.send(packetOf(header(PacketType.syn, { connectionId: id })), port, '127.0.0.1')
    }
    await eventually('answers', () => heard.length === 100)
    expect([bytes(), streams.length]).toEqual([100 * 20, 0])
    expect(new Set(heard.map(({ type }) => type))).toEqual(new Set([PacketType.state]))
  })

  test('a flood of them is not answered for long', async () => {
    const { socket, heard } = await rawSocket()
    closers.push(() => socket.close())
    const { port } = await open()
    for (let turn = 0; turn < 50; turn++) {
      for (let id = 0; id < 100; id++) {
        socket.send(packetOf(header(PacketType.syn, { connectionId: id })), port, '127.0.0.1')
      }
      await sleep(1)
    }
    await eventually('answers', () => heard.length > 100)
    await sleep(100)
    expect(heard.length).toBeLessThan(2500)
  })

  test('only who has the answer is connected, and by no other numbers', async () => {
    const { socket, heard, say, streams } = await knock()
    const cookie = heard[0]?.sequence ?? 0
    const data = (more: object): void =>
      say(packetOf(header(PacketType.data, { connectionId: 8, sequence: 2, ...more }), 10))
    for (const ack of [cookie + 1, cookie - 2, 0]) data({ ack: ack & 0xffff })
    data({ ack: (cookie - 1) & 0xffff, sequence: 3 })
    data({ ack: (cookie - 1) & 0xffff, connectionId: 9 })
    await sleep(50)
    expect(streams).toHaveLength(0)
    data({ ack: (cookie - 1) & 0xffff })
    await eventually('a connection', () => streams.length === 1)
    expect(streams[0]?.remotePort).toBe((socket.address() as AddressInfo).port)
  })

  test('of an address only as many are connected as by TCP', async () => {
    const limit = new IncomingLimit()
    const [here, there] = [await open(), await open(LOOPBACK, limit)]
    const begin = async (): Promise<UtpStream> => {
      const stream = here.sockets.connect(there.port, '127.0.0.1')
      stream.on('error', () => {})
      await once(stream, 'connect')
      stream.write('hello')
      return stream
    }
    for (let i = 0; i < 10; i++) await begin()
    await eventually('ten', () => there.streams.length === 10)
    let met = 0
    here.sockets.connect(there.port, '127.0.0.1').on('connect', () => met++)
    await sleep(100)
    expect([met, limit.hasRoom('127.0.0.1')]).toEqual([0, false])
    there.streams[0]?.destroy()
    await eventually('room', () => limit.hasRoom('127.0.0.1'))
    await begin()
    await eventually('one in its place', () => there.streams.length === 11)
  })

  test('who goes on with a connection that has ended is told', async () => {
    const { heard, say, streams } = await knock()
    const ack = ((heard[0]?.sequence ?? 0) - 1) & 0xffff
    const data = packetOf(header(PacketType.data, { connectionId: 8, sequence: 2, ack }), 10)
    say(data)
    await eventually('a connection', () => streams.length === 1)
    streams[0]?.destroy()
    const resets = () => heard.filter(({ type }) => type === PacketType.reset)
    await eventually('its end', () => resets().length === 1)
    say(packetOf(header(PacketType.data, { connectionId: 8, sequence: 3, ack: ack - 5 }), 10))
    await eventually('it again', () => resets().length === 2)
    expect(resets()[1]).toMatchObject({ connectionId: 7, ack: 3 })
  })
})
