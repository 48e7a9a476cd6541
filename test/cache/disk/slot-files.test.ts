import { access, mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { SLOTS } from '../../../cache/disk/slot-files.ts'
import { key, type World, world } from '../fixture.ts'

let w: World
beforeEach(async () => {
  w = await world()
})
afterEach(() => w.end())

describe('slots on disk', () => {
  test('each file gets an empty slot file of its own, removed at close', async () => {
    const [one, two] = await Promise.all([w.store.openSlots(key(1)), w.store.openSlots(key(1, 2))])
    expect(one.path.startsWith(join(w.dir, SLOTS))).toBe(true)
    expect(one.path).not.toBe(two.path)
    expect((await readFile(one.path)).length).toBe(0)
    await Promise.all([one.close(), one.close()])
    await one.close()
    await two.close()
    expect(await readdir(join(w.dir, SLOTS))).toEqual([])
  })

  test('closed while somebody still has it open: its room is free at once', async () => {
    const place = await w.store.openSlots(key(1))
    const file = await open(place.path, 'r+')
    await file.write(Buffer.alloc(50_000))
    await place.close()
    expect((await file.stat()).blocks).toBe(0)
    await file.close()
  })

  test('an older file of that name is emptied', async () => {
    const place = await w.store.openSlots(key(1))
    await writeFile(place.path, 'left by somebody')
    expect((await stat((await w.store.openSlots(key(1))).path)).size).toBe(0)
  })

  test.each([true, false])(
    'what a crash left is gone at the next start (persistent: %s)',
    async (persistent) => {
      const place = await w.store.openSlots(key(1))
      await writeFile(place.path, 'left by a crash')
      await mkdir(join(w.dir, SLOTS, 'deeper'))
      w = await w.reopen(persistent)
      await expect(access(join(w.dir, SLOTS))).rejects.toMatchObject({ code: 'ENOENT' })
    },
  )

  test('slot files are not listed, not counted and not swept', async () => {
    const place = await w.store.openSlots(key(1))
    await writeFile(place.path, 'bytes')
    expect([...w.store.records()]).toEqual([])
    expect(await w.store.pin(key(1))).toBe(undefined)
    expect(await w.store.dropOrphans(0)).toBe(0)
    expect(await readFile(place.path, 'utf8')).toBe('bytes')
  })
})
