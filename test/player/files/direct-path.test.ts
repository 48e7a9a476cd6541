import { execFileSync } from 'node:child_process'
import { readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openDirectPath } from '../../../player/files/direct-path.ts'
import { payload } from '../../support/swarm/payload.ts'
import { createBench, drain, eventually, movie, sourceOf } from '../fakes.ts'

const bytes = payload('path', 100_000)
let folder = ''
let path = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-path-'))
  path = join(folder, 'film.mkv')
  await writeFile(path, bytes)
})
afterAll(() => rm(folder, { recursive: true }))

/** Descriptors of this process on the test's folder. */
function openHere(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)
    } catch {
      return false
    }
  }).length
}

test('Auto passes an empty file by', async () => {
  const empty = join(folder, 'empty.mkv')
  await writeFile(empty, '')
  const [first, second] = [empty, path].map((one, i) => sourceOf({ kind: 'path', path: one }, i))
  const bench = createBench({ sources: [first, second].filter((one) => one !== undefined) })
  const signal = new AbortController().signal
  expect((await bench.player.auto.choose({ title: movie, signal })).number).toBe(1)
  await eventually('closed', () => openHere() === 0)
})

describe('a local file', () => {
  test('plays outside the cache: bytes, name, size, one ETag until it changes', async () => {
    const bench = createBench({ sources: [sourceOf({ kind: 'path', path })] })
    const play = await bench.play().playable
    expect(play).toMatchObject({ from: 'path', name: 'film.mkv', size: bytes.length })
    expect((await drain(play)).equals(bytes)).toBe(true)
    expect((await drain(play, 99_990, 99_999)).equals(bytes.subarray(-10))).toBe(true)
    play.release()
    expect(() => play.read({ start: 0, end: 1 })).toThrow('after release')
    const again = await openDirectPath(path)
    expect(again.etag).toBe(play.etag)
    again.release()
    await writeFile(path, bytes)
    const changed = await openDirectPath(path)
    expect(changed.etag).not.toBe(play.etag)
    changed.release()
    expect(bench.player.status.stats).toMatchObject({ total: 1, hits: 0, misses: 0, active: 0 })
    await eventually('descriptors closed', () => openHere() === 0)
  })

  test('released in mid-read: the read ends first, then the descriptor', async () => {
    const play = await openDirectPath(path)
    const reader = play.read({ start: 0, end: 99_999 })
    const buffer = Buffer.alloc(50_000)
    const reading = reader.read(buffer)
    play.release()
    play.release()
    expect(await reading).toBe(50_000)
    expect(buffer.equals(bytes.subarray(0, 50_000))).toBe(true)
    await expect(reader.read(buffer)).rejects.toThrow('after release')
    reader.close()
    await expect(reader.read(buffer)).rejects.toThrow('after close')
    await eventually('descriptor closed', () => openHere() === 0)
  })

  test('cut short while it is read: an error, never a body that looks complete', async () => {
    const shrinking = join(folder, 'shrinking.mkv')
    await writeFile(shrinking, bytes)
    const play = await openDirectPath(shrinking)
    await truncate(shrinking, 10_000)
    await expect(drain(play)).rejects.toMatchObject({ code: 'FILE_MISSING' })
    play.release()
    await eventually('descriptor closed', () => openHere() === 0)
  })

  test('not there, a folder, a link, a pipe: 404 at once, no descriptor left', async () => {
    const link = join(folder, 'link.mkv')
    const pipe = join(folder, 'pipe.mkv')
    await symlink(path, link)
    execFileSync('mkfifo', [pipe])
    for (const bad of [join(folder, 'none'), folder, link, pipe]) {
      await expect(openDirectPath(bad)).rejects.toMatchObject({ code: 'FILE_MISSING', status: 404 })
    }
    expect(openHere()).toBe(0)
  })
})
