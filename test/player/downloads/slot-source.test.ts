import { describe, expect, test } from '@jest/globals'
import type { ByteRange } from '../../../common/byte-reader.ts'
import { Fault } from '../../../common/errors.ts'
import type { Growth, SlotRoom } from '../../../player/downloads/slot-room.ts'
import { SlotSource } from '../../../player/downloads/slot-source.ts'
import type { SlotFile, WindowReader } from '../../../torrent/protocol/torrent-engine.ts'

const MiB = 1 << 20
const buffer = Buffer.alloc(10)

/** @param share that much may be taken before others are thought of */
function bench(max: number, pieceLength = MiB, share = max, more: number[] = []) {
  const size = 100 * MiB
  const readers: { range: ByteRange; window: number; closed: number }[] = []
  const grown: number[] = []
  const times: { peer: undefined; piece: number | undefined } = { peer: undefined, piece: 1 }
  const file: SlotFile = {
    layout: { pieceLength, torrentLength: size, offset: 0, size },
    progress: { peers: 0, bytesPerSecond: 0 },
    times,
    ended: new Promise(() => {}),
    grow: (capacity) => void grown.push(capacity),
    reader(range, window): WindowReader {
      const mine = { range, window, closed: 0 }
      readers.push(mine)
      return {
        read: async () => (mine.closed ? Promise.reject(new Fault('INTERNAL')) : 7),
        resize(pieces) {
          mine.window = pieces
        },
        close: () => void mine.closed++,
      }
    },
    close: async () => {},
  }
  const asked: (number | Growth)[][] = []
  let limit = max
  let used = 0
  let gate = Promise.resolve()
  let trouble: Error | undefined
  const room: Pick<SlotRoom, 'capacity' | 'take' | 'giveBack'> = {
    get capacity() {
      return used
    },
    async take(slots, growth) {
      asked.push([slots, growth])
      await gate
      if (trouble) throw trouble
      if (used + slots > (growth === 'share' ? Math.min(limit, share) : limit))
        throw new Fault('DOES_NOT_FIT')
      used += slots
    },
    giveBack(slots) {
      used -= slots
    },
  }
  return {
    source: new SlotSource(file, room, async () => {
      const bytes = more.shift()
      limit += bytes ?? 0
      return bytes !== undefined
    }),
    times,
    readers,
    grown,
    asked,
    used: () => used,
    fail(error: Error) {
      trouble = error
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
  }
}
const from = (start: number, bytes = 50 * MiB): ByteRange => ({ start, end: start + bytes - 1 })

describe('SlotSource', () => {
  test('takes a window with the first read, gives it back with the reader, once', async () => {
    const { source, readers, grown, used } = bench(100)
    const reader = source.read(from(0))
    expect([used(), readers.length]).toEqual([0, 0])
    expect(await reader.read(buffer)).toBe(7)
    expect(await reader.read(buffer)).toBe(7)
    expect([used(), grown, readers.length]).toEqual([8, [8], 1])
    reader.close()
    reader.close()
    expect([used(), readers[0]?.closed]).toEqual([0, 1])
  })

  test.each([
    ['8 MiB of pieces', MiB, from(0), 8],
    ['two pieces at least', 16 * MiB, from(0), 2],
    ['no more than the range has', MiB, from(10, 3 * MiB), 4],
    ['one for a probe', MiB, from(5, 1), 1],
  ])('a window is %s', async (_, pieceLength, range, window) => {
    const { source, readers } = bench(100, pieceLength)
    await source.read(range).read(buffer)
    expect(readers[0]).toMatchObject({ range, window })
  })

  test('a smaller one where room is short, then half of another reader’s, at last 507', async () => {
    const { source, readers, asked, used } = bench(11)
    await source.read(from(0)).read(buffer)
    await source.read(from(0)).read(buffer)
    const third = source.read(from(0))
    await third.read(buffer)
    expect(readers.map((reader) => reader.window)).toEqual([4, 2, 1])
    for (let i = 0; i < 8; i++) await source.read(from(0)).read(buffer)
    expect(readers.map((reader) => reader.window)).toEqual(Array(11).fill(1))
    expect(used()).toBe(11)
    const none = source.read(from(0))
    await expect(none.read(buffer)).rejects.toMatchObject({ code: 'DOES_NOT_FIT' })
    expect(asked.slice(-5)).toEqual([
      [8, 'share'],
      [4, 'share'],
      [2, 'share'],
      [2, 'spare'],
      [1, 'must'],
    ])
    none.close()
    third.close()
    await source.read(from(0)).read(buffer)
    expect(readers).toHaveLength(12)
  })

  test('beyond its share two pieces of what is free, and then what another download gives', async () => {
    const { source, readers, used } = bench(4, MiB, 2, [1, 1])
    for (let i = 0; i < 6; i++) await source.read(from(0)).read(buffer)
    expect(readers.map((reader) => reader.window)).toEqual(Array(6).fill(1))
    expect(used()).toBe(6)
    await expect(source.read(from(0)).read(buffer)).rejects.toMatchObject({ code: 'DOES_NOT_FIT' })
  })

  test('what was opened before a piece had come is widened once, when one is there', async () => {
    const { source, readers, times, used, asked } = bench(4, MiB)
    times.piece = undefined
    const first = source.read(from(0))
    await first.read(buffer)
    await new Promise((resolve) => setImmediate(resolve))
    await first.read(buffer)
    expect([readers[0]?.window, used()]).toEqual([4, 4])
    expect(asked.filter(([, growth]) => growth === 'share')).toHaveLength(3)
  })

  test('what is no lack of room is not tried again', async () => {
    const { source, asked, fail } = bench(100)
    fail(new Fault('ENGINE_DIED'))
    await expect(source.read(from(0)).read(buffer)).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    expect(asked).toEqual([[8, 'share']])
  })

  test('closed while room is being made: read() rejects at once, and the room is given back when it is there', async () => {
    const { source, readers, used, hold } = bench(100)
    const go = hold()
    const reader = source.read(from(0))
    const read = reader.read(buffer)
    reader.close()
    await expect(read).rejects.toMatchObject({ code: 'INTERNAL' })
    go()
    await new Promise((resolve) => setImmediate(resolve))
    expect([used(), readers[0]?.closed]).toEqual([0, 1])
    await expect(reader.read(buffer)).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  test('closed before it read: nothing was taken', () => {
    const { source, asked } = bench(100)
    source.read(from(0)).close()
    expect(asked).toEqual([])
  })
})
