import { readdirSync, readlinkSync } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Bitfield } from '../../common/bitfield.ts'
import { Fault } from '../../common/errors.ts'
import { firstPiece, type PieceLayout, pieceCount, pieceInFile } from '../../common/piece-layout.ts'
import { type ArrivingContent, createArrivingContent } from '../../torrent/arriving-content.ts'
import type { ReaderPlace } from '../../torrent/engine/messages.ts'
import { payload } from '../support/payload.ts'
import { eventually } from '../support/wait.ts'

/** A file that begins and ends within pieces: 5 pieces, the first with 70 bytes, the last with 30. */
const LAYOUT: PieceLayout = { pieceLength: 100, torrentLength: 1000, offset: 230, size: 400 }
const FIRST = firstPiece(LAYOUT)
const BYTES = payload('arriving', LAYOUT.size)

let folder = ''
let file: FileHandle
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-arriving-'))
  file = await open(join(folder, '0'), 'w+')
})
afterEach(async () => {
  await file.close()
  await rm(folder, { recursive: true })
})

interface Arrival {
  readonly content: ArrivingContent
  readonly told: (readonly ReaderPlace[])[]
  readonly verified: number[]
  readonly missing: number[]
  gone: number
  /** Writes pieces and says that they are verified, as the engine does. */
  arrive(...pieces: number[]): Promise<void>
}

function arrival(have: readonly number[] = []): Arrival {
  const [told, verified, missing]: [(readonly ReaderPlace[])[], number[], number[]] = [[], [], []]
  const field = new Bitfield(pieceCount(LAYOUT))
  for (const piece of have) field.set(piece - FIRST)
  const place = {
    folder,
    fileIdx: 0,
    layout: LAYOUT,
    have: field,
    trusted: true,
    fill: 'whole',
  } as const
  const events = {
    verified: (pieces: readonly number[]) => void verified.push(...pieces),
    missing: (pieces: readonly number[]) => void missing.push(...pieces),
  }
  const all: Arrival = {
    told,
    verified,
    missing,
    gone: 0,
    content: createArrivingContent(
      place,
      events,
      (readers) => void told.push(readers),
      () => void all.gone++,
    ),
    async arrive(...pieces) {
      for (const piece of pieces) await writePiece(piece)
      all.content.verified(pieces)
    },
  }
  return all
}

async function writePiece(piece: number): Promise<void> {
  const { at, inside } = pieceInFile(LAYOUT, piece)
  await file.write(BYTES, at, inside, at)
}
const bits = (...pieces: number[]): Uint8Array => {
  const field = new Bitfield(pieceCount(LAYOUT))
  for (const piece of pieces) field.set(piece - FIRST)
  return field.bytes
}
/** Descriptors of this process on the file, the test's own left out. */
function descriptors(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return Number(fd) !== file.fd && readlinkSync(`/proc/self/fd/${fd}`) === join(folder, '0')
    } catch {
      return false
    }
  }).length
}
/** Whether a promise is still open after everything that was due has run. */
async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open')
  const later = new Promise((resolve) => setTimeout(resolve, 30, open))
  return (await Promise.race([promise.catch(() => {}), later])) === open
}
const buffer = (size = 1000): Buffer => Buffer.alloc(size)

