import { truncate } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ByteReader } from '../../../common/byte-reader.ts'
import { Fault } from '../../../common/errors.ts'
import { eventually, within } from '../../support/wait.ts'
import { descriptorsOn, FILM, openSlots, type Slots } from '../slots.ts'

let slots: Slots
beforeEach(async () => {
  slots = await openSlots(3)
})
afterEach(() => slots.end())

const whole = { start: 0, end: FILM.length - 1 }
const buffer = (): Buffer => Buffer.alloc(1000)
const assigned = (): number[] => slots.file.map.all().map(([piece]) => piece)

async function next(reader: ByteReader): Promise<Buffer> {
  const into = buffer()
  return into.subarray(0, await within('a read', 60_000, reader.read(into)))
}

describe('a reader', () => {
  test('gets its window of slots and goes through the file with them', async () => {
    const reader = slots.file.reader(whole, 2)
    const parts: Buffer[] = []
    for (let piece = 2; piece <= 8; piece++) {
      expect(assigned()).toEqual(expect.arrayContaining(piece < 8 ? [piece, piece + 1] : [piece]))
      const read = next(reader)
      await slots.arrive(piece)
      parts.push(await read)
    }
    expect(Buffer.concat(parts).equals(FILM)).toBe(true)
    expect(await reader.read(buffer())).toBe(0)
    reader.close()
  })

  test('tells the engine where it is, no further than its window', async () => {
    const reader = slots.file.reader({ start: 60, end: 599 }, 2)
    expect(slots.told.at(-1)).toEqual([{ at: 60, end: 249 }])
    await slots.arrive(3)
    await next(reader)
    expect(slots.told.at(-1)).toEqual([{ at: 150, end: 349 }])
    reader.close()
    expect(slots.told.at(-1)).toEqual([])
    const last = slots.file.reader({ start: 560, end: 579 }, 2)
    expect(slots.told.at(-1)).toEqual([{ at: 560, end: 579 }])
    last.close()
  })

  test('a range within one piece, in reads smaller than it', async () => {
    const reader = slots.file.reader({ start: 55, end: 99 }, 1)
    await slots.arrive(3)
    const small = Buffer.alloc(20)
    const got: string[] = []
    for (let n = await reader.read(small); n > 0; n = await reader.read(small)) {
      got.push(small.subarray(0, n).toString('hex'))
    }
    expect(got.join('')).toBe(FILM.subarray(55, 100).toString('hex'))
    reader.close()
  })

  test('seeks back to what was evicted: it is fetched again', async () => {
    const first = slots.file.reader(whole, 3)
    await slots.arrive(2, 3, 4)
    await next(first)
    first.close()
    const later = slots.file.reader({ start: 350, end: 599 }, 3)
    expect(slots.changes.at(-1)?.unassign).toEqual([3, 4, 5])
    later.close()
    const back = slots.file.reader(whole, 3)
    const read = next(back)
    await slots.arrive(2)
    expect((await read).equals(FILM.subarray(0, 50))).toBe(true)
    back.close()
  })

  test('two at one place share their slots; each has its own elsewhere', async () => {
    const a = slots.file.reader(whole, 1)
    const b = slots.file.reader(whole, 1)
    const c = slots.file.reader({ start: 500, end: 599 }, 1)
    expect(assigned().sort()).toEqual([2, 7])
    const reads = [next(a), next(b), next(c)]
    await slots.arrive(2, 7)
    const [first, second, third] = await Promise.all(reads)
    expect(first?.equals(second ?? buffer())).toBe(true)
    expect(third?.equals(FILM.subarray(500, 550))).toBe(true)
    for (const reader of [a, b, c]) reader.close()
  })

  test('that found no slot gets the one a read of a closed reader kept', async () => {
    const first = slots.file.reader({ start: 0, end: 299 }, 3)
    await slots.arrive(2, 3, 4)
    const running = first.read(buffer())
    first.close()
    // Piece 2 is pinned by the read that still runs: two slots for three pieces.
    const second = slots.file.reader({ start: 350, end: 599 }, 3)
    expect(assigned().sort()).toEqual([2, 6, 7])
    expect(await running).toBe(50)
    await slots.arrive(6, 7)
    await next(second)
    expect(assigned().sort()).toEqual([6, 7, 8])
    second.close()
  })
})

describe('ends', () => {
  test('a reader closed while it waits is told at once, and its slots are the next one’s', async () => {
    const reader = slots.file.reader(whole, 3)
    const read = reader.read(buffer())
    reader.close()
    await expect(within('the end', 60_000, read)).rejects.toMatchObject({ code: 'INTERNAL' })
    reader.close()
    const next = slots.file.reader({ start: 400, end: 599 }, 3)
    expect(assigned()).toEqual([6, 7, 8])
    next.close()
  })

  test('a failure reaches who waits; what is here is read until then', async () => {
    const reader = slots.file.reader(whole, 2)
    await slots.arrive(2)
    slots.file.fail(new Fault('HOSTILE_TORRENT'))
    expect((await next(reader)).length).toBe(50)
    await expect(next(reader)).rejects.toMatchObject({ code: 'HOSTILE_TORRENT' })
    await expect(slots.file.ended).rejects.toMatchObject({ code: 'HOSTILE_TORRENT' })
    reader.close()
  })

  test('closed: no read any more, for the descriptor may be another file’s by then', async () => {
    const reader = slots.file.reader(whole, 3)
    await slots.arrive(2, 3, 4)
    await slots.file.close()
    await slots.file.close()
    expect(slots.gone).toBe(1)
    await expect(next(reader)).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    const late = slots.file.reader(whole, 1)
    await expect(next(late)).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    await eventually('the descriptor closed', () => mine() === 1)
  })

  test('closed under reads that run: they end well, then the descriptor goes, once', async () => {
    const readers = [0, 60, 160].map((start) => slots.file.reader({ start, end: 249 }, 1))
    await slots.arrive(2, 3, 4)
    const running = readers.map((reader) => reader.read(buffer()))
    await slots.file.close()
    expect(await Promise.all(running)).toEqual([50, 90, 90])
    await eventually('the descriptor closed', () => mine() === 1)
    for (const reader of readers) reader.close()
  })

  test('a slot shorter than its piece is an error, never the end of the file', async () => {
    const reader = slots.file.reader(whole, 1)
    await slots.arrive(2)
    await truncate(slots.path, 0)
    await expect(next(reader)).rejects.toMatchObject({ code: 'INTERNAL' })
    reader.close()
  })

  /** Descriptors of the slots' file; the test has one of its own. */
  const mine = (): number => descriptorsOn(slots.path)
})

test('another engine is told anew where the readers are', () => {
  const reader = slots.file.reader({ start: 100, end: 199 }, 3)
  const before = slots.told.length
  slots.file.resumed()
  expect(slots.told.slice(before)).toEqual([[{ at: 100, end: 199 }]])
  reader.close()
})
