import { createServer, type Socket } from 'node:net'
import { afterEach, expect, jest, test } from '@jest/globals'
import { ReadPause, readPause } from '../../../../torrent/engine/swarm/read-pause.ts'
import { openWireSocket } from '../../../../torrent/engine/wire/wire-socket.ts'
import { openTimers } from '../../../support/open-timers.ts'
import { listen } from '../../../support/server/listening.ts'
import { eventually } from '../../../support/wait.ts'

afterEach(() => void jest.useRealTimers())

test('it is over when the last who paused says so, and everybody who waits hears of it once', () => {
  const before = openTimers()
  const pause = new ReadPause(60_000)
  const [first, second] = [pause.begin(), pause.begin()]
  const heard: string[] = []
  pause.whenOver(() => void heard.push('read on'))
  first()
  first()
  expect([pause.isPaused, heard]).toEqual([true, []])
  second()
  expect([pause.isPaused, heard]).toEqual([false, ['read on']])
  pause.begin()()
  expect(heard).toEqual(['read on'])
  expect(openTimers()).toBe(before)
})

test('it is over by itself when who paused says nothing: a disk may hang', () => {
  jest.useFakeTimers()
  const pause = new ReadPause(25)
  const readOn = jest.fn()
  const release = pause.begin()
  pause.whenOver(readOn)
  jest.advanceTimersByTime(24)
  expect(readOn).not.toHaveBeenCalled()
  jest.advanceTimersByTime(1)
  release()
  expect([pause.isPaused, readOn.mock.calls.length]).toEqual([false, 1])
})

test('a connection is read once more at most while it is paused, then on to the last byte', async () => {
  const sent = 8 << 20
  const server = createServer((socket) => socket.end(Buffer.alloc(sent)))
  const port = await listen(server)
  let reads = 0
  let bytes = 0
  let release = (): void => {}
  const address = { host: '127.0.0.1', port, text: `127.0.0.1:${port}` }
  const socket: Socket = openWireSocket(address, (chunk) => {
    if (reads++ === 0) release = readPause.begin()
    bytes += chunk.length
  })
  try {
    await eventually('the first read', () => reads > 0)
    // Released by hand before its time: else nothing shows that it was paused.
    for (let i = 0; i < 20 && readPause.isPaused; i++) await new Promise(setImmediate)
    expect(readPause.isPaused ? reads : 1).toBe(1)
    release()
    await eventually('all of it', () => bytes === sent)
    expect(reads).toBeGreaterThan(1)
  } finally {
    socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
})
