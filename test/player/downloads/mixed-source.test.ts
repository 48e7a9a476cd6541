import { describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import type { ByteRange, ByteReader } from '../../../common/byte-reader.ts'
import { MixedSource } from '../../../player/downloads/mixed-source.ts'

/** Pieces 2 to 6 of a torrent; the file begins and ends within a piece. */
const LAYOUT = { pieceLength: 100, torrentLength: 900, offset: 230, size: 400 }
const FILM = Buffer.from(Array.from({ length: 400 }, (_, i) => i % 251))

function bench(kept: readonly number[]) {
  const have = new Bitfield(5)
  for (const piece of kept) have.set(piece - 2)
  const opened: string[] = []
  let open = 0
  const reader = (from: string, range: ByteRange): ByteReader => {
    opened.push(`${from} ${range.start}-${range.end}`)
    open++
    let at = range.start
    return {
      async read(into) {
        const got = FILM.copy(into, 0, at, Math.min(range.end + 1, at + into.length))
        at += got
        return got
      },
      close: () => void open--,
    }
  }
  const slots = Promise.withResolvers<{ read(range: ByteRange): ByteReader }>()
  const source = new MixedSource(
    { have, reader: (range) => reader('disk', range) },
    LAYOUT,
    slots.promise,
  )
  const ready = (): void => slots.resolve({ read: (range) => reader('slots', range) })
  return { source, opened, open: () => open, ready, slots }
}

async function drain(reader: ByteReader): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (;;) {
    const into = Buffer.alloc(30)
    const got = await reader.read(into)
    if (got === 0) break
    chunks.push(into.subarray(0, got))
  }
  reader.close()
  return Buffer.concat(chunks)
}

describe('a file that is partly on disk and partly in slots', () => {
  test('each piece from where it is, in order', async () => {
    const { source, opened, open, ready } = bench([2, 3, 5])
    ready()
    const bytes = await drain(source.read({ start: 10, end: 390 }))
    expect(bytes.equals(FILM.subarray(10, 391))).toBe(true)
    expect(opened).toEqual(['disk 10-169', 'slots 170-269', 'disk 270-369', 'slots 370-390'])
    expect(open()).toBe(0)
  })

  test('what is on disk is read before there are slots', async () => {
    const { source, ready } = bench([2])
    const reader = source.read({ start: 0, end: 399 })
    const into = Buffer.alloc(100)
    expect(await reader.read(into)).toBe(70)
    const waiting = reader.read(into)
    ready()
    expect(await waiting).toBe(100)
    reader.close()
  })

  test('what is on disk goes: the next read is of slots, and nobody holds the file', async () => {
    const { source, opened, open, ready } = bench([2, 3, 4, 5, 6])
    ready()
    const reader = source.read({ start: 0, end: 399 })
    const into = Buffer.alloc(30)
    await reader.read(into)
    await source.endKept()
    expect(open()).toBe(0)
    expect((await drain(reader)).equals(FILM.subarray(30))).toBe(true)
    expect(opened).toEqual(['disk 0-399', 'slots 30-399'])
  })

  test('left while it waits for slots, and slots that never come', async () => {
    const { source, slots } = bench([])
    const [one, two] = [source.read({ start: 0, end: 9 }), source.read({ start: 0, end: 9 })]
    const waiting = [one.read(Buffer.alloc(5)), two.read(Buffer.alloc(5))]
    one.close()
    await expect(waiting[0]).rejects.toMatchObject({ code: 'INTERNAL' })
    slots.reject(new Error('no room'))
    await expect(waiting[1]).rejects.toThrow('no room')
    two.close()
  })
})