describe('reading what arrives', () => {
  test('waits for the piece at its place, then reads the run of verified ones', async () => {
    const { content, arrive } = arrival()
    const reader = content.reader({ start: 0, end: 399 })
    const into = buffer()
    const read = reader.read(into)
    await arrive(3, 4, 6)
    expect(await isWaiting(read)).toBe(true)
    await arrive(2)
    expect(await read).toBe(270)
    expect(into.subarray(0, 270).equals(BYTES.subarray(0, 270))).toBe(true)
    await arrive(5)
    expect(await reader.read(into)).toBe(130)
    expect(await reader.read(into)).toBe(0)
    reader.close()
    await content.close()
  })

  test('never passes its range or the caller’s buffer', async () => {
    const { content, arrive } = arrival()
    await arrive(2, 3, 4, 5, 6)
    const reader = content.reader({ start: 65, end: 74 })
    const into = buffer(8)
    expect(await reader.read(into)).toBe(8)
    expect(into.equals(BYTES.subarray(65, 73))).toBe(true)
    expect(await reader.read(into)).toBe(2)
    expect(await reader.read(into)).toBe(0)
    reader.close()
    await content.close()
  })

  test('two readers that wait for one piece are both woken', async () => {
    const { content, arrive } = arrival()
    const readers = [0, 10].map((start) => content.reader({ start, end: 399 }))
    const reads = readers.map((reader) => reader.read(buffer()))
    await arrive(2)
    expect(await Promise.all(reads)).toEqual([70, 60])
    for (const reader of readers) reader.close()
    await content.close()
  })

  test('states the readers’ places: at the beginning, at every new piece, at the end', async () => {
    const { content, told, arrive } = arrival()
    await arrive(2, 3, 4, 5, 6)
    const reader = content.reader({ start: 0, end: 399 })
    expect(told).toEqual([[{ at: 0, end: 399 }]])
    await reader.read(buffer(10))
    expect(told.length).toBe(1)
    await reader.read(buffer(60))
    expect(told.at(-1)).toEqual([{ at: 70, end: 399 }])
    reader.close()
    expect(told.at(-1)).toEqual([])
    await content.close()
  })

  test('close wakes a waiting read, which rejects; other readers wait on', async () => {
    const { content, told, arrive } = arrival()
    const [one, two] = [content.reader({ start: 0, end: 9 }), content.reader({ start: 0, end: 9 })]
    const [first, second] = [one.read(buffer()), two.read(buffer())]
    one.close()
    one.close()
    await expect(first).rejects.toMatchObject({ code: 'INTERNAL' })
    await expect(one.read(buffer())).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(told.filter((readers) => readers.length === 1).length).toBe(2)
    expect(await isWaiting(second)).toBe(true)
    await arrive(2)
    expect(await second).toBe(10)
    two.close()
    await content.close()
  })

  test('a failure wakes all who wait; what is verified can still be read', async () => {
    const { content, arrive } = arrival()
    await arrive(2)
    const readers = [0, 100, 300].map((start) => content.reader({ start, end: 399 }))
    const reads = readers.slice(1).map((reader) => reader.read(buffer()))
    content.fail(new Fault('STALLED'))
    content.fail(new Fault('NO_PEERS'))
    for (const read of reads) await expect(read).rejects.toMatchObject({ code: 'STALLED' })
    await expect(content.finished).rejects.toMatchObject({ code: 'STALLED' })
    expect(await readers[0]?.read(buffer())).toBe(70)
    for (const reader of readers) reader.close()
    await content.close()
  })

  test('a verified piece that is not on disk is an error of ours', async () => {
    const { content, arrive } = arrival()
    await arrive(2, 3)
    await truncate(join(folder, '0'), 70)
    const reader = content.reader({ start: 70, end: 99 })
    await expect(reader.read(buffer())).rejects.toMatchObject({ code: 'INTERNAL' })
    reader.close()
    await content.close()
  })

  test('a file that is gone is a fault too, not a file error', async () => {
    const { content, arrive } = arrival()
    await arrive(2)
    await rm(join(folder, '0'))
    const reader = content.reader({ start: 0, end: 9 })
    const outcome = await reader.read(buffer()).catch((err: unknown) => err)
    expect(outcome).toBeInstanceOf(Fault)
    expect(outcome).toMatchObject({ code: 'INTERNAL' })
    reader.close()
    await content.close()
  })
})

