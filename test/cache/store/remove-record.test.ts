import { access, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { filePaths } from '../../../cache/disk/file-paths.ts'
import { Fault } from '../../../common/errors.ts'
import { arrive, key, layout, type World, world } from '../fixture.ts'

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

describe('removing', () => {
  test('not while pinned; then everything of the file and no more', async () => {
    await w.put(key(1, 0), inner)
    await w.put(key(1, 1), { ...inner, offset: 9000 })
    await w.store.writeMetainfo('1'.padStart(40, '0'), Buffer.from('d4:infod..'))
    const pinned = await w.store.pin(key(1, 0))
    expect(await w.store.remove(key(1, 0))).toBe(false)
    pinned?.release()
    expect(await w.store.remove(key(1, 0))).toBe(true)
    expect(await w.store.remove(key(1, 0))).toBe(false)
    const left = await readdir(paths().folder, { recursive: true })
    expect(left.sort()).toEqual([
      '1',
      '1.json',
      'edges',
      'edges/1-13',
      'edges/1-8',
      'metainfo.torrent',
    ])
    expect(await w.store.remove(key(1, 1))).toBe(true)
    expect(await isThere(paths().folder)).toBe(false)
    expect(await w.index.totals()).toEqual({ files: 0, bytes: 0 })
  })

  test('two removals at once: one of them did it', async () => {
    await w.put(key(1), whole)
    const both = await Promise.all([w.store.remove(key(1)), w.store.remove(key(1))])
    expect(both.sort()).toEqual([false, true])
  })

  test('not found from the call on, but counted until it is gone', async () => {
    await w.put(key(1), whole)
    const removed = w.store.remove(key(1))
    expect(w.store.stored(key(1))).toBeUndefined()
    expect(await w.store.pin(key(1))).toBeUndefined()
    expect([...w.store.records()].map(({ bytes }) => bytes)).toEqual([10_000])
    expect(await removed).toBe(true)
    expect([...w.store.records()]).toEqual([])
  })

  test('opening a file that is being removed waits and starts with nothing', async () => {
    await w.put(key(1), whole)
    const removed = w.store.remove(key(1))
    const partial = await w.store.open(key(1), 'x', whole)
    expect(await removed).toBe(true)
    expect(partial.record.bytes).toBe(0)
    await arrive(partial)
    await partial.publish()
    await partial.close()
    expect(w.store.stored(key(1))?.complete).toBe(true)
  })

  test('a file that cannot be removed stays counted, and goes the next time', async () => {
    await w.put(key(1), inner)
    const edge = join(paths().edges, '0-1')
    await rm(edge)
    // A folder where a file should be: rm without recursive refuses it.
    await mkdir(edge)
    expect(await w.store.remove(key(1))).toBe(false)
    expect([...w.store.records()].map(({ bytes }) => bytes)).toEqual([6 * 1024])
    expect(w.store.stored(key(1))).toBeUndefined()
    await expect(w.store.open(key(1), 'x', inner)).rejects.toThrow(Fault)
    await rm(edge, { recursive: true })
    expect(await w.store.remove(key(1))).toBe(true)
    expect([...w.store.records()]).toEqual([])
  })
})
