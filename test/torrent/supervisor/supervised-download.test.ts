import { describe, expect, test } from '@jest/globals'
import { eventually } from '../../support/wait.ts'
import {
  BYTES,
  bits,
  buffer,
  descriptors,
  download,
  isWaiting,
  writePiece,
} from './download-fixture.ts'

describe('the descriptor', () => {
  test('is one for all readers and closed after the last of them left', async () => {
    const { file, arrive } = download()
    await arrive(2, 3)
    expect(descriptors()).toBe(0)
    const readers = [0, 100].map((start) => file.reader({ start, end: 399 }))
    for (const reader of readers) await reader.read(buffer())
    expect(descriptors()).toBe(1)
    await file.close()
    readers[0]?.close()
    expect(descriptors()).toBe(1)
    readers[1]?.close()
    await eventually('the descriptor closed', () => descriptors() === 0)
  })

  test('is not closed under a read that runs', async () => {
    const { file, arrive } = download()
    await arrive(2)
    const reader = file.reader({ start: 0, end: 69 })
    const into = buffer()
    const read = reader.read(into)
    reader.close()
    await file.close()
    expect(await read).toBe(70)
    expect(into.subarray(0, 70).equals(BYTES.subarray(0, 70))).toBe(true)
    await eventually('the descriptor closed', () => descriptors() === 0)
  })

  test('of a reader made after the end is closed with it', async () => {
    const { file, arrive } = download()
    await arrive(2)
    await file.close()
    const reader = file.reader({ start: 0, end: 99 })
    expect(await reader.read(buffer())).toBe(70)
    await expect(reader.read(buffer())).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    reader.close()
    await eventually('the descriptor closed', () => descriptors() === 0)
  })
})

describe('opened: the engine has looked at the disk', () => {
  test('no piece counts before that, then those on disk', async () => {
    await writePiece(2)
    const { file, verified, missing, told } = download([2])
    const reader = file.reader({ start: 0, end: 399 })
    const read = reader.read(buffer())
    expect(await isWaiting(read)).toBe(true)
    file.opened(bits(2))
    // Places told before that went to an engine that did not know the file yet.
    expect(told).toEqual([[{ at: 0, end: 399 }], [{ at: 0, end: 399 }]])
    expect(await read).toBe(70)
    expect({ verified, missing }).toEqual({ verified: [], missing: [] })
    reader.close()
    await file.close()
  })

  test('lost pieces are reported and waited for, gained ones are reported and readable', async () => {
    await writePiece(2)
    await writePiece(5)
    const { file, verified, missing, arrive } = download([2, 3, 4])
    file.opened(bits(2, 5))
    expect({ verified, missing }).toEqual({ verified: [5], missing: [3, 4] })
    expect([...Array(5).keys()].filter((i) => file.have.has(i))).toEqual([0, 3])
    const reader = file.reader({ start: 70, end: 399 })
    const read = reader.read(buffer())
    expect(await isWaiting(read)).toBe(true)
    await arrive(3)
    expect(await read).toBe(100)
    reader.close()
    await file.close()
  })

  test('resumed by another engine: pieces that it found can be read, and are told once', async () => {
    const { file, verified, missing, told, arrive } = download()
    file.opened(bits())
    await arrive(3)
    const reader = file.reader({ start: 0, end: 69 })
    const read = reader.read(buffer())
    const before = told.length
    // The boundary piece came from the neighbour file.
    await writePiece(2)
    file.resumed(bits(2, 3))
    expect(await read).toBe(70)
    expect({ verified, missing }).toEqual({ verified: [3, 2], missing: [] })
    expect(told.slice(before)).toEqual([[{ at: 0, end: 69 }]])
    reader.close()
    await file.close()
  })

  test('complete on disk: finished at once', async () => {
    const { file } = download([2, 3, 4, 5, 6])
    file.opened(bits(2, 3, 4, 5, 6))
    await file.finished
    await file.close()
    await file.finished
  })
})

describe('the end', () => {
  test('finished when the last piece came; readers see pieces after the store does', async () => {
    const all = download()
    all.file.opened(bits())
    const seen: number[] = []
    const reader = all.file.reader({ start: 0, end: 399 })
    const read = reader.read(buffer()).then(() => seen.push(...all.verified))
    await all.arrive(2)
    await read
    expect(seen).toEqual([2])
    expect(await isWaiting(all.file.finished)).toBe(true)
    await all.arrive(3, 4, 5, 6)
    await all.file.finished
    expect(all.verified).toEqual([2, 3, 4, 5, 6])
    reader.close()
    await all.file.close()
  })

  test('closed twice, told once; readers fail and the engine is told nothing afterwards', async () => {
    const all = download()
    const reader = all.file.reader({ start: 0, end: 399 })
    const read = reader.read(buffer())
    await Promise.all([all.file.close(), all.file.close()])
    await expect(read).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    await expect(all.file.finished).rejects.toMatchObject({ code: 'ENGINE_DIED' })
    expect(all.gone).toBe(1)
    const { length } = all.told
    reader.close()
    expect(all.told.length).toBe(length)
  })

  test('progress is what the engine said last', async () => {
    const { file } = download()
    expect(file.progress).toEqual({ peers: 0, bytesPerSecond: 0 })
    file.report({ peers: 3, bytesPerSecond: 99 })
    expect(file.progress).toEqual({ peers: 3, bytesPerSecond: 99 })
    await file.close()
  })
})
