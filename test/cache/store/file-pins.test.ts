import { readdir, rm, truncate } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { filePaths } from '../../../cache/disk/file-paths.ts'
import { Fault } from '../../../common/errors.ts'
import { eventually } from '../../support/wait.ts'
import { key, layout, payload, readAll, type World, world } from '../fixture.ts'

const whole = layout(10_000)

let w: World
beforeEach(async () => {
  w = await world()
})
afterEach(() => w.end())

const paths = (k = key(1)) => filePaths(w.dir, k)

describe('reading', () => {
  test('pinned from the call on, before anything is awaited', async () => {
    await w.put(key(1), whole)
    const holding = w.store.pin(key(1))
    expect(w.store.isPinned(key(1))).toBe(true)
    expect(await w.store.remove(key(1))).toBe(false)
    ;(await holding)?.release()
  })

  test('exact ranges, in several reads, by several readers on one descriptor', async () => {
    await w.put(key(1), whole)
    const pinned = await w.store.pin(key(1))
    if (!pinned) throw new Error('not pinned')
    const before = (await readdir('/proc/self/fd').catch(() => [])).length
    const other = await w.store.pin(key(1))
    for (const [start, end] of [
      [0, 9999],
      [0, 0],
      [9999, 9999],
      [5, 1700],
    ] as const) {
      expect(await readAll(pinned.read({ start, end }))).toEqual(payload(whole, start, end))
    }
    expect((await readdir('/proc/self/fd').catch(() => [])).length).toBe(before)
    const reader = pinned.read({ start: 0, end: 99 })
    pinned.release()
    pinned.release()
    await expect(reader.read(Buffer.alloc(10))).rejects.toThrow(Fault)
    expect(await readAll(other?.read({ start: 1, end: 9 }) as never)).toEqual(payload(whole, 1, 9))
    other?.release()
    expect(w.store.isPinned(key(1))).toBe(false)
  })

  test('a file stays open for the next reader, and is closed before it is removed', async () => {
    await w.put(key(1), whole)
    const open = async () => (await readdir('/proc/self/fd')).length
    const none = await open()
    for (let i = 0; i < 3; i++) {
      const pinned = await w.store.pin(key(1))
      await readAll(pinned?.read({ start: 0, end: 99 }) as never)
      pinned?.release()
    }
    expect(await open()).toBe(none + 1)
    expect(await w.store.remove(key(1))).toBe(true)
    await eventually('closed', async () => (await open()) === none)
  })

  test('a closed reader rejects; the file stays open for the others', async () => {
    await w.put(key(1), whole)
    const pinned = await w.store.pin(key(1))
    const reader = pinned?.read({ start: 0, end: 99 })
    const waiting = reader?.read(Buffer.alloc(10))
    reader?.close()
    reader?.close()
    await expect(waiting).rejects.toThrow(Fault)
    await expect(reader?.read(Buffer.alloc(10))).rejects.toThrow(Fault)
    expect(await readAll(pinned?.read({ start: 0, end: 9 }) as never)).toEqual(payload(whole, 0, 9))
    pinned?.release()
  })

  test('a range outside the file, and a file that was cut short, are faults', async () => {
    await w.put(key(1), whole)
    const pinned = await w.store.pin(key(1))
    expect(() => pinned?.read({ start: 0, end: 10_000 })).toThrow(Fault)
    expect(() => pinned?.read({ start: 5, end: 3 })).toThrow(Fault)
    const reader = pinned?.read({ start: 9000, end: 9999 })
    await truncate(paths().payload, 9100)
    expect(await reader?.read(Buffer.alloc(1000))).toBe(100)
    await expect(reader?.read(Buffer.alloc(1000))).rejects.toThrow(Fault)
    pinned?.release()
  })

  test('a file that somebody removed or changed is forgotten', async () => {
    await w.put(key(1), whole)
    await w.put(key(2), whole)
    await rm(paths().payload)
    await truncate(paths(key(2)).payload, 5)
    expect(await Promise.all([w.store.pin(key(1)), w.store.pin(key(1))])).toEqual([
      undefined,
      undefined,
    ])
    expect(await w.store.pin(key(2))).toBeUndefined()
    expect([...w.store.records()]).toEqual([])
    expect(await w.index.totals()).toEqual({ files: 0, bytes: 0 })
  })
})

describe('readers that take nothing', () => {
  const MINUTE = 60_000
  const open = async () => (await readdir('/proc/self/fd').catch(() => [])).length

  test('are told from those that read, and lose their pins when they are given up', async () => {
    await w.put(key(1), whole)
    const none = await open()
    const [idle, other] = [await w.store.pin(key(1)), await w.store.pin(key(1))]
    const reader = idle?.read({ start: 0, end: 99 })
    w.clock.pass(MINUTE - 1)
    await reader?.read(Buffer.alloc(10))
    w.clock.pass(MINUTE - 1)
    w.store.giveUpIdle(key(1))
    expect([w.store.hasIdleReaders(key(1)), w.store.isPinned(key(1))]).toEqual([false, true])
    w.clock.pass(1)
    expect(w.store.hasIdleReaders(key(1))).toBe(true)
    expect(await w.store.remove(key(1))).toBe(false)
    w.store.giveUpIdle(key(1))
    expect([w.store.hasIdleReaders(key(1)), w.store.isPinned(key(1))]).toEqual([false, false])
    await expect(reader?.read(Buffer.alloc(10))).rejects.toThrow(Fault)
    expect(await w.store.remove(key(1))).toBe(true)
    // Else the system would keep its bytes.
    await eventually('closed', async () => (await open()) === none)
    idle?.release()
    other?.release()
    expect(await open()).toBe(none)
  })

  test('that were given up release nothing of who comes then', async () => {
    await w.put(key(1), whole)
    const idle = await w.store.pin(key(1))
    w.clock.pass(MINUTE)
    w.store.giveUpIdle(key(1))
    const next = await w.store.pin(key(1))
    idle?.release()
    expect(w.store.isPinned(key(1))).toBe(true)
    expect(await readAll(next?.read({ start: 0, end: 9 }) as never)).toEqual(payload(whole, 0, 9))
    next?.release()
    expect(w.store.isPinned(key(1))).toBe(false)
  })

  test('of a file that nobody has, or nobody reads: nothing happens', async () => {
    await w.put(key(1), whole)
    for (const one of [key(1), key(9)]) {
      expect(w.store.hasIdleReaders(one)).toBe(false)
      w.store.giveUpIdle(one)
    }
    expect(w.store.stored(key(1))).toBeDefined()
  })
})
