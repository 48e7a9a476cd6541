import { afterEach, describe, expect, jest, test } from '@jest/globals'
import type { ByteReader } from '../../../common/byte-reader.ts'
import {
  type ByteSource,
  createReadTimeouts,
  WatchedReader,
} from '../../../player/files/watched-reader.ts'
import { pass, stopTime } from '../../support/virtual-time.ts'

afterEach(() => void jest.useRealTimers())

const patient = () => createReadTimeouts(() => 5_000, 5_000)
const bytes = Buffer.from('0123456789')

const disk: ByteSource = {
  read({ start, end }) {
    let at = start
    return {
      async read(into) {
        const got = bytes.copy(into, 0, at, Math.min(end + 1, at + into.length))
        at += got
        return got
      },
      close() {},
    }
  },
}

/** Waits until it is closed or told to fail. */
function waiting() {
  const end = Promise.withResolvers<number>()
  const reader: ByteReader = {
    read: () => end.promise,
    close: () => end.reject(new Error('closed')),
  }
  return { source: { read: () => reader }, fail: () => end.reject(new Error('torn down')) }
}

describe('a watched reader', () => {
  test('a read that waits when the download is published and torn down ends with bytes of the disk', async () => {
    const swarm = waiting()
    let source: ByteSource = swarm.source
    const reader = new WatchedReader({ start: 3, end: 7 }, () => source, patient())
    const buffer = Buffer.alloc(10)
    const reading = reader.read(buffer)
    source = disk
    swarm.fail()
    expect(await reading).toBe(5)
    expect(buffer.toString('latin1', 0, 5)).toBe('34567')
    expect(await reader.read(buffer)).toBe(0)
  })

  test('torn down without being published: the failure', async () => {
    const swarm = waiting()
    const reader = new WatchedReader({ start: 0, end: 9 }, () => swarm.source, patient())
    const reading = reader.read(Buffer.alloc(10))
    swarm.fail()
    await expect(reading).rejects.toThrow('torn down')
  })

  test('goes on where it was when the source changes between reads', async () => {
    const half: ByteSource = { read: ({ start }) => disk.read({ start, end: 4 }) }
    let source = half
    const reader = new WatchedReader({ start: 0, end: 9 }, () => source, patient())
    const buffer = Buffer.alloc(3)
    await reader.read(buffer)
    source = disk
    await reader.read(buffer)
    expect(buffer.toString('latin1')).toBe('345')
  })

  test('a source that ends too early is a failure, not an end', async () => {
    const short: ByteSource = { read: () => disk.read({ start: 0, end: -1 }) }
    const reader = new WatchedReader({ start: 0, end: 9 }, () => short, patient())
    await expect(reader.read(Buffer.alloc(3))).rejects.toThrow('before the range')
  })

  test('closed while it waits: rejects, and every read after it', async () => {
    const swarm = waiting()
    const reader = new WatchedReader({ start: 0, end: 9 }, () => swarm.source, patient())
    const reading = reader.read(Buffer.alloc(10))
    reader.close()
    reader.close()
    await expect(reading).rejects.toThrow('closed')
    await expect(reader.read(Buffer.alloc(10))).rejects.toThrow('read after close')
  })

  test('a process that was paused for longer than a read may take finds what has come meanwhile', async () => {
    const came = Promise.withResolvers<number>()
    const paused = { read: () => came.promise, close: () => came.reject(new Error('closed')) }
    const timeouts = createReadTimeouts(() => 500, 500)
    const reader = new WatchedReader({ start: 0, end: 9 }, () => ({ read: () => paused }), timeouts)
    const reading = reader.read(Buffer.alloc(10))
    // Nothing runs meanwhile, as under SIGSTOP.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700)
    setTimeout(() => came.resolve(7), 1)
    expect(await reading).toBe(7)
  })

  test('a late read is given up only when its buffer is free again', async () => {
    const end = Promise.withResolvers<number>()
    const slow: ByteSource = { read: () => ({ read: () => end.promise, close() {} }) }
    stopTime()
    const timeouts = createReadTimeouts(() => 5, 5)
    const reader = new WatchedReader({ start: 0, end: 9 }, () => slow, timeouts)
    let settled = false
    const reading = reader.read(Buffer.alloc(10)).finally(() => {
      settled = true
    })
    reading.catch(() => {})
    await pass(30)
    expect(settled).toBe(false)
    end.reject(new Error('the read was ended'))
    await expect(reading).rejects.toMatchObject({ code: 'NO_FIRST_BYTE' })
  })
})
