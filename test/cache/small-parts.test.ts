import { chmod, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { replaceFile } from '../../cache/disk/replace-file.ts'
import { isMemoryVolume } from '../../cache/disk/volume.ts'
import { KeyedLock } from '../../cache/store/keyed-lock.ts'
import { errorCode, isFull } from '../../common/errors.ts'
import { type World, world } from './fixture.ts'

let w: World
beforeEach(async () => {
  w = await world()
})
afterEach(() => w.end())

describe('KeyedLock', () => {
  test('tasks of one name run in order, also after a failure; other names do not wait', async () => {
    const lock = new KeyedLock()
    const seen: string[] = []
    let open: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const first = lock.run('a', async () => {
      await gate
      seen.push('a1')
      throw new Error('a1')
    })
    const second = lock.run('a', async () => seen.push('a2'))
    await lock.run('b', async () => seen.push('b1'))
    open()
    await expect(first).rejects.toThrow('a1')
    await second
    await lock.idle()
    expect(seen).toEqual(['b1', 'a1', 'a2'])
  })
})

describe('replaceFile', () => {
  test('replaces a file; on failure the old content stays and no temporary file', async () => {
    const path = join(w.dir, 'x.json')
    await replaceFile(path, 'one')
    await replaceFile(path, 'two')
    expect(await readFile(path, 'utf8')).toBe('two')
    await mkdir(join(w.dir, 'folder'))
    await expect(replaceFile(join(w.dir, 'folder'), 'x')).rejects.toThrow()
    expect((await readdir(w.dir)).filter((name) => name.includes('tmp'))).toEqual([])
  })

  test('tells a full disk from other errors', () => {
    expect(isFull(Object.assign(new Error('x'), { code: 'ENOSPC' }))).toBe(true)
    expect(isFull(Object.assign(new Error('x'), { code: 'EIO' }))).toBe(false)
    expect([errorCode('x'), errorCode(null), errorCode({ code: 5 })]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

test('tells a volume in memory from a disk', async () => {
  expect(await isMemoryVolume('/dev/shm').catch(() => true)).toBe(true)
  await chmod(w.dir, 0o755)
  await expect(isMemoryVolume(join(w.dir, 'missing'))).rejects.toThrow()
})
