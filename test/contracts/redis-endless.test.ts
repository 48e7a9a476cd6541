import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { usualTimeouts } from '../../cache/backends/redis/redis-calls.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { eventually } from '../support/wait.ts'
import { openAt } from './redis-index.ts'

const MiB = 2 ** 20

/** Looks like a Redis until it is asked for a script: then it says `first`, and `rest` again and again. */
interface Hostile {
  readonly url: string
  readonly connections: () => number
  /** The most bytes that one connection took. */
  readonly mostTaken: () => number
  end(): Promise<void>
}

function flood(socket: Socket, rest: string): void {
  if (rest === '') return
  const chunk = Buffer.from(rest.repeat(Math.ceil(65_536 / rest.length)))
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', more)
  more()
}

async function startHostile(first: string, rest: string): Promise<Hostile> {
  const sockets = new Set<Socket>()
  const taken: number[] = []
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      taken.push(socket.bytesWritten)
      sockets.delete(socket)
    })
    let isFlooding = false
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1').toLowerCase()
      if (isFlooding) return
      if (/\r\neval/.test(text)) {
        isFlooding = true
        socket.write(first)
        flood(socket, rest)
        return
      }
      const info = 'redis_version:7.0.0\r\nloading:0\r\nrole:master\r\n'
      if (text.includes('\r\ninfo\r\n')) socket.write(`$${info.length}\r\n${info}\r\n`)
      if (text.includes('\r\nclient\r\n')) socket.write('+OK\r\n')
    })
  })
  let count = 0
  server.on('connection', () => count++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `redis://127.0.0.1:${port}`,
    connections: () => count,
    mostTaken: () => Math.max(0, ...taken),
    async end() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

let hostile: Hostile | undefined
let index: CacheIndex | undefined
beforeEach(() => {
  hostile = undefined
  index = undefined
})
afterEach(async () => {
  await index?.close()
  await hostile?.end()
})

/** What a socket of the system holds beside what was read. */
const BUFFERS = 16 * MiB

test.each([
  ['a bulk of two gigabytes', '$2000000000\r\n', 'x'],
  ['a bulk whose length never ends', '$', '1'],
  ['an array of two thousand million items', '*2000000000\r\n', ':1\r\n'],
  ['an array of thirty million items', '*30000000\r\n', ':1\r\n'],
  ['arrays in arrays, of thirty million items each', '', '*30000000\r\n'],
  ['arrays in arrays, of a hundred thousand items each', '', '*99999\r\n'],
  ['arrays in arrays, of one item each', '', '*1\r\n'],
  ['an array of large bulks', '*99999\r\n', `$60000\r\n${'x'.repeat(60_000)}\r\n`],
  ['a line without an end', '+', 'x'],
  ['a number without an end', ':', '1'],
  ['answers to nothing', ':1\r\n', ':1\r\n'],
  ['a map of RESP3', '%30000000\r\n', '%30000000\r\n'],
  ['half an answer, and silence', '$100\r\nabc', ''],
])('%s: the connection is cut, calls are refused, and memory stays', async (_, first, rest) => {
  hostile = await startHostile(first, rest)
  const before = process.memoryUsage()
  index = await openAt(hostile.url, { timeouts: usualTimeouts })
  await eventually('cut, and tried again', () => (hostile?.connections() ?? 0) > 2)
  expect(index.connected).toBe(false)
  await expect(index.readValue('n')).rejects.toThrow(/^Redis cannot be used/)
  expect(hostile.mostTaken()).toBeLessThan(16 * MiB + BUFFERS)
  const after = process.memoryUsage()
  const grown = after.heapTotal + after.external - before.heapTotal - before.external
  expect(grown).toBeLessThan(256 * MiB)
})
