import { execFileSync } from 'node:child_process'
import { mkdir, readdir, rm, truncate } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { filePaths, infoHashOf } from '../../../cache/disk/file-paths.ts'
import { readSidecar } from '../../../cache/disk/sidecar.ts'
import { key, layout, type World, world } from '../fixture.ts'

const film = layout(10_000)
const HASH = infoHashOf(key(1))
/** Names that we read at the start or later; a pipe in their place is waited for, for ever. */
const NAMES = [
  '.playlink',
  'values.journal',
  `${HASH}/0`,
  `${HASH}/0.json`,
  `${HASH}/metainfo.torrent`,
]

let w: World
beforeEach(async () => {
  w = await world()
  await w.put(key(1), film)
  await w.put(key(2), film)
  await w.store.writeMetainfo(HASH, Buffer.from('ours'))
})
afterEach(() => w.end())

describe('what we never make, in the cache folder', () => {
  test.each(NAMES)('a pipe named %s is removed at the start', async (name) => {
    await w.store.close()
    const path = join(w.dir, name)
    await rm(path, { force: true })
    execFileSync('mkfifo', [path])
    w = await w.reopen()
    expect(w.store.stored(key(2))).toMatchObject({ complete: true })
    // Not with the film that it was of: that may be fetched again, and is complete without its .torrent.
    const left = await readdir(w.dir, { recursive: true, withFileTypes: true })
    expect(left.filter((one) => one.isFIFO())).toEqual([])
  })

  test('a socket is removed as well', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(w.dir, HASH, '7'), resolve))
    w = await w.reopen()
    expect(await readdir(join(w.dir, HASH))).not.toContain('7')
    await new Promise((resolve) => server.close(resolve))
  })

  test('a folder in place of the bytes beside a film is removed, and its piece is fetched again', async () => {
    // Its first and last piece reach into the files beside it.
    await w.put(key(3), layout(5000, { offset: 1500, torrentLength: 20_000 }))
    await w.store.close()
    const { edges } = filePaths(w.dir, key(3))
    const [name = ''] = await readdir(edges)
    await rm(join(edges, name))
    await mkdir(join(edges, name, 'x'), { recursive: true })
    w = await w.reopen()
    expect(await readdir(edges).catch(() => [])).not.toContain(name)
    expect(w.store.stored(key(2))).toMatchObject({ complete: true })
  })

  test('a pipe that is made while the server runs keeps nobody waiting', async () => {
    const { metainfo, sidecar } = filePaths(w.dir, key(1))
    for (const path of [metainfo, sidecar]) {
      await rm(path)
      execFileSync('mkfifo', [path])
    }
    expect(readSidecar(sidecar, key(1))).toBeUndefined()
    expect(await w.store.readMetainfo(HASH)).toHaveLength(0)
  })

  test('a sidecar or .torrent of 1 GB is not read', async () => {
    const { metainfo, sidecar } = filePaths(w.dir, key(1))
    // What is still to be written is written now.
    await w.store.close()
    for (const path of [metainfo, sidecar]) await truncate(path, 1e9)
    expect(readSidecar(sidecar, key(1))).toBeUndefined()
    expect(await w.store.readMetainfo(HASH)).toBeUndefined()
    w = await w.reopen()
    expect(w.store.stored(key(1))).toBeUndefined()
    expect(w.store.stored(key(2))).toMatchObject({ complete: true })
  })
})
