import { rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { Fault } from '../../../common/errors.ts'
import { BYTES, buffer, download, folder, isWaiting } from './download-fixture.ts'

describe('reading while a file is downloaded', () => {
  test('waits for the piece at its place, then reads the run of verified ones', async () => {
    const { file, arrive } = download()
    const reader = file.reader({ start: 0, end: 399 })
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
    await file.close()
  })

  test('never passes its range or the caller’s buffer', async () => {
    const { file, arrive } = download()
    await arrive(2, 3, 4, 5, 6)
    const reader = file.reader({ start: 65, end: 74 })
    const into = buffer(8)
    expect(await reader.read(into)).toBe(8)
    expect(into.equals(BYTES.subarray(65, 73))).toBe(true)
    expect(await reader.read(into)).toBe(2)
    expect(await reader.read(into)).toBe(0)
    reader.close()
    await file.close()
  })

  test('two readers that wait for one piece are both woken', async () => {
    const { file, arrive } = download()
    const readers = [0, 10].map((start) => file.reader({ start, end: 399 }))
    const reads = readers.map((reader) => reader.read(buffer()))
    await arrive(2)
    expect(await Promise.all(reads)).toEqual([70, 60])
    for (const reader of readers) reader.close()
    await file.close()
  })

  test('tells the engine where readers are: at the beginning, at every new piece, at the end', async () => {
    const { file, told, arrive } = download()
    await arrive(2, 3, 4, 5, 6)
    const reader = file.reader({ start: 0, end: 399 })
    expect(told).toEqual([[{ at: 0, end: 399 }]])
    await reader.read(buffer(10))
    expect(told.length).toBe(1)
    await reader.read(buffer(60))
    expect(told.at(-1)).toEqual([{ at: 70, end: 399 }])
    reader.close()
    expect(told.at(-1)).toEqual([])
    await file.close()
  })

  test('close wakes a waiting read, which rejects; other readers wait on', async () => {
    const { file, told, arrive } = download()
    const [one, two] = [file.reader({ start: 0, end: 9 }), file.reader({ start: 0, end: 9 })]
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
    await file.close()
  })

  test('a failure wakes all who wait; what is verified can still be read', async () => {
    const { file, arrive } = download()
    await arrive(2)
    const readers = [0, 100, 300].map((start) => file.reader({ start, end: 399 }))
    const reads = readers.slice(1).map((reader) => reader.read(buffer()))
    file.fail(new Fault('STALLED'))
    file.fail(new Fault('NO_PEERS'))
    for (const read of reads) await expect(read).rejects.toMatchObject({ code: 'STALLED' })
    await expect(file.finished).rejects.toMatchObject({ code: 'STALLED' })
    expect(await readers[0]?.read(buffer())).toBe(70)
    for (const reader of readers) reader.close()
    await file.close()
  })

  test('a verified piece that is not on disk is an error of ours', async () => {
    const { file, arrive } = download()
    await arrive(2, 3)
    await truncate(join(folder, '0'), 70)
    const reader = file.reader({ start: 70, end: 99 })
    await expect(reader.read(buffer())).rejects.toMatchObject({ code: 'INTERNAL' })
    reader.close()
    await file.close()
  })

  test('a file that is gone is a fault too, not a file error', async () => {
    const { file, arrive } = download()
    await arrive(2)
    await rm(join(folder, '0'))
    const reader = file.reader({ start: 0, end: 9 })
    const outcome = await reader.read(buffer()).catch((err: unknown) => err)
    expect(outcome).toBeInstanceOf(Fault)
    expect(outcome).toMatchObject({ code: 'INTERNAL' })
    reader.close()
    await file.close()
  })
})
