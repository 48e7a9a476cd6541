import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { SEGMENTS } from '../../../cache/disk/segment-files.ts'
import { createJanitor } from '../../../cache/limits/disk-janitor.ts'
import type { Janitor } from '../../../cache/limits/janitor.ts'
import { openFileStore } from '../../../cache/store/disk-file-store.ts'
import { key, layout, log, reserveWhole, type World, world } from '../fixture.ts'

const MAX = 100_000
/** What each segment takes on disk. */
const BLOCK = 4096

let w: World
let janitor: Janitor
beforeEach(async () => {
  w = await world()
  janitor = janitorOf()
})
afterEach(async () => {
  await janitor.segments.close()
  await w.end()
})

const janitorOf = (freeBytes = async () => 1e12): Janitor =>
  createJanitor({
    ...{ ...w, log, freeBytes },
    limits: { ttlSeconds: 3600, maxFiles: 100, maxBytes: MAX },
  })

const bytesOf = (n: number, size = BLOCK): Uint8Array => new Uint8Array(size).fill(n)

async function keep(count: number, size = BLOCK): Promise<void> {
  for (let n = 0; n < count; n++) await janitor.segments.keep(`s${n}`, bytesOf(n, size))
}

/** Names, sorted. */
const kept = async (): Promise<string[]> =>
  (await readdir(join(w.dir, SEGMENTS)).catch(() => [])).sort()

test('what was kept is read as it was, and counts as used in blocks of the disk', async () => {
  await janitor.segments.keep('one', bytesOf(7, 100))
  expect(await janitor.segments.read('one')).toEqual(Buffer.from(bytesOf(7, 100)))
  expect(await janitor.segments.read('two')).toBeUndefined()
  expect(await janitor.disk()).toMatchObject({ usedBytes: BLOCK, segmentBytes: BLOCK })
  await janitor.segments.keep('one', bytesOf(8, 100))
  expect(await janitor.segments.read('one')).toEqual(Buffer.from(bytesOf(7, 100)))
  expect(await janitor.disk()).toMatchObject({ segmentBytes: BLOCK })
})

test('a file that was changed, cut or removed by others is not played', async () => {
  await keep(3)
  const place = (n: number) => join(w.dir, SEGMENTS, `s${n}`)
  await writeFile(place(0), bytesOf(9))
  await writeFile(place(1), bytesOf(1, 10))
  await writeFile(place(2), await readFile(place(2)))
  expect(await janitor.segments.read('s0')).toBeUndefined()
  expect(await janitor.segments.read('s1')).toBeUndefined()
  expect(await janitor.segments.read('s2')).toEqual(Buffer.from(bytesOf(2)))
  expect(await janitor.disk()).toMatchObject({ segmentBytes: BLOCK })
  expect(await kept()).toEqual(['s2'])
})

test('a new one takes the room of those that nobody has read for longest, never of a file', async () => {
  await w.put(key(1), layout(MAX - 3 * BLOCK - 1000))
  await keep(3)
  await janitor.segments.read('s0')
  await janitor.segments.keep('s3', bytesOf(3))
  expect(await kept()).toEqual(['s0', 's2', 's3'])
  expect(w.store.stored(key(1))).toBeDefined()
  expect((await janitor.disk()).usedBytes).toBeLessThanOrEqual(MAX)
})

test('segments go before any file does, and only as many as have to', async () => {
  await w.put(key(1), layout(40_000))
  await keep(10)
  // Free: 100,000 less 40 pieces of 1 KiB less ten blocks.
  const room = await reserveWhole(janitor, key(2), layout(30_000))
  const { usedBytes, reservedBytes } = await janitor.disk()
  expect(usedBytes + reservedBytes).toBeLessThanOrEqual(MAX)
  expect(await kept()).toEqual(['s3', 's4', 's5', 's6', 's7', 's8', 's9'])
  expect(w.store.stored(key(1))).toBeDefined()
  room.release()
})

test('what was promised to a film, and is not there yet, is not taken', async () => {
  const room = janitor.reserve(key(1), 'file')
  await room.grow(1024, undefined, 98_000)
  await keep(2)
  expect(await kept()).toEqual([])
  room.release()
  await keep(2)
  expect(await kept()).toEqual(['s0', 's1'])
})

test('neither a volume that is full, nor one segment that is an eighth of all, nor an empty one', async () => {
  await janitor.segments.keep('large', bytesOf(1, MAX / 8 + 1))
  await janitor.segments.keep('empty', bytesOf(1, 0))
  janitor = janitorOf(async () => 0)
  await keep(1)
  expect(await kept()).toEqual([])
})

test('a sweep removes what nobody has read for CACHE_TTL; clear removes all, and tells their bytes', async () => {
  await keep(1)
  w.clock.pass(3_599_000)
  await janitor.segments.keep('late', bytesOf(1))
  w.clock.pass(1000)
  await janitor.sweep()
  expect(await kept()).toEqual(['late'])
  expect(await janitor.clear(new Set())).toMatchObject({ bytes: 0 })
  expect(await janitor.clear()).toMatchObject({ files: 0, bytes: BLOCK })
  expect(await kept()).toEqual([])
})

test('a start removes what an earlier process has kept', async () => {
  await keep(2)
  await janitor.segments.close()
  await w.store.close()
  const store = await openFileStore({ ...w, persistent: true, log })
  expect(await kept()).toEqual([])
  await store.close()
})

test('after its end nothing is kept', async () => {
  const last = janitor.segments.keep('last', bytesOf(1))
  await janitor.segments.close()
  await last
  await keep(1)
  expect(await kept()).toEqual(['last'])
  expect(await janitor.segments.read('last')).toBeUndefined()
})

test('a name that is none of ours is refused, and counts nothing', async () => {
  await janitor.segments.keep('../out', bytesOf(1))
  expect(await janitor.disk()).toMatchObject({ segmentBytes: 0 })
})
