import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import express from 'express'
import { FairQueue, inFairOrder } from '../../../server/http/fair-queue.ts'
import { inOrder } from '../../../server/http/pipelining.ts'
import { createClientAddress } from '../../../server/http/trusted-proxy.ts'
import { type RawConnection, rawConnect, until } from '../ask.ts'

const SHARE_MS = 4

/** Time in which only what the requests do takes any. */
class WorkClock {
  #ms = 0
  now(): number {
    return this.#ms
  }
  work(ms: number): void {
    this.#ms += ms
  }
}

let clock: WorkClock
let queue: FairQueue
/** What was begun, in its order. */
let begun: string[]
beforeEach(() => {
  clock = new WorkClock()
  queue = new FairQueue({ shareMs: SHARE_MS, clock })
  begun = []
})

const iteration = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
/** As when each comes by a callback of its own: what the one before resolved has run. */
const settled = (): Promise<void> =>
  new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)))
const of = (address: string): number => begun.filter((one) => one === address).length

function ask(address: string, ms = 0): void {
  const [into, time] = [begun, clock]
  queue.begin(address, () => {
    into.push(address)
    time.work(ms)
  })
}

describe('turns', () => {
  test('what fits into the share of an address begins at once', () => {
    for (let i = 0; i < 100; i++) ask('a')
    expect(of('a')).toBe(100)
  })

  test('an address with many has its share of each turn, in their order', async () => {
    const order: number[] = []
    for (let i = 0; i < 20; i++) {
      queue.begin('a', () => {
        order.push(i)
        clock.work(2)
      })
    }
    expect(order).toHaveLength(2)
    for (let n = 2; n <= 10; n++) {
      await iteration()
      await settled()
      expect(order).toHaveLength(2 * n)
    }
    expect(order).toEqual([...Array(20).keys()])
  })

  test('another address begins at once, however many wait, and in the turn that it comes', async () => {
    for (let i = 0; i < 100; i++) ask('a', 5)
    for (let n = 1; n <= 20; n++) {
      ask('b', 1)
      expect(begun.at(-1)).toBe('b')
      expect(of('a')).toBe(n)
      await iteration()
      await settled()
    }
  })

  test('of many addresses that wait each has its share of the same turn', async () => {
    const names = Array.from({ length: 50 }, (_, i) => `address ${i}`)
    for (const name of names) for (let i = 0; i < 3; i++) ask(name, 10)
    await iteration()
    await settled()
    expect(begun).toEqual([...names, ...names])
  })

  test('what a request does after it has waited for nothing is its own work', async () => {
    const asyncWork = async (): Promise<void> => {
      begun.push('a')
      for (let i = 0; i < 5; i++) {
        await undefined
        clock.work(1)
      }
    }
    for (let i = 0; i < 6; i++) {
      queue.begin('a', () => void asyncWork())
      await settled()
    }
    expect(of('a')).toBe(1)
    for (let n = 2; n <= 6; n++) {
      await iteration()
      await settled()
      expect(of('a')).toBe(n)
    }
  })
})

describe('requests that waited for the same', () => {
  test('go on one after the other, in the share of their address', async () => {
    for (let i = 0; i < 20; i++) {
      void queue.goOn('many').then(() => {
        begun.push('many')
        clock.work(SHARE_MS / 2)
      })
    }
    void queue.goOn('other').then(() => void begun.push('other'))
    await settled()
    expect(begun).toEqual([])
    await iteration()
    await settled()
    expect(begun).toEqual(['many', 'many', 'other'])
    for (let n = 2; n <= 10; n++) {
      await iteration()
      await settled()
      expect(of('many')).toBe(2 * n)
    }
  })
})

describe('a server that gives them', () => {
  let server: Server
  let connections: RawConnection[]
  /** A client's side is open before the server has looked. */
  let accepted: number
  beforeEach(() => {
    connections = []
    accepted = 0
  })
  afterEach(() => {
    for (const { socket } of connections) socket.destroy()
    server.closeAllConnections()
    server.close()
  })

  /** Each request takes half a share of the time; it is named by its path. */
  async function serving(trust?: string): Promise<number> {
    const app = express()
    app.use((req, res) => {
      begun.push(req.path)
      clock.work(SHARE_MS / 2)
      res.end('done')
    })
    server = createServer(inOrder(inFairOrder(app, createClientAddress(trust), queue)))
    server.on('connection', () => accepted++)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  const get = (path: string, address: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${address}\r\n\r\n`

  async function open(port: number, count: number): Promise<void> {
    connections = Array.from({ length: count }, () => rawConnect(port))
    await until('all are accepted', () => accepted === count)
  }

  test.each([
    ['one address', (_: number) => '198.51.100.7', '203.0.113.9'],
    ['an IPv6 network', (n: number) => `2001:db8:0:1::${n + 1}`, '2001:db8:0:2::1'],
    ['an address in both its forms', (n: number) => `${['', '::ffff:'][n % 2]}198.51.100.7`, '::1'],
    ['what is no address', (_: number) => 'nobody', '203.0.113.9'],
  ])('a hundred connections of %s are passed by one of another', async (_, addressOf, honest) => {
    const port = await serving('loopback')
    await open(port, 101)
    for (const [n, { socket }] of connections.entries()) {
      socket.write(n < 100 ? get('/many', addressOf(n)) : get('/honest', honest))
    }
    await until('all are answered', () => connections.every(({ text }) => text().includes('done')))
    expect(begun).toHaveLength(101)
    // It is the last to come, in the first turn or two, of which the others have two requests each.
    expect(begun.indexOf('/honest')).toBeLessThan(20)
  })

  test('without a trusted proxy all that it passes on are one address', async () => {
    const port = await serving()
    await open(port, 40)
    for (const [n, { socket }] of connections.entries())
      socket.write(get(`/${n}`, `203.0.113.${n}`))
    await until('all are answered', () => connections.every(({ text }) => text().includes('done')))
    expect(begun).toHaveLength(40)
  })

  test('requests in one breath take no more of a turn than others', async () => {
    const port = await serving('loopback')
    await open(port, 2)
    const [hasty, honest] = connections
    hasty?.socket.write(get('/hasty', '198.51.100.7').repeat(90))
    honest?.socket.write(get('/honest', '203.0.113.9'))
    await until('the honest one is answered', () => honest?.text().includes('done') === true)
    expect(begun.indexOf('/honest')).toBeLessThan(20)
    await until('all are', () => of('/hasty') === 90)
  })

  test('who leaves before its turn is not served', async () => {
    const port = await serving('loopback')
    await open(port, 100)
    for (const { socket } of connections) socket.write(get('/many', '198.51.100.7'))
    // Looked at in each turn of the loop, of which they take many.
    while (begun.length === 0) await iteration()
    const served = begun.length
    for (const { socket } of connections) socket.destroy()
    await until('all have gone', () => connections.every(({ socket }) => socket.closed))
    const other = rawConnect(port, get('/honest', '203.0.113.9'))
    connections.push(other)
    await until('another is served', () => other.text().includes('done'))
    expect(served).toBeLessThan(100)
    expect(of('/many')).toBeLessThan(100)
  })
})