describe('the descriptor', () => {
  test('is one for all readers and closed after the last of them left', async () => {
    const { content, arrive } = arrival()
    await arrive(2, 3)
    expect(descriptors()).toBe(0)
    const readers = [0, 100].map((start) => content.reader({ start, end: 399 }))
    for (const reader of readers) await reader.read(buffer())
    expect(descriptors()).toBe(1)
    await content.close()
    readers[0]?.close()
    expect(descriptors()).toBe(1)
    readers[1]?.close()
    await eventually('the descriptor closed', () => descriptors() === 0)
  })

  test('is not closed under a read that runs', async () => {
    const { content, arrive } = arrival()
    await arrive(2)
    const reader = content.reader({ start: 0, end: 69 })
    const into = buffer()
    const read = reader.read(into)
    reader.close()
    await content.close()
    expect(await read).toBe(70)
    expect(into.subarray(0, 70).equals(BYTES.subarray(0, 70))).toBe(true)
    await eventually('the descriptor closed', () => descriptors() === 0)
  })

  test('of a reader made after the end is closed with it', async () => {
    const { content, arrive } = arrival()
    await arrive(2)
    await content.close()
    const reader = content.reader({ start: 0, end: 99 })
    expect(await reader.read(buffer())).toBe(70)
    await expect(reader.read(buffer())).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    reader.close()
    await eventually('the descriptor closed', () => descriptors() === 0)
  })
})

describe('opened: the engine has looked at the disk', () => {
  test('nothing counts before that, then what is there', async () => {
    await writePiece(2)
    const { content, verified, missing, told } = arrival([2])
    const reader = content.reader({ start: 0, end: 399 })
    const read = reader.read(buffer())
    expect(await isWaiting(read)).toBe(true)
    content.opened(bits(2))
    // Places stated before that went to an engine that did not know the content yet.
    expect(told).toEqual([[{ at: 0, end: 399 }], [{ at: 0, end: 399 }]])
    expect(await read).toBe(70)
    expect({ verified, missing }).toEqual({ verified: [], missing: [] })
    reader.close()
    await content.close()
  })

  test('lost pieces are reported and waited for, gained ones are reported and readable', async () => {
    await writePiece(2)
    await writePiece(5)
    const { content, verified, missing, arrive } = arrival([2, 3, 4])
    content.opened(bits(2, 5))
    expect({ verified, missing }).toEqual({ verified: [5], missing: [3, 4] })
    expect([...Array(5).keys()].filter((i) => content.have.has(i))).toEqual([0, 3])
    const reader = content.reader({ start: 70, end: 399 })
    const read = reader.read(buffer())
    expect(await isWaiting(read)).toBe(true)
    await arrive(3)
    expect(await read).toBe(100)
    reader.close()
    await content.close()
  })

  test('complete on disk: finished at once', async () => {
    const { content } = arrival([2, 3, 4, 5, 6])
    content.opened(bits(2, 3, 4, 5, 6))
    await content.finished
    await content.close()
    await content.finished
  })
})

describe('the end', () => {
  test('finished when the last piece came; readers see pieces after the store does', async () => {
    const all = arrival()
    all.content.opened(bits())
    const seen: number[] = []
    const reader = all.content.reader({ start: 0, end: 399 })
    const read = reader.read(buffer()).then(() => seen.push(...all.verified))
    await all.arrive(2)
    await read
    expect(seen).toEqual([2])
    expect(await isWaiting(all.content.finished)).toBe(true)
    await all.arrive(3, 4, 5, 6)
    await all.content.finished
    expect(all.verified).toEqual([2, 3, 4, 5, 6])
    reader.close()
    await all.content.close()
  })

  test('closed twice, told once; readers fail and nothing is stated afterwards', async () => {
    const all = arrival()
    const reader = all.content.reader({ start: 0, end: 399 })
    const read = reader.read(buffer())
    await Promise.all([all.content.close(), all.content.close()])
    await expect(read).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    await expect(all.content.finished).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    expect(all.gone).toBe(1)
    const { length } = all.told
    reader.close()
    expect(all.told.length).toBe(length)
  })

  test('progress is what the engine said last', async () => {
    const { content } = arrival()
    expect(content.progress).toEqual({ peers: 0, bytesPerSecond: 0 })
    content.report({ peers: 3, bytesPerSecond: 99 })
    expect(content.progress).toEqual({ peers: 3, bytesPerSecond: 99 })
    await content.close()
  })
})
