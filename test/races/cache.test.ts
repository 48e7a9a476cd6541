import { randomInt } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { filePaths } from '../../cache/disk/file-paths.ts'
import { createJanitor } from '../../cache/limits/disk-janitor.ts'
import type { Janitor, Reservation } from '../../cache/limits/janitor.ts'
import {
  allPieces,
  arrive,
  key,
  layout,
  log,
  payload,
  readAll,
  reserveWhole,
  seeded,
  type World,
  world,
} from '../cache/fixture.ts'

// Printed by the name of each test, so that a failing run can be repeated: PLAYLINK_SEED=... npm test
const SEED = Number(process.env.PLAYLINK_SEED ?? randomInt(1_000_000))
const film = layout(6000)

let w: World
let janitor: Janitor
const limits = { ttlSeconds: 3600, maxFiles: 6, maxBytes: 36_000 }
beforeEach(async () => {
  w = await world()
  janitor = createJanitor({ ...w, log, limits, freeBytes: async () => 1e12 })
})
afterEach(() => w.end())

function expectWithinLimits(): void {
  const records = [...w.store.records()]
  expect(records.reduce((sum, r) => sum + r.bytes, 0)).toBeLessThanOrEqual(limits.maxBytes)
  expect(records.length).toBeLessThanOrEqual(limits.maxFiles)
}

test(`concurrent reserves are never over the limit (seed ${SEED})`, async () => {
  const random = seeded(SEED)
  async function download(n: number): Promise<boolean> {
    const l = layout(1000 + random.below(8000))
    let room: Reservation
    try {
      room = await reserveWhole(janitor, key(n), l)
    } catch (error) {
      expect(error).toMatchObject({ code: 'DOES_NOT_FIT' })
      return false
    }
    const partial = await w.store.open(key(n), 'x', l)
    for (const piece of allPieces(l)) {
      await arrive(partial, [piece])
      const disk = await janitor.disk()
      expect(disk.usedBytes + disk.reservedBytes).toBeLessThanOrEqual(limits.maxBytes)
      expectWithinLimits()
      if (random.below(20) === 0) break
    }
    if (partial.record.pieces.complete) await partial.publish()
    await partial.close()
    room.release()
    return true
  }
  // Eight at a time, so that later ones find complete files to evict, and open ones that have to stay.
  let came = 0
  const workers = Array.from({ length: 8 }, async (_, worker) => {
    for (let i = 0; i < 5; i++) {
      await delay(random.below(5))
      if (await download(worker * 5 + i)) came++
    }
  })
  // Segments beside them, which have to go for each of those that come.
  const segments = Array.from({ length: 60 }, async (_, n) => {
    await delay(random.below(60))
    await janitor.segments.keep(`s${n}`, new Uint8Array(1 + random.below(4000)))
    await janitor.segments.read(`s${random.below(60)}`)
    const disk = await janitor.disk()
    expect(disk.usedBytes + disk.reservedBytes).toBeLessThanOrEqual(limits.maxBytes)
  })
  await Promise.all([...workers, ...segments])
  expect(came).toBeGreaterThan(limits.maxFiles)
  expect(await janitor.disk()).toMatchObject({ reservedBytes: 0 })
  expectWithinLimits()
})

test(`a pinned file is never removed (seed ${SEED})`, async () => {
  const random = seeded(SEED)
  let pinned = 0
  for (let round = 0; round < 30; round++) {
    await w.put(key(1), film)
    const tasks = Array.from({ length: 6 }, async (_, i) => {
      if (random.below(3) > 0) await delay(random.below(4))
      if (i < 3) return void (await w.store.remove(key(1)))
      const file = await w.store.pin(key(1))
      if (!file) return
      pinned++
      expect(await w.store.remove(key(1))).toBe(false)
      await delay(random.below(3))
      expect(await readAll(file.read({ start: 0, end: 5999 }))).toEqual(payload(film))
      expect((await stat(filePaths(w.dir, key(1)).payload)).size).toBe(6000)
      file.release()
    })
    await Promise.all(tasks)
    while (w.store.stored(key(1))) await w.store.remove(key(1))
  }
  expect(pinned).toBeGreaterThan(0)
  await expect(stat(filePaths(w.dir, key(1)).folder)).rejects.toThrow()
})

test(`publish against remove, clear and sweep: published whole or not at all (seed ${SEED})`, async () => {
  const random = seeded(SEED)
  for (let round = 0; round < 25; round++) {
    const partial = await w.store.open(key(1), 'x', film)
    await arrive(partial)
    const publishing = delay(random.below(3)).then(() => partial.publish())
    const others = [
      () => w.store.remove(key(1)),
      () => janitor.clear(),
      () => janitor.sweep(),
      () => w.store.remove(key(1)),
    ].map(async (task) => {
      await delay(random.below(6))
      await task()
    })
    await Promise.all([publishing, ...others])
    const file = await w.store.pin(key(1))
    expect(await readAll(file?.read({ start: 0, end: 5999 }) as never)).toEqual(payload(film))
    file?.release()
    await Promise.all([partial.close(), w.store.remove(key(1))])
    const left = w.store.stored(key(1))
    if (left) expect((await stat(filePaths(w.dir, key(1)).payload)).size).toBe(6000)
    else await expect(stat(filePaths(w.dir, key(1)).payload)).rejects.toThrow()
  }
})

test(`a sweep cuts off no reader (seed ${SEED})`, async () => {
  const random = seeded(SEED)
  for (let n = 1; n <= 6; n++) await w.put(key(n), film)
  const greedy = createJanitor({ ...w, log, limits: { ttlSeconds: 0, maxFiles: 1, maxBytes: 1 } })
  let sweeping = true
  const sweeps = (async () => {
    while (sweeping) await greedy.sweep()
  })()
  const readers = Array.from({ length: 6 }, async (_, i) => {
    const file = await w.store.pin(key(i + 1))
    if (!file) return 0
    for (let round = 0; round < 8; round++) {
      const start = random.below(6000)
      const end = start + random.below(6000 - start)
      expect(await readAll(file.read({ start, end }), 500)).toEqual(payload(film, start, end))
      await delay(random.below(3))
    }
    file.release()
    return 1
  })
  const done = await Promise.all(readers)
  sweeping = false
  await sweeps
  await greedy.sweep()
  expect(done.reduce<number>((a, b) => a + b, 0)).toBeGreaterThan(0)
  expect([...w.store.records()]).toEqual([])
})

test(`close during downloads loses no settled piece (seed ${SEED})`, async () => {
  const random = seeded(SEED)
  let marked = 0
  for (let round = 0; round < 6; round++) {
    const partial = await w.store.open(key(1), 'x', film)
    expect(partial.trusted).toBe(true)
    expect(partial.record.pieces.count).toBe(marked)
    await arrive(partial, [random.below(6)])
    marked = partial.record.pieces.count
    const closing = random.below(2) ? partial.close() : undefined
    w = await w.reopen()
    await closing
  }
})
