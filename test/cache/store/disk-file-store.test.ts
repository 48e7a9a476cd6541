import {
  access,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { filePaths, infoHashOf } from '../../../cache/disk/file-paths.ts'
import { Fault } from '../../../common/errors.ts'
import {
  allPieces,
  arrive,
  key,
  layout,
  payload,
  payloadOf,
  readAll,
  type World,
  world,
} from '../fixture.ts'

const whole = layout(10_000)
/** A file inside a larger torrent: its first and last piece reach beyond it. */
const inner = layout(5000, { offset: 1500, torrentLength: 20_000 })

let w: World
beforeEach(async () => {
  w = await world()
})
afterEach(() => w.end())

const paths = (k = key(1)) => filePaths(w.dir, k)
const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

describe('a download', () => {
  test('open makes a sparse file of the final size; it is pinned and counts 0 bytes', async () => {
    const partial = await w.store.open(key(1), 'film.mkv', whole)
    expect(payloadOf(partial)).toBe(join(w.dir, key(1)))
    expect((await stat(payloadOf(partial))).size).toBe(10_000)
    expect(partial.trusted).toBe(true)
    expect(partial.record).toMatchObject({ bytes: 0, complete: false, name: 'film.mkv' })
    expect(w.store.isPinned(key(1))).toBe(true)
    expect(w.store.stored(key(1))).toBeUndefined()
    expect(await w.store.pin(key(1))).toBeUndefined()
    await partial.close()
  })

  test('mark counts each whole piece once, pieces outside the file never; unmark takes them back', async () => {
    const partial = await w.store.open(key(1), 'x', inner)
    partial.mark([1, 1, 2, 99, 0, -1])
    expect(partial.record.bytes).toBe(2048)
    partial.unmark([2, 2, 99])
    expect(partial.record.bytes).toBe(1024)
    partial.mark(allPieces(inner))
    expect(partial.record.bytes).toBe(6 * 1024)
    await partial.close()
  })

  test('a writer that ended without telling: what it wrote counts in doubt, a hole and an edge that is missing do not', async () => {
    const partial = await w.store.open(key(1), 'x', inner)
    await arrive(partial, [2])
    const file = await open(payloadOf(partial), 'r+')
    // Pieces 1 and 3 of the torrent; 1 is a boundary piece, whose edge was not written.
    for (const at of [0, 1572])
      await file.write(Buffer.alloc(1024, 7), 0, at === 0 ? 548 : 1024, at)
    await file.close()
    partial.mayHoldMore()
    await partial.close()
    expect(partial.record.bytes).toBe(2 * 1024)
    const again = await w.store.open(key(1), 'x', inner)
    expect(again.trusted).toBe(false)
    expect(allPieces(inner).filter((piece) => again.record.pieces.has(piece - 1))).toEqual([2, 3])
    again.mark([2])
    again.unmark([3])
    await again.close()
    w = await w.reopen()
    const settled = await w.store.open(key(1), 'x', inner)
    expect(settled).toMatchObject({ trusted: true, record: { bytes: 1024 } })
    await settled.close()
  })

  test('opening twice at once is refused; opened again later it resumes', async () => {
    const partial = await w.store.open(key(1), 'x', whole)
    await expect(w.store.open(key(1), 'x', whole)).rejects.toThrow(Fault)
    await arrive(partial, [0, 3])
    await partial.close()
    await partial.close()
    expect(w.store.isPinned(key(1))).toBe(false)
    const again = await w.store.open(key(1), 'x', whole)
    expect(again.trusted).toBe(true)
    expect([0, 1, 2, 3].map((i) => again.record.pieces.has(i))).toEqual([true, false, false, true])
    expect((await readFile(payloadOf(again))).subarray(0, 1024)).toEqual(payload(whole, 0, 1023))
    await again.close()
  })

  test('a download without a piece leaves nothing', async () => {
    const partial = await w.store.open(key(1), 'x', inner)
    await partial.close()
    expect([...w.store.records()]).toEqual([])
    expect(await isThere(paths().folder)).toBe(false)
    expect(await w.index.totals()).toEqual({ files: 0, bytes: 0 })
  })

  test('another layout, or a payload of another size, starts again with nothing', async () => {
    await w.putPartial(key(1), whole, [0, 1])
    const other = await w.store.open(key(1), 'x', layout(3000))
    expect(other.record).toMatchObject({ bytes: 0, layout: layout(3000) })
    expect((await stat(payloadOf(other))).size).toBe(3000)
    await arrive(other, [0])
    await other.close()
    await truncate(paths().payload, 77)
    const again = await w.store.open(key(1), 'x', layout(3000))
    expect(again.record.bytes).toBe(0)
    expect((await stat(payloadOf(again))).size).toBe(3000)
    await again.close()
  })

  test('a payload that cannot be made is a Fault, and nothing stays pinned or counted', async () => {
    await writeFile(join(w.dir, '1'.padStart(40, '0')), 'in the way')
    await expect(w.store.open(key(1), 'x', whole)).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(w.store.isPinned(key(1))).toBe(false)
    await rm(join(w.dir, '1'.padStart(40, '0')))
    const partial = await w.store.open(key(1), 'x', whole)
    await partial.close()
  })

  test('the index follows: saved at open, at close and at publish', async () => {
    const partial = await w.store.open(key(1), 'x', whole)
    expect(await w.index.totals(w.store.node)).toEqual({ files: 1, bytes: 0 })
    await arrive(partial)
    await partial.publish()
    expect(await w.index.find(key(1))).toMatchObject([{ complete: true, bytes: 10_000 }])
    await partial.close()
  })
})

describe('publishing', () => {
  test('makes the file findable, also while the download is still open', async () => {
    const partial = await w.store.open(key(1), 'x', inner)
    await expect(partial.publish()).rejects.toMatchObject({ code: 'INTERNAL' })
    await arrive(partial)
    await partial.publish()
    expect(w.store.stored(key(1))).toMatchObject({ complete: true, bytes: 6 * 1024 })
    const pinned = await w.store.pin(key(1))
    expect(await readAll(pinned?.read({ start: 0, end: 4999 }) as never)).toEqual(payload(inner))
    pinned?.release()
    expect(await w.store.remove(key(1))).toBe(false)
    await partial.close()
    await expect(partial.publish()).rejects.toThrow(Fault)
    expect(await w.store.remove(key(1))).toBe(true)
  })

  test('a failing index does not make it fail', async () => {
    w.index.save = () => Promise.reject(new Error('down'))
    await w.put(key(1), whole)
    expect(w.store.stored(key(1))?.complete).toBe(true)
  })

  test('a payload that vanished makes it fail, and the file is not found', async () => {
    const partial = await w.store.open(key(1), 'x', whole)
    await arrive(partial)
    await rm(payloadOf(partial))
    await expect(partial.publish()).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(w.store.stored(key(1))).toBeUndefined()
    partial.unmark(allPieces(whole))
    await partial.close()
  })

  test('an empty file is complete without a piece', async () => {
    await w.put(key(1), layout(0, { torrentLength: 5000, offset: 10 }))
    w = await w.reopen()
    expect(w.store.stored(key(1))).toMatchObject({ complete: true, bytes: 0 })
  })
})

describe('around it', () => {
  test('metainfo is kept beside the files', async () => {
    const infoHash = infoHashOf(key(1))
    await w.put(key(1), layout(10))
    expect(await w.store.readMetainfo(infoHash)).toBeUndefined()
    await w.store.writeMetainfo(infoHash, Buffer.from('one'))
    await w.store.writeMetainfo(infoHash, Buffer.from('two'))
    expect(Buffer.from((await w.store.readMetainfo(infoHash)) ?? []).toString()).toBe('two')
    await expect(w.store.readMetainfo('../../etc')).rejects.toThrow(Fault)
  })

  test('metainfo that comes when its files are gone is not kept: nobody counts it', async () => {
    const infoHash = infoHashOf(key(1))
    await w.put(key(1), layout(10))
    const removing = w.store.remove(key(1))
    const writing = w.store.writeMetainfo(infoHash, Buffer.alloc(2 << 20))
    await Promise.all([removing, writing])
    expect(await readdir(w.dir)).not.toContain(infoHash)
  })

  test('a folder of a torrent without files goes when nothing has changed in it for an hour', async () => {
    const infoHash = 'a'.repeat(40)
    await mkdir(join(w.dir, infoHash))
    expect(await w.store.dropOrphans(3_600_000)).toBe(0)
    w.clock.pass(3_700_000)
    expect(await w.store.dropOrphans(3_600_000)).toBe(1)
    expect(await readdir(w.dir)).not.toContain(infoHash)
  })

  test('a folder that goes while others are looked at does not keep them', async () => {
    for (const name of ['a', 'b', 'c']) await mkdir(join(w.dir, name.repeat(40)))
    w.clock.pass(3_700_000)
    const both = await Promise.all([w.store.dropOrphans(3_600_000), w.store.dropOrphans(3_600_000)])
    expect(both.reduce((sum, one) => sum + one)).toBe(3)
    expect((await readdir(w.dir)).filter((name) => name.length === 40)).toEqual([])
  })

  test('records come least recently used first; pinning and releasing are uses', async () => {
    for (const n of [1, 2, 3]) {
      await w.put(key(n), layout(10))
      w.clock.pass(1000)
    }
    const order = () => [...w.store.records()].map((r) => r.key)
    expect(order()).toEqual([key(1), key(2), key(3)])
    const pinned = await w.store.pin(key(1))
    expect(order()).toEqual([key(2), key(3), key(1)])
    w.clock.pass(5000)
    pinned?.release()
    expect(w.clock.wall() - (w.store.stored(key(1))?.usedAt ?? 0)).toBe(0)
    expect((await w.index.leastRecent(w.store.node, 1))[0]?.key).toBe(key(2))
  })

  test('a jump of the wall clock makes no file look older', async () => {
    await w.put(key(1), layout(10))
    w.clock.pass(2000)
    w.clock.jump(3_600_000)
    expect(w.clock.wall() - (w.store.stored(key(1))?.usedAt ?? 0)).toBe(2000)
    w.clock.jump(-7_200_000)
    expect(w.clock.wall() - (w.store.stored(key(1))?.usedAt ?? 0)).toBe(2000)
  })

  test('close settles open files, refuses new ones, and may be called twice', async () => {
    const partial = await w.store.open(key(1), 'x', whole)
    await arrive(partial, [0])
    const late = await w.store.open(key(2), 'x', whole)
    await Promise.all([w.store.close(), w.store.close()])
    await expect(w.store.open(key(3), 'x', whole)).rejects.toMatchObject({ code: 'DRAINING' })
    expect(await w.store.pin(key(1))).toBeUndefined()
    late.mark([0])
    await late.close()
    w = await w.reopen()
    const again = await w.store.open(key(1), 'x', whole)
    expect(again).toMatchObject({ trusted: true })
    expect(again.record.bytes).toBe(1024)
    await again.close()
  })
})
