import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { Fault } from '../../../common/errors.ts'
import { passUntil, stopTime } from '../../support/virtual-time.ts'
import { ask, rawConnect, until } from '../ask.ts'
import {
  type FakeFile,
  type FakeFileOptions,
  fakeFile,
  patterned,
  startServer,
  type TestServer,
} from '../fakes.ts'

const PATH = '/play/movie/tt1254207/0'
const MIB = 1024 * 1024
let server: TestServer
afterEach(() => {
  jest.useRealTimers()
  server.stop()
})

async function serveFile(
  bytes: Buffer,
  options: FakeFileOptions & { undrainedMs?: number } = {},
): Promise<FakeFile['counts']> {
  const file = fakeFile(bytes, options)
  const { undrainedMs } = options
  const play = async (): Promise<FakeFile['playable']> => file.playable
  server = await startServer({ play, ...(undrainedMs === undefined ? {} : { undrainedMs }) })
  return file.counts
}

const released = (counts: FakeFile['counts']): Promise<void> =>
  until('released', () => counts.released > 0)

describe('bodies', () => {
  const bytes = patterned(3 * MIB + 17)
  const cases: readonly [range: string | undefined, start: number, end: number][] = [
    [undefined, 0, bytes.length],
    ['bytes=0-0', 0, 1],
    ['bytes=0-65535', 0, 65536],
    ['bytes=5-65541', 5, 65542],
    ['bytes=1000-300000', 1000, 300001],
    ['bytes=-1', bytes.length - 1, bytes.length],
    ['bytes=1048576-', MIB, bytes.length],
  ]
  test.each(cases)('%s is exact', async (range, start, end) => {
    const counts = await serveFile(bytes, { most: 100_003 })
    const answer = await ask(server.port, PATH, { headers: range ? { Range: range } : {} })
    expect(answer.status).toBe(range ? 206 : 200)
    expect(answer.headers['content-length']).toBe(String(end - start))
    expect(answer.body.equals(bytes.subarray(start, end))).toBe(true)
    await released(counts)
    expect(counts).toEqual({ opened: 1, closed: 1, released: 1, read: end - start })
  })

  test('many at once keep apart, though they share buffers', async () => {
    const counts = await serveFile(bytes, { most: 50_001, readMs: 1 })
    const starts = Array.from({ length: 24 }, (_, i) => i * 100_003)
    const answers = await Promise.all(
      starts.map((s) =>
        ask(server.port, PATH, { headers: { Range: `bytes=${s}-${s + 399_999}` } }),
      ),
    )
    for (const [i, s] of starts.entries()) {
      expect(answers[i]?.body.equals(bytes.subarray(s, s + 400_000))).toBe(true)
    }
    await until('all released', () => counts.released === starts.length)
    expect(counts.closed).toBe(starts.length)
  })

  test.each([
    ['an empty file', Buffer.alloc(0), {}, 200, '0'],
    ['a known one', bytes, { 'If-None-Match': '"abc-0"' }, 304, undefined],
  ])('%s opens no reader and is released', async (_, content, headers, status, length) => {
    const counts = await serveFile(content)
    const answer = await ask(server.port, PATH, { headers })
    expect(answer.status).toBe(status)
    expect(answer.headers['content-length']).toBe(length)
    expect(answer.body).toHaveLength(0)
    await released(counts)
    expect(counts).toMatchObject({ opened: 0, released: 1 })
  })

  test('416 says the size, in our error body', async () => {
    const counts = await serveFile(patterned(10))
    const answer = await ask(server.port, PATH, { headers: { Range: 'bytes=10-' } })
    expect(answer.status).toBe(416)
    expect(answer.headers['content-range']).toBe('bytes */10')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json()).toMatchObject({ error: { code: 'RANGE_NOT_SATISFIABLE' } })
    await released(counts)
    expect(counts).toMatchObject({ opened: 0, released: 1 })
  })
})

