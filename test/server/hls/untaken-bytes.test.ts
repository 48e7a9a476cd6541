import { once } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { connect, Socket } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { Fault } from '../../../common/errors.ts'
import type { BrowserFilms } from '../../../player/browser/browser-films.ts'
import { UntakenBytes } from '../../../server/hls/untaken-bytes.ts'
import { eventually } from '../../support/wait.ts'
import { startServer, type TestServer } from '../fakes.ts'

const MIB = 1 << 20
const SEGMENT = Buffer.alloc(60 * MIB, 7)
const REFUSAL = { code: 'TOO_MANY_CONVERSIONS', details: { retryAfterSeconds: 3 } }
const UNDRAINED_MS = 3000
const PATH = '/hls/movie/tt1254207/0/video-'

let server: TestServer | undefined
afterEach(() => server?.stop())

async function start(undrainedMs?: number): Promise<number> {
  const films: BrowserFilms = {
    async part(_, part) {
      if (part.kind !== 'segment') throw new Fault('NOT_FOUND')
      return { body: SEGMENT, etag: undefined }
    },
    etagOf: async () => undefined,
  }
  server = await startServer({ films, ...(undrainedMs !== undefined && { undrainedMs }) })
  return server.port
}

/** Asks, and takes nothing of the answer. */
function silentReader(port: number, n: number) {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  socket.write(`GET ${PATH}${n}.m4s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
  socket.pause()
  return socket
}

test('answers that nobody takes are bounded, of each address and of all, until they have closed', () => {
  const untaken = new UntakenBytes({ max: 6 * MIB, maxEach: 3 * MIB, undrainedMs: 60_000 })
  const half = SEGMENT.subarray(0, 2 * MIB)
  const answers = ['a', 'b', 'c'].map((address) => {
    const res = new ServerResponse(new IncomingMessage(new Socket()))
    expect(() => untaken.expectRoom(address, half.length)).not.toThrow()
    untaken.send(res, address, half)
    return res
  })
  expect(() => untaken.expectRoom('a', MIB)).toThrow(expect.objectContaining(REFUSAL))
  expect(() => untaken.expectRoom('d', MIB)).toThrow(expect.objectContaining(REFUSAL))
  for (const res of answers) res.emit('close')
  // One that is alone may be larger than all that is allowed.
  expect(() => untaken.expectRoom('a', SEGMENT.length)).not.toThrow()
})

test('who takes nothing for too long is cut; who takes a little at a time is not', async () => {
  const port = await start(UNDRAINED_MS)
  const silent = silentReader(port, 0)
  const slow = silentReader(port, 1)
  let taken = 0
  let paused = 0
  slow.on('data', (chunk: Buffer) => {
    taken += chunk.length
    if (taken < (paused + 1) * MIB) return
    // Sixty of them: twice as long as it may take nothing, and each a thirtieth of that.
    paused++
    slow.pause()
    setTimeout(() => slow.resume(), UNDRAINED_MS / 30)
  })
  const cut = once(silent, 'close')
  // Only a reader hears that the other end has closed.
  setTimeout(() => silent.resume(), 3 * UNDRAINED_MS)
  slow.resume()
  let length = 0
  silent.on('data', (chunk: Buffer) => {
    length += chunk.length
  })
  await cut
  expect(length).toBeLessThan(SEGMENT.length)
  await eventually('the slow one has it all', () => taken > SEGMENT.length)
  expect(paused).toBeGreaterThanOrEqual(60)
  slow.destroy()
})
