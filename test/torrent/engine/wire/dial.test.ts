import { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { Dial, type Transport } from '../../../../torrent/engine/wire/dial.ts'
import { eventually } from '../../../support/wait.ts'
import { type RawPeer, startRawPeer } from './raw-peer.ts'

const closers: (() => unknown)[] = []
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] })
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  expect(jest.getTimerCount()).toBe(0)
  jest.useRealTimers()
})

/** Dials the peer; streams of uTP do what the test says. */
function dial(peer: Pick<RawPeer, 'host' | 'port' | 'text'>) {
  const asked: Duplex[] = []
  const connected: Transport[] = []
  const read: string[] = []
  let failed = 0
  const utp = {
    connect(): Duplex {
      const stream = new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() })
      closers.push(() => stream.destroy())
      asked.push(stream)
      return stream
    },
  }
  const one = new Dial(peer, 'tcp', utp, {
    read: (bytes) => void read.push(bytes.toString()),
    connected(socket, transport) {
      connected.push(transport)
      closers.push(() => socket.destroy())
    },
    failed: () => void failed++,
  })
  closers.push(() => one.close())
  return { one, asked, connected, read, failed: () => failed }
}

async function refusing(): Promise<RawPeer> {
  const peer = await startRawPeer()
  await peer.close()
  return peer
}

/** Nobody answers there: what listens has room for nobody. */
const silent = { host: '127.0.0.1', port: 1, text: '127.0.0.1:1' }

test('a peer that TCP reaches is not asked by uTP', async () => {
  const peer = await startRawPeer(Buffer.from('hello'))
  closers.push(() => peer.close())
  const { asked, connected, read } = dial(peer)
  await eventually('the greeting', () => read.length === 1)
  await jest.advanceTimersByTimeAsync(10_000)
  expect([connected, read, asked]).toEqual([['tcp'], ['hello'], []])
})

test('one that refuses is asked by uTP at once, and only once', async () => {
  const { asked, connected, read, failed } = dial(await refusing())
  await eventually('the second try', () => asked.length === 1)
  asked[0]?.emit('connect')
  asked[0]?.push('hello')
  await eventually('the greeting', () => read.length === 1)
  expect([connected, read, failed()]).toEqual([['utp'], ['hello'], 0])
  await jest.advanceTimersByTimeAsync(10_000)
  expect(asked).toHaveLength(1)
})

test('where uTP brings nothing either it has failed', async () => {
  const { asked, failed } = dial(await refusing())
  await eventually('the second try', () => asked.length === 1)
  expect(failed()).toBe(0)
  asked[0]?.destroy(new Error('no answer'))
  await eventually('the failure', () => failed() === 1)
})

test('one that does not answer is asked by both, and the first to answer is taken', async () => {
  const peer = await startRawPeer()
  closers.push(() => peer.close())
  const { asked, connected } = dial(peer)
  // Before TCP has been answered: that takes a turn of the event loop.
  jest.advanceTimersByTime(599)
  expect(asked).toHaveLength(0)
  jest.advanceTimersByTime(1)
  expect(asked).toHaveLength(1)
  await eventually('TCP', () => connected.length === 1)
  expect([connected, asked[0]?.destroyed]).toEqual([['tcp'], true])
})

test('closed, it asks nobody any more', async () => {
  const { one, asked, failed } = dial(silent)
  one.close()
  await jest.advanceTimersByTimeAsync(10_000)
  expect([asked, failed()]).toEqual([[], 0])
})

test('without uTP a refusal is the end', async () => {
  let failed = 0
  const events = { read() {}, connected() {}, failed: () => void failed++ }
  new Dial(await refusing(), 'tcp', undefined, events)
  await eventually('the failure', () => failed === 1)
})
