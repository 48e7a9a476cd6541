import { expect, test } from '@jest/globals'
import type { ByteReader } from '../../../common/byte-reader.ts'
import { LinkRequest } from '../../../player/links/link-request.ts'

const FILM = Buffer.from(Array.from({ length: 1000 }, (_, n) => n & 0xff))

/** A server that sends at most so many bytes at once, and breaks off as the test says. */
function serverOf(breaks: readonly (number | 'refused')[] = []) {
  const asked: number[] = []
  let open = 0
  const openAt = async (from: number): Promise<ByteReader> => {
    const breaksAfter = breaks[asked.length]
    asked.push(from)
    if (breaksAfter === 'refused') throw new Error('refused')
    open++
    let at = from
    let left = breaksAfter ?? Number.POSITIVE_INFINITY
    return {
      async read(into) {
        if (left <= 0) throw new Error('broken')
        const got = FILM.copy(into, 0, at, Math.min(at + 64, at + left, at + into.length))
        at += got
        left -= got
        return got
      },
      close: () => void open--,
    }
  }
  return { asked, openAt, isOpen: () => open }
}

const begin = (server: ReturnType<typeof serverOf>, signal = new AbortController().signal) =>
  new LinkRequest(server.openAt, signal)

test('one request is read on and on, and another place is asked for anew', async () => {
  const server = serverOf()
  const request = begin(server)
  let got = 0
  const count = (bytes: number): void => {
    got += bytes
  }
  expect(await request.read(0, 100, count)).toEqual(FILM.subarray(0, 100))
  expect(await request.read(100, 200, count)).toEqual(FILM.subarray(100, 300))
  expect(server.asked).toEqual([0])
  expect(await request.read(700, 50, count)).toEqual(FILM.subarray(700, 750))
  expect([server.asked, server.isOpen(), got]).toEqual([[0, 700], 1, 350])
  request.close()
  request.close()
  expect(server.isOpen()).toBe(0)
})

test('one that breaks is made again from where it broke, as often as bytes come', async () => {
  const server = serverOf([30, 'refused', 30, 'refused', 30, 30])
  const request = begin(server)
  expect(await request.read(0, 150, () => {})).toEqual(FILM.subarray(0, 150))
  expect(server.asked).toEqual([0, 30, 30, 60, 60, 90, 120])
  request.close()
  expect(server.isOpen()).toBe(0)
})

test('four times in a row are too often, and the last reason is told', async () => {
  const server = serverOf(['refused', 'refused', 'refused', 'refused'])
  const request = begin(server)
  await expect(request.read(0, 10, () => {})).rejects.toThrow('refused')
  expect(server.asked).toEqual([0, 0, 0, 0])
  request.close()
})

test('a file that is shorter than it was said to be is an error, not an end', async () => {
  const request = begin(serverOf())
  await expect(request.read(950, 100, () => {})).rejects.toThrow('ended before the file')
  request.close()
})

test('its end closes what is open, and what was about to be', async () => {
  const server = serverOf()
  const ending = new AbortController()
  const gate = Promise.withResolvers<void>()
  const request = new LinkRequest(async (from) => {
    await gate.promise
    return server.openAt(from)
  }, ending.signal)
  const reading = request.read(0, 10, () => {})
  const ended = expect(reading).rejects.toThrow('enough')
  ending.abort(new Error('enough'))
  gate.resolve()
  await ended
  expect(server.isOpen()).toBe(0)
})
