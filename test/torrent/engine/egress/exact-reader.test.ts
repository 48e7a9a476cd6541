import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { ExactReader } from '../../../../torrent/engine/egress/exact-reader.ts'
import { listen } from '../../../support/server/listening.ts'

let end: (() => Promise<void>) | undefined
afterEach(() => end?.())

/** Both ends of a connection. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer()
  const port = await listen(server)
  const near = connect(port, '127.0.0.1')
  const [far] = (await once(server, 'connection')) as [Socket]
  far.on('error', () => {})
  end = async () => {
    near.destroy()
    far.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return [near, far]
}

test('bytes that come one by one, and what follows stays', async () => {
  const [near, far] = await pair()
  const reader = new ExactReader(near)
  const taken = [reader.take(3), reader.take(0)]
  for (const byte of Buffer.from('abcde')) {
    far.write(Buffer.from([byte]))
    // A turn of the event loop, which a loop of its own would never end.
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect((await Promise.all(taken)).map(String)).toEqual(['abc', ''])
  expect(String(await reader.take(1))).toBe('d')
  reader.end()
  const [rest] = await once(near, 'data')
  expect(String(rest)).toBe('e')
})

test.each(['end', 'destroy'] as const)('the other side hangs up (%s)', async (how) => {
  const [near, far] = await pair()
  near.on('error', () => {})
  const reader = new ExactReader(near)
  const taken = reader.take(3)
  far.write('ab')
  far[how]()
  await expect(taken).rejects.toThrow('hung up')
  reader.end()
})