describe('failures', () => {
  test('before the first byte it is an answer of its own', async () => {
    const fault = new Fault('NO_FIRST_BYTE')
    const counts = await serveFile(patterned(MIB), { failAt: 0, fault })
    const answer = await ask(server.port, PATH)
    expect(answer.status).toBe(504)
    expect(answer.headers).not.toHaveProperty('etag')
    expect(answer.headers['content-type']).toContain('application/json')
    await released(counts)
    expect(counts).toMatchObject({ closed: 1, released: 1 })
  })

  test('in a small body nothing has gone out yet either', async () => {
    const fault = new Fault('STALLED')
    await serveFile(patterned(30_000), { most: 10_000, failAt: 20_000, fault })
    expect((await ask(server.port, PATH)).status).toBe(504)
  })

  test.each([
    ['a fault', { failAt: 2 * MIB, fault: new Fault('STALLED') }, 'STALLED'],
    ['an unknown error', { failAt: 2 * MIB, fault: new Error('EIO') }, 'INTERNAL'],
    ['a reader that ends early', { shortAt: 2 * MIB }, 'INTERNAL'],
  ])('in mid-body the socket is destroyed: %s', async (_, options, code) => {
    const counts = await serveFile(patterned(4 * MIB), options)
    // Kept alive: only the end of the connection says that the body is not whole.
    const text = await rawConnect(server.port, `GET ${PATH} HTTP/1.1\r\nHost: a\r\n\r\n`).ended
    expect(text).toMatch(/^HTTP\/1.1 200 OK.*Content-Length: 4194304/s)
    expect(text.length).toBeLessThan(2.1 * MIB)
    await until('released', () => counts.released === 1 && server.lines.length === 1)
    expect(counts).toMatchObject({ closed: 1, released: 1 })
    expect(server.lines[0]).toMatchObject({ code })
  })
})

describe('viewers', () => {
  const get = `GET ${PATH} HTTP/1.1\r\nHost: a\r\n\r\n`
  const bytes = patterned(64 * MIB)

  test('one that does not read is not read ahead for, and its leaving ends all', async () => {
    const counts = await serveFile(bytes)
    const { socket } = rawConnect(server.port, get)
    socket.pause()
    await until('it stops', () => counts.read > 0)
    let before = -1
    // Quiet for five looks in a row: the kernel's buffers are full.
    for (let quiet = 0; quiet < 5; quiet = counts.read === before ? quiet + 1 : 0) {
      before = counts.read
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    // What loopback's own buffers hold, and a chunk: far from the film.
    expect(counts.read).toBeLessThan(16 * MIB)
    expect(counts.released).toBe(0)
    socket.destroy()
    await released(counts)
    expect(counts).toMatchObject({ closed: 1, released: 1 })
  })

  test('one that takes nothing for long is cut', async () => {
    stopTime()
    const counts = await serveFile(bytes, { undrainedMs: 150 })
    const { socket } = rawConnect(server.port, get)
    socket.pause()
    await until('it is sent something', () => counts.read > 0)
    await passUntil('it is cut', () => counts.released > 0)
    expect(counts).toMatchObject({ closed: 1, released: 1 })
    socket.destroy()
  })

  test('one that reads slowly but reads is not', async () => {
    stopTime()
    const counts = await serveFile(patterned(2 * MIB), { undrainedMs: 200, readMs: 150 })
    let length = -1
    void ask(server.port, PATH).then(({ body }) => {
      length = body.length
    })
    // Several turns a read: it is longer until the file gives more than a client may take nothing.
    await passUntil('all of it', () => length >= 0, 60)
    expect(length).toBe(2 * MIB)
    await released(counts)
  })

  test('one that leaves while a read waits ends the read', async () => {
    const counts = await serveFile(bytes, { readMs: 60_000 })
    const { socket } = rawConnect(server.port, get)
    await until('opened', () => counts.opened === 1)
    socket.destroy()
    await released(counts)
    expect(counts).toMatchObject({ closed: 1, released: 1, read: 0 })
  })

  test('one that left before the file was there: released, never opened', async () => {
    const file = fakeFile(bytes)
    let give = (): void => {}
    const wait = new Promise<void>((resolve) => {
      give = resolve
    })
    server = await startServer({ play: () => wait.then(() => file.playable) })
    const { socket } = rawConnect(server.port, get)
    await until('asked', () => server.asked.length === 1)
    socket.destroy()
    await until('gone', () => server.asked[0]?.request.signal.aborted === true)
    give()
    await released(file.counts)
    expect(file.counts).toMatchObject({ opened: 0, released: 1 })
  })
})
